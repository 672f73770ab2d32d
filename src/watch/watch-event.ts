/** What a running watcher tells those who listen: screens, logs, `--json`, the web page. */
import type { Instant } from '../base/clock.ts';
import type { ErrorRecord } from '../base/errors.ts';
import type { Reason } from '../base/reason.ts';
import type { Answer, Observed, Published } from '../drivers/driver.ts';
import type { ProbeResult } from '../probes/probe.ts';
import type { EndpointName, MemberName } from '../site/model.ts';
import type { ChangeKind } from './endpoint-state.ts';
import type { HealthStatus } from './health.ts';

export type WatchEvent = { readonly at: Instant } & (
  | { readonly type: 'started'; readonly listening: readonly string[] }
  | { readonly type: 'stopped' }
  /** An endpoint that nothing is decided for, and why. */
  | { readonly type: 'frozen'; readonly endpoint: EndpointName; readonly error: ErrorRecord }
  | ({ readonly endpoint: EndpointName } & EndpointEvent)
);

export type EndpointEvent =
  | {
      readonly type: 'changed';
      readonly kind: ChangeKind;
      readonly answer: Answer;
      readonly from: readonly MemberName[];
      readonly because: Reason;
    }
  /** What the endpoint waits for, or that all is well: said when it changes. */
  | { readonly type: 'standing'; readonly because: Reason }
  | {
      readonly type: 'member';
      readonly member: MemberName;
      readonly status: HealthStatus;
      readonly because: Reason;
    }
  | {
      readonly type: 'probed';
      readonly member: MemberName;
      readonly probe: string;
      readonly result: ProbeResult;
    }
  /** What a probe warns of although the member is well, or that it warns no more. */
  | {
      readonly type: 'warned';
      readonly member: MemberName;
      readonly probe: string;
      readonly because: Reason;
    }
  | { readonly type: 'published'; readonly answer: Answer; readonly published: Published }
  | {
      readonly type: 'publish-failed';
      readonly answer: Answer;
      readonly error: ErrorRecord;
      readonly attempt: number;
    }
  | { readonly type: 'observed'; readonly observed: Observed; readonly drift: Reason | undefined }
  | { readonly type: 'observe-failed'; readonly error: ErrorRecord }
  | {
      readonly type: 'parity';
      readonly candidate: MemberName;
      readonly active: MemberName;
      readonly fit: boolean;
      readonly because: Reason;
    }
  | {
      readonly type: 'command';
      readonly by: string;
      readonly verb: string;
      readonly outcome: 'done' | 'unchanged' | 'refused';
      readonly because: Reason;
    };

/** What can happen to an endpoint, and what a decision asks of the world. */
import type { Reason } from '../base/reason.ts';
import type { Answer } from '../drivers/driver.ts';
import type { ProbeStatus } from '../probes/probe.ts';
import type { MemberName } from '../site/model.ts';
import type { EndpointState } from './endpoint-state.ts';
import type { Moment } from './moment.ts';

export type WatchInput = { readonly at: Moment } & (
  | Probed
  | Tick
  | Commanded
  | ParityKnown
  | Adopted
  | Observed
  | RefusedAsOlder
);

/** One probe of one member ended. */
export interface Probed {
  readonly type: 'probed';
  readonly member: MemberName;
  readonly probe: string;
  readonly status: ProbeStatus;
  readonly because: Reason;
}

/** Time passed. */
export interface Tick {
  readonly type: 'tick';
}

/** A person decided. */
export interface Commanded {
  readonly type: 'command';
  readonly id: string;
  readonly by: string;
  readonly command: Command;
}

export type Command =
  | { readonly verb: 'switch'; readonly to: MemberName; readonly acceptLoss: boolean }
  | { readonly verb: 'failback'; readonly acceptLoss: boolean }
  | { readonly verb: 'drain'; readonly member: MemberName; readonly acceptLoss: boolean }
  | { readonly verb: 'undrain'; readonly member: MemberName }
  | {
      readonly verb: 'force';
      readonly members: readonly MemberName[];
      /** Absent: until released. */
      readonly forMs?: number | undefined;
    }
  | { readonly verb: 'release' };

/** The parity check `ask` ended. */
export interface ParityKnown {
  readonly type: 'parity-known';
  readonly ask: number;
  readonly fit: boolean;
  readonly because: Reason;
}

/** What clients got before the first start: it becomes the first answer, so that starting to watch moves nobody. */
export interface Adopted {
  readonly type: 'adopted';
  readonly members: readonly MemberName[];
}

/** What clients get now differs from the answer (`drift`), or not. */
export interface Observed {
  readonly type: 'observed';
  readonly epoch: number;
  /** Who answers clients now, where the driver knows it. */
  readonly members?: readonly MemberName[];
  readonly drift: Reason | undefined;
}

/** The driver has seen a newer leader. */
export interface RefusedAsOlder {
  readonly type: 'refused-as-older';
  readonly because: Reason;
}

/** What the world is asked to do; its outcome comes back as an event. */
export type Act =
  | {
      readonly kind: 'check-parity';
      readonly ask: number;
      readonly candidate: MemberName;
      readonly active: MemberName;
    }
  /** Publish the standing answer once more, with its epoch: whoever is newer wins. */
  | { readonly kind: 'republish'; readonly because: Reason };

/** The answer to a command. */
export interface Reply {
  readonly id: string;
  readonly outcome: 'done' | 'unchanged' | 'refused';
  readonly because: Reason;
}

export interface Decision {
  readonly state: EndpointState;
  /** Set where clients are to get something new. It may be published only after `state` is on disk. */
  readonly answer?: Answer;
  readonly act?: Act;
  /** To the command that came, and to the one that it or the change overtook. */
  readonly replies?: readonly Reply[];
  /** Why this, or why nothing. */
  readonly because: Reason;
}

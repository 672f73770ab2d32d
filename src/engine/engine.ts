/** What the engine works with, passed in by `app/` (or a test). */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Reason } from '../base/reason.ts';
import type { Registry } from '../base/registry.ts';
import type { Secret } from '../base/secret.ts';
import type { HostPool } from '../hosts/host.ts';
import type { Site } from '../site/model.ts';
import type { SecretRef } from '../site/secret-ref.ts';
import type { Operator } from '../store/journal.ts';
import type { KnownSecrets } from '../store/known-secrets.ts';
import type { ProcessIdentity } from '../store/process-identity.ts';
import type { RunStore } from '../store/store.ts';
import type { EngineEvent } from './events.ts';
import type { HostLocks } from './lock.ts';
import type { AnyStepKind } from './resolve.ts';

export interface Engine {
  readonly site: Site;
  readonly kinds: Registry<AnyStepKind>;
  readonly hosts: HostPool;
  readonly runs: RunStore;
  readonly locks: HostLocks;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0…1, for run ids and the spread of retries. */
  readonly random: () => number;
  readonly operator: Operator;
  /** This process, as locks on hosts name it. */
  readonly process: ProcessIdentity;
  /** Every secret that `secret` gave; what goes to journal and screen is held against them. */
  readonly secrets: KnownSecrets;
  secret(reference: SecretRef): Promise<Secret>;
  /** A reason as a sentence for the journal and for errors. */
  readonly render: (reason: Reason) => string;
  /** How many hosts are worked on at the same time; on each, one step at a time. */
  readonly hostsAtOnce: number;
  /** Told of everything as it happens. What it throws is ignored: a renderer must not break a run. */
  emit(event: EngineEvent): void;
}

/** How a person stops a run. Two signals, because the first must not cut a step (DESIGN §9). */
export interface StopSignals {
  /** Finish the steps under way, start none, journal, stop. */
  readonly stop: AbortSignal;
  /** Abort the commands under way; their steps stay `unknown` until `resume` or `rollback`. */
  readonly abort: AbortSignal;
}

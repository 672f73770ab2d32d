/** A probe is one check of one thing, with evidence. Kinds: one file each in this folder, named for the kind. */
import type { Clock, Instant } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Reason, ReasonTable, Sentence } from '../base/reason.ts';
import type { Schema } from '../base/schema.ts';
import type { Secret } from '../base/secret.ts';
import type { SecretRef } from '../site/secret-ref.ts';

export interface ProbeKind<A> {
  /** = its file's name, and `kind:` in the site file */
  readonly kind: string;
  readonly summary: Sentence;
  readonly args: Schema<A>;
  readonly reasons: ReasonTable;
  /** One line for people: `GET https://10.0.0.1/healthz`. */
  title(args: A, target: ProbeTarget): string;
  /** Never rejects but on abort of `ctx.signal`: an unreachable target is `down`, a broken prober is `unknown`. */
  run(ctx: ProbeContext, args: A): Promise<ProbeResult>;
}

/** Whom to ask. */
export interface ProbeTarget {
  readonly member: string;
  readonly address: string;
}

export interface ProbeContext {
  readonly clock: Clock;
  /** Aborts at the probe's deadline or when the prober stops. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly log: Logger;
  readonly target: ProbeTarget;
  secret(reference: SecretRef): Promise<Secret>;
}

export type ProbeStatus = 'up' | 'down' | 'unknown';

export interface ProbeResult {
  readonly status: ProbeStatus;
  readonly asked: string;
  readonly got: string;
  readonly expected: string;
  readonly tookMs: number;
  readonly at: Instant;
  readonly because: Reason;
  /** What does not make it down but ought to be mended: a certificate that soon expires … Absent where there is none. */
  readonly warnings?: readonly Reason[];
}

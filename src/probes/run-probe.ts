import { DeadlineError, openScope, orAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { messageOf } from '../base/errors.ts';
import { abortReason, throwIfAborted } from '../base/interrupt.ts';
import type { Logger } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import type { SecretRef } from '../site/secret-ref.ts';
import type { ProbeContext, ProbeKind, ProbeResult, ProbeTarget } from './probe.ts';
import { beginAsking } from './verdict/evidence.ts';
import { runReasons } from './verdict/run-reasons.ts';

/** What a probe needs besides its own arguments. */
export interface RunProbeOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Stops the prober: `runProbe` then rejects with its reason. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  secret(reference: SecretRef): Promise<Secret>;
}

/**
 * Runs one probe once, under a deadline. A probe that is late is `down`; one that throws is `unknown`, because a
 * defect in the prober must not move traffic.
 *
 * @param args already parsed by `kind.args`
 * @throws only the reason of `o.signal`, once that has aborted
 */
export async function runProbe<A>(
  kind: ProbeKind<A>,
  args: A,
  target: ProbeTarget,
  o: RunProbeOptions,
): Promise<ProbeResult> {
  const asked = kind.title(args, target);
  const time = formatDuration(o.timeoutMs);
  const asking = beginAsking(o.clock, asked, `an answer within ${time}`);
  using scope = openScope(o.clock, {
    what: `the probe '${asked}'`,
    timeoutMs: o.timeoutMs,
    parent: o.signal,
  });
  const { clock, timeoutMs, log } = o;
  throwIfAborted(o.signal);
  const secret = (reference: SecretRef): Promise<Secret> => o.secret(reference);
  const ctx: ProbeContext = { clock, timeoutMs, log, secret, target, signal: scope.signal };
  const work = (async () => kind.run(ctx, args))();
  try {
    return await orAborted(work, scope.signal);
  } catch (error) {
    if (o.signal.aborted) throw abortReason(o.signal);
    if (scope.signal.aborted && abortReason(scope.signal) instanceof DeadlineError) {
      const own = await ownVerdict(work);
      return own ?? asking.down(`no end within ${time}`, runReasons.of('probe/no-end', { time }));
    }
    const detail = messageOf(error);
    o.log.error('a probe failed by itself', { kind: kind.kind, member: target.member, error: detail });
    return asking.unknown(detail, runReasons.of('probe/broken', { member: target.member, detail }));
  }
}

/** A kind that saw the deadline itself can say what it was waiting for; it has one turn of the event loop to do so. */
function ownVerdict(work: Promise<ProbeResult>): Promise<ProbeResult | undefined> {
  const oneTurn = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));
  return Promise.race([work.catch(() => undefined), oneTurn]);
}

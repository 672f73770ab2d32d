/** Asks whether a candidate may lead in place of the active member: the stack's condition, probe by probe. */
import type { Reason } from '../base/reason.ts';
import type { Endpoint, Member } from '../site/model.ts';
import { parityProbes } from './effective-probes.ts';
import { type ProbeRunner, runSpec } from './probe-runner.ts';
import { reasons } from './reasons.ts';

/** Where the probe names no deadline of its own: a comparison takes longer than a ping. */
const PARITY_PROBE_TIMEOUT_MS = 60_000;

export interface ParityResult {
  readonly fit: boolean;
  readonly because: Reason;
}

/**
 * Runs every probe of the condition against the candidate; the first that is not up is the reason. A probe that
 * cannot tell is no yes.
 * @throws only the reason of the signal
 */
export async function checkParity(
  runner: ProbeRunner,
  endpoint: Endpoint,
  candidate: Member,
  active: Member,
  signal: AbortSignal,
): Promise<ParityResult> {
  const specs = parityProbes(runner.site, runner.stacks, endpoint, candidate, active);
  if (specs.length === 0) {
    return { fit: true, because: reasons.of('watch/parity-not-asked') };
  }
  const results = await Promise.all(
    specs.map((spec) => runSpec(runner, spec, candidate, PARITY_PROBE_TIMEOUT_MS, signal)),
  );
  for (const [index, result] of results.entries()) {
    if (result.status === 'up') continue;
    const probe = specs[index]?.name ?? '';
    const because =
      result.status === 'down'
        ? result.because
        : reasons.of('watch/parity-unknown', { probe, why: result.because });
    return { fit: false, because };
  }
  const names = { member: candidate.name, active: active.name };
  return { fit: true, because: reasons.of('watch/parity-holds', names) };
}

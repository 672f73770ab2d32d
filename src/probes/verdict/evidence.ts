import type { Clock } from '../../base/clock.ts';
import type { Reason } from '../../base/reason.ts';
import type { ProbeResult, ProbeStatus } from '../probe.ts';

/** One question under way: how a kind ends it, with the time it took filled in. */
export interface Asking {
  up(got: string, because: Reason, warnings?: readonly Reason[]): ProbeResult;
  down(got: string, because: Reason): ProbeResult;
  unknown(got: string, because: Reason): ProbeResult;
}

/** Longer answers are cut: evidence is read by people and written to the journal on each change. */
const LONGEST_GOT = 300;

/** Begins a question now; `tookMs` runs on the monotonic clock from here. */
export function beginAsking(clock: Clock, asked: string, expected: string): Asking {
  const at = clock.now();
  const startMs = clock.monotonicMs();
  const end = (
    status: ProbeStatus,
    got: string,
    because: Reason,
    warnings: readonly Reason[] = [],
  ): ProbeResult => ({
    status,
    asked,
    got: printable(got, LONGEST_GOT),
    expected,
    tookMs: clock.monotonicMs() - startMs,
    at,
    because,
    ...(warnings.length === 0 ? {} : { warnings }),
  });
  return {
    up: (got, because, warnings) => end('up', got, because, warnings),
    down: (got, because) => end('down', got, because),
    unknown: (got, because) => end('unknown', got, because),
  };
}

/**
 * Foreign bytes as one line that is safe on a terminal: control characters (escape sequences among them) become
 * spaces or `?`, the rest is cut at `longest` characters.
 */
export function printable(text: string, longest: number): string {
  const line = text
    .replace(/\s+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
    .trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}

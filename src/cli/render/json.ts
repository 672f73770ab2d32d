import { formatInstant } from '../../base/clock.ts';
import type { Io } from '../io.ts';
import type { Progress } from './progress.ts';

/** Every event as one line of JSON on stdout; the last is `run-ended` with the report. */
export function jsonProgress(io: Io): Progress {
  return {
    emit: ({ at, ...event }) => io.out(`${JSON.stringify({ at: formatInstant(at), ...event })}\n`),
    async end() {},
  };
}

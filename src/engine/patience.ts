import { retry } from '../base/retry.ts';
import type { Engine } from './engine.ts';

/** How often a thing is tried that may go well the next time, and how long between. */
export const TRIES = { attempts: 3, firstDelayMs: 500, longestDelayMs: 5_000 } as const;

/** Runs what may be run twice (reading, reverting), again where its error may go away by itself. */
export function patiently<T>(
  engine: Pick<Engine, 'clock' | 'random'>,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  return retry(engine.clock, { ...TRIES, random: engine.random }, signal, work);
}

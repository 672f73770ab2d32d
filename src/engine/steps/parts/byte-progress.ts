import type { StepContext } from '../../step.ts';

/** How often a person is told. */
const INTERVAL_MS = 1_000;

/** Tells a run's listeners how many bytes have come through, once a second and at the end. */
export function byteProgress(
  { clock, progress }: Pick<StepContext, 'clock' | 'progress'>,
  totalBytes: number,
): { add(count: number): void; end(): void } {
  const startMs = clock.monotonicMs();
  let toldMs = startMs;
  let doneBytes = 0;
  const tell = (): void => {
    const seconds = Math.max(1, clock.monotonicMs() - startMs) / 1_000;
    progress?.({ doneBytes, totalBytes, bytesPerSecond: Math.round(doneBytes / seconds) });
  };
  return {
    add(count) {
      doneBytes += count;
      const nowMs = clock.monotonicMs();
      if (nowMs - toldMs < INTERVAL_MS) return;
      toldMs = nowMs;
      tell();
    },
    end: tell,
  };
}

import { Worker } from 'node:worker_threads';
import { abortReason } from '../../../base/interrupt.ts';
import { type ChartEntry, parseChartIndex } from './chart-index.ts';

/** Parsing takes about 0.5 ms a KiB: what is longer than this would hold up the DNS answers of the same process. */
const SHORT_BYTES = 16_384;

/**
 * Parses an index without blocking the event loop: a long one in a thread of its own.
 * @throws Error where it is no index; the signal's reason
 */
export function parseChartIndexAside(text: string, signal: AbortSignal): Promise<ChartEntry[]> {
  if (text.length <= SHORT_BYTES) return Promise.resolve().then(() => parseChartIndex(text));
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./chart-index-worker.ts', import.meta.url), { workerData: text });
    const finish = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      void worker.terminate();
      settle();
    };
    const onAbort = (): void => finish(() => reject(abortReason(signal)));
    signal.addEventListener('abort', onAbort, { once: true });
    worker.once('message', (answer: { entries?: ChartEntry[]; error?: string }) =>
      finish(() =>
        answer.entries === undefined ? reject(new Error(answer.error)) : resolve(answer.entries),
      ),
    );
    worker.once('error', (error) => finish(() => reject(error)));
  });
}

import { abortReason } from './interrupt.ts';

/** At most `size` pieces of work at once; the rest wait in order. */
export interface Limit {
  readonly running: number;
  readonly waiting: number;
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** Makes a limit; waiting work whose signal aborts leaves the queue with the signal's reason. */
export function limit(size: number): Limit {
  let running = 0;
  const queue: { start: () => void }[] = [];

  const enter = (signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.reject(abortReason(signal));
    if (running < size) {
      running++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        queue.splice(queue.indexOf(turn), 1);
        reject(abortReason(signal as AbortSignal));
      };
      const turn = {
        start: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      queue.push(turn);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  };

  const leave = (): void => {
    const next = queue.shift();
    if (next === undefined) running--;
    else next.start();
  };

  return {
    get running() {
      return running;
    },
    get waiting() {
      return queue.length;
    },
    async run(work, signal) {
      await enter(signal);
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}

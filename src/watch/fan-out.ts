import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { WatchEvent } from './watch-event.ts';

export type WatchListener = (event: WatchEvent) => void;

/** Hands events to every listener. One that throws is logged and harms neither the others nor the watcher. */
export interface FanOut {
  emit(event: WatchEvent): void;
  /** @returns a function that ends the subscription */
  add(listener: WatchListener): () => void;
  clear(): void;
}

/** Makes one with a first listener, if there is one. */
export function createFanOut(log: Logger, first: WatchListener | undefined): FanOut {
  const listeners = new Set<WatchListener>(first === undefined ? [] : [first]);
  return {
    emit(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          log.error('a listener of the watcher failed', { error: messageOf(error) });
        }
      }
    },
    add(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear() {
      listeners.clear();
    },
  };
}

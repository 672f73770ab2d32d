/** What every kind of thing that can be copied brings: images, files, charts. */
import type { Found, Item } from './difference.ts';

/** Names with what stood under them before, as the journal keeps it. */
export interface Taken {
  readonly name: string;
  readonly wanted: string;
  readonly found?: string | undefined;
}

/** One comparison and copy between two members; connections are kept until it is disposed. */
export interface SyncSession extends Disposable {
  /** Compares; reads only. @throws ArtifactsError */
  find(): Promise<Found>;
  /**
   * Copies; may be cut anywhere and called again: what is there already is not sent again.
   * @param items of the last `find`
   * @param onBytes told of every piece that was sent
   * @throws ArtifactsError
   */
  copy(items: readonly Item[], onBytes: (count: number) => void): Promise<void>;
  /** What the target has under a name now, in the words of `Item.found`. */
  held(name: string): Promise<string | undefined>;
  /** Takes one thing away again, or puts back what stood there before. Idempotent. */
  takeBack(taken: Taken): Promise<void>;
}

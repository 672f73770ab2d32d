/** Where files can be written: an S3 bucket (`s3-target.ts`) or a folder on the host (`folder-target.ts`). */
import type { HttpClient } from '../http/client.ts';
import type { MeterOptions } from '../http/meter.ts';
import type { Incoming } from '../http/stream-from.ts';
import type { Mark } from '../parity/mark.ts';

export interface ByteRange {
  readonly from: number;
  readonly to?: number;
}

/** A file at its source. */
export interface SourceFile {
  /** Who sends it. */
  readonly client: HttpClient;
  /** What the source says of it. */
  readonly mark: Mark;
  /** @param o.range bytes from one to another, both inclusive; absent: all. For the rest see `Meter`. */
  open(o?: { readonly range?: ByteRange } & Omit<MeterOptions, 'onBytes'>): Promise<Incoming>;
  /** Whether it can be opened once only: then a half that is there is not gone on with. */
  readonly isOnce?: boolean;
  /** The size of its parts, where the source took it in parts of one size (S3 multipart). */
  partBytes(): Promise<number | undefined>;
}

export interface FileTarget {
  /**
   * Writes a file under a path of the server; nobody sees half of it.
   * @throws ArtifactsError `artifacts/digest-mismatch` where the source sends something else than it says
   */
  put(path: string, file: SourceFile): Promise<void>;
  /** Writes a small text. */
  putText(path: string, text: string): Promise<void>;
  /** No error where it is gone already. */
  remove(path: string): Promise<void>;
}

import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

/** Passes bytes on unchanged and counts and hashes them on their way: nothing is held. */
export class Meter extends Transform {
  readonly #sha256 = createHash('sha256');
  readonly #md5 = createHash('md5');
  readonly #onBytes: (count: number) => void;
  readonly #wantsMd5: boolean;
  bytes = 0;

  /** @param o.md5 whether the MD5, S3's ETag, is wanted too */
  constructor(o: { onBytes(count: number): void; md5?: boolean }) {
    super({ highWaterMark: 1_048_576 });
    this.#onBytes = o.onBytes;
    this.#wantsMd5 = o.md5 ?? false;
  }

  /** `sha256:…` of all that went through; call it once, at the end. */
  digest(): string {
    return `sha256:${this.#sha256.digest('hex')}`;
  }

  /** In hex; call it once, at the end. */
  md5(): string {
    return this.#md5.digest('hex');
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#sha256.update(chunk);
    if (this.#wantsMd5) this.#md5.update(chunk);
    this.bytes += chunk.length;
    this.#onBytes(chunk.length);
    done(null, chunk);
  }
}

import { createHash, type Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

export interface MeterOptions {
  readonly md5?: boolean;
  readonly sha256?: boolean;
  /** Hashes all that goes through, too: several streams one after the other. */
  readonly whole?: Hash | undefined;
  onBytes(count: number): void;
}

/** Passes bytes on unchanged and counts and hashes them on their way: nothing is held. */
export class Meter extends Transform {
  readonly #sha256: Hash | undefined;
  readonly #md5: Hash | undefined;
  readonly #whole: Hash | undefined;
  readonly #onBytes: (count: number) => void;
  bytes = 0;

  /**
   * @param o.md5 whether the MD5, S3's ETag, is wanted too
   * @param o.sha256 false where somebody else hashes what arrives
   */
  constructor(o: MeterOptions) {
    super({ highWaterMark: 1_048_576 });
    this.#onBytes = o.onBytes;
    this.#sha256 = o.sha256 === false ? undefined : createHash('sha256');
    this.#md5 = o.md5 === true ? createHash('md5') : undefined;
    this.#whole = o.whole;
  }

  /** `sha256:…` of all that went through; call it once, at the end, and only where it is hashed. */
  digest(): string {
    return `sha256:${(this.#sha256 as Hash).digest('hex')}`;
  }

  /** In hex; call it once, at the end, and only where it was wanted. */
  md5(): string {
    return (this.#md5 as Hash).digest('hex');
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#sha256?.update(chunk);
    this.#md5?.update(chunk);
    this.#whole?.update(chunk);
    this.bytes += chunk.length;
    this.#onBytes(chunk.length);
    done(null, chunk);
  }
}

/**
 * A map of bounded size: two generations, of which the older is dropped when the younger is full. What is asked for
 * stays, at the price of one more look-up; nothing is ever moved about.
 */
export class AnswerCache<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();
  readonly #mostPerGeneration: number;

  /** @param most entries of both generations together */
  constructor(most: number) {
    this.#mostPerGeneration = Math.max(1, Math.floor(most / 2));
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): T | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: T): void {
    if (this.#young.size >= this.#mostPerGeneration) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}

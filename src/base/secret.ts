import { inspect } from 'node:util';

/**
 * A value that prints as its reference (`env:DB_PASSWORD`), wherever it is logged, inspected, interpolated or
 * serialised. Only `reveal()` gives the value, and only the edge that hands it on may call it.
 */
export class Secret {
  readonly reference: string;
  readonly #value: string;

  constructor(reference: string, value: string) {
    this.reference = reference;
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return `<${this.reference}>`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

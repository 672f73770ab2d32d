import { Secret } from '../base/secret.ts';

/** Shorter values are looked for only as whole strings: `root` as a password must not black out every `root`. */
const SHORTEST_SUBSTRING = 6;

interface Known {
  readonly reference: string;
  readonly whole: string;
  /** The ways the value may be written inside a longer text; empty for short ones. */
  readonly forms: readonly string[];
}

/**
 * The secrets that this process has resolved so far, so that what goes to disk or screen can be held against them:
 * the last guard, for a command that echoes its password or a captured file that holds one.
 */
export class KnownSecrets {
  readonly #known = new Map<string, Known>();

  /** Remembers a secret; gives it back. */
  add(secret: Secret): Secret {
    const value = secret.reveal();
    if (value.trim() !== '') this.#known.set(secret.reference, toKnown(secret.reference, value));
    return secret;
  }

  /** The reference of a secret that stands in clear anywhere inside a value, or undefined. */
  findIn(value: unknown): string | undefined {
    for (const text of stringsIn(value)) {
      for (const known of this.#known.values()) {
        if (text === known.whole || known.forms.some((form) => text.includes(form))) return known.reference;
      }
    }
    return undefined;
  }

  /** A text with every secret replaced by its reference. */
  redact(text: string): string {
    let clean = text;
    for (const known of this.#known.values()) {
      if (clean === known.whole) return `<${known.reference}>`;
      for (const form of known.forms) clean = clean.replaceAll(form, `<${known.reference}>`);
    }
    return clean;
  }

  /** The same data with every secret in its strings replaced by its reference. */
  redactIn<T>(value: T): T {
    if (this.findIn(value) === undefined) return value;
    const clean = (inner: unknown): unknown => {
      if (typeof inner === 'string') return this.redact(inner);
      if (Array.isArray(inner)) return inner.map(clean);
      if (typeof inner !== 'object' || inner === null || inner instanceof Secret) return inner;
      return Object.fromEntries(Object.entries(inner).map(([key, part]) => [this.redact(key), clean(part)]));
    };
    return clean(value) as T;
  }
}

function toKnown(reference: string, value: string): Known {
  const whole = value.trim();
  if (whole.length < SHORTEST_SUBSTRING) return { reference, whole, forms: [] };
  const base64 = Buffer.from(whole).toString('base64').replace(/=+$/, '');
  const escaped = JSON.stringify(whole).slice(1, -1);
  // Longest first, so that a form that holds another is replaced whole.
  const forms = [...new Set([whole, base64, escaped, encodeURIComponent(whole)])];
  return { reference, whole, forms: forms.sort((a, b) => b.length - a.length) };
}

function* stringsIn(value: unknown): Iterable<string> {
  if (typeof value === 'string') yield value;
  else if (value instanceof Secret) return;
  else if (Array.isArray(value)) for (const part of value) yield* stringsIn(part);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      yield key;
      yield* stringsIn(part);
    }
  }
}

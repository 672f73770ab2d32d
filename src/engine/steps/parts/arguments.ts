/** Kinds of value that stand in the arguments of steps. Parsing twice gives the same: a plan is read back from JSON. */
import { z } from 'zod';

/** An absolute path without `.`, `..`, doubled slashes or control characters; not the root itself. */
export function absolutePath(): z.ZodType<string, string> {
  return z.string().regex(/^(\/(?!\.{1,2}(\/|$))[^/\x00-\x1f\x7f]+)+$/, {
    error: (issue) =>
      `expected an absolute path such as /etc/hosts, without .. or a slash at its end; got '${String(issue.input)}'`,
  });
}

/**
 * Permission bits in octal, in quotes: `'0644'`. A bare 0644 is refused: YAML 1.1 reads it as octal, YAML 1.2 as
 * six hundred and forty-four.
 */
export function octalMode(): z.ZodType<string, string> {
  return z
    .string({ error: (issue) => `expected a mode in quotes such as '0644', got ${String(issue.input)}` })
    .regex(/^[0-7]{3,4}$/, {
      error: (issue) =>
        `expected a mode of three or four octal digits such as '0644', got '${String(issue.input)}'`,
    })
    .transform((text) => text.padStart(4, '0'));
}

/** `'0644'` → 0o644 */
export function modeBits(mode: string): number {
  return Number.parseInt(mode, 8);
}

/** 0o644 → `0644` */
export function formatMode(bits: number): string {
  return bits.toString(8).padStart(4, '0');
}

/** A user or group, by name or number, as `chown` takes it. */
export function ownerName(): z.ZodType<string, string> {
  return z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.@$-]*$/, {
    error: (issue) => `expected the name or number of a user or group, got '${String(issue.input)}'`,
  });
}

/**
 * A program and its arguments, each one word: no shell reads it. What looks like a reference to a secret is refused,
 * because arguments show in the process list.
 */
export function argv(): z.ZodType<string[], string[]> {
  return z
    .array(
      z
        .string()
        .refine((word) => !word.includes('\0'), { error: 'a word of a command cannot hold a NUL byte' })
        .refine((word) => !/^(env:[A-Za-z_]\w*|sealed:.+#.+)$/.test(word), {
          error: 'a secret cannot be an argument of a command (others would see it): give it by stdin',
        }),
    )
    .min(1);
}

/** A time limit in milliseconds. */
export function timeLimitMs(defaultMs: number): z.ZodType<number, number | undefined> {
  return z.number().int().positive().max(86_400_000).default(defaultMs);
}

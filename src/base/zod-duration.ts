import { z } from 'zod';
import { formatDuration, parseDuration } from './duration.ts';

/** A duration as it stands in a file or a flag: `250ms`, `2s`, `1h30m`, `14d`. */
const PATTERN = /^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/;
const EXPECTED = 'a duration with its unit, such as 250ms, 2s or 1h30m';

/**
 * A zod schema that turns `250ms` into 250: text with a unit in, milliseconds out. A bare number is refused, because
 * a reader could not tell seconds from milliseconds. A default is given as text: `durationSchema().prefault('2s')`.
 *
 * @param o.minMs o.maxMs both inclusive; a value outside is refused with the bound in the message
 */
export function durationSchema(o: { minMs?: number; maxMs?: number } = {}): z.ZodType<number, string> {
  return z
    .string({ error: (issue) => `expected ${EXPECTED}, got ${describe(issue.input)}` })
    .regex(PATTERN, { error: (issue) => `expected ${EXPECTED}, got '${String(issue.input)}'` })
    .transform((text, ctx) => {
      const ms = parseDuration(text) as number;
      const beyond = outside(ms, o);
      if (beyond !== undefined) ctx.addIssue({ code: 'custom', message: `expected ${beyond}, got ${text}` });
      return ms;
    });
}

function outside(ms: number, o: { minMs?: number; maxMs?: number }): string | undefined {
  if (o.minMs !== undefined && ms < o.minMs) return `at least ${formatDuration(o.minMs)}`;
  if (o.maxMs !== undefined && ms > o.maxMs) return `at most ${formatDuration(o.maxMs)}`;
  return undefined;
}

function describe(input: unknown): string {
  return typeof input === 'number' ? `the number ${input} without a unit` : String(input ?? 'nothing');
}

/** Values that have the right type and are still not allowed: not among the choices, out of bounds, of another form. */
import type { z } from 'zod';
import { nearest } from '../base/nearest.ts';
import type { Reason } from '../base/reason.ts';
import { describe } from './issue-value.ts';
import { loadReasons as reasons } from './load-reasons.ts';
import type { SitePath } from './names.ts';

type Issue = z.core.$ZodIssue;

/** What is wrong with such a value, and what to do about it. */
export function judged(issue: Issue, path: SitePath): [Reason, Reason] {
  const got = describe(issue.input, path);
  const mend = reasons.of('mend-value');
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const meant = typeof issue.input === 'string' ? nearest(issue.input, values) : undefined;
    const because = reasons.of(values.length === 1 ? 'expected-value' : 'expected-one-of', { values, got });
    return [because, meant === undefined ? mend : reasons.of('did-you-mean', { meant })];
  }
  if (issue.code === 'too_small')
    return [bounded(issue.origin, 'low', Number(issue.minimum), issue.input), mend];
  if (issue.code === 'too_big')
    return [bounded(issue.origin, 'high', Number(issue.maximum), issue.input), mend];
  if (issue.code === 'invalid_format')
    return [
      reasons.of('expected-format', {
        format: issue.format === 'regex' ? String(issue.pattern) : issue.format,
        got,
      }),
      mend,
    ];
  return [reasons.of('refused-value', { message: issue.message }), mend];
}

function bounded(origin: string, side: 'low' | 'high', bound: number, input: unknown): Reason {
  const counted = origin === 'array' || origin === 'set' || origin === 'object';
  if (counted) {
    const size = Array.isArray(input) ? input.length : Object.keys((input as object | null) ?? {}).length;
    return reasons.of(side === 'low' ? 'expected-more-items' : 'expected-fewer-items', { bound, got: size });
  }
  const code = side === 'low' ? 'expected-at-least' : 'expected-at-most';
  if (origin === 'string')
    return reasons.of(code, { bound: `${bound} characters`, got: `${String(input).length}` });
  return reasons.of(code, { bound, got: describe(input) });
}

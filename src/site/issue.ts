/** Zod's issues → problems that a person can act on: what was expected, what is there, what was probably meant. */
import type { z } from 'zod';
import { nearest } from '../base/nearest.ts';
import type { Reason } from '../base/reason.ts';
import type { Schema } from '../base/schema.ts';
import { judged } from './issue-judged.ts';
import { describe, isSensitive } from './issue-value.ts';
import { loadReasons as reasons } from './load-reasons.ts';
import type { SitePath } from './model.ts';
import type { Problem } from './problem.ts';
import type { Explained } from './values.ts';

type Issue = z.core.$ZodIssue;

/**
 * Parses with a schema of ours or of a family, and reports each issue under `path`.
 * @returns the parsed value, or undefined where there was a problem
 */
export function parseAt<T>(
  schema: Schema<T>,
  value: unknown,
  path: SitePath,
  report: (problem: Problem) => void,
): T | undefined {
  // The only way to learn which keys a strict object knows: its own error map sees the schema.
  const error = (issue: z.core.$ZodRawIssue): string | undefined =>
    issue.code === 'unrecognized_keys' ? knownKeys(issue.inst).join(',') : undefined;
  const result = schema.safeParse(value, { error, reportInput: true });
  if (result.success) return result.data;
  for (const issue of result.error.issues) translate(issue, path, report);
  return undefined;
}

function knownKeys(schema: unknown): string[] {
  const shape = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape;
  return Object.keys(shape ?? {});
}

function translate(issue: Issue, base: SitePath, report: (problem: Problem) => void): void {
  const path: SitePath = [...base, ...(issue.path as (string | number)[])];
  if (issue.code === 'invalid_union') {
    unionIssues(issue, path, report);
    return;
  }
  if (issue.code === 'unrecognized_keys') {
    const allowed = issue.message.split(',').filter((key) => key !== '');
    for (const key of issue.keys) report(unknownKey(key, allowed, [...path, key]));
    return;
  }
  if (issue.code === 'invalid_key') {
    for (const inner of issue.issues) report({ ...single(inner, path), on: 'key' });
    return;
  }
  report(single(issue, path));
}

/** Of a union's branches the one the author was on: that whose complaint is not about the whole value. */
function unionIssues(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: SitePath,
  report: (problem: Problem) => void,
): void {
  const branches = issue.errors as readonly (readonly Issue[])[];
  const about = branches.filter(
    (branch) => !branch.some((inner) => isWrongType(inner) && inner.path.length === 0),
  );
  const branch = about.toSorted((a, b) => a.length - b.length)[0];
  if (branch !== undefined) {
    for (const inner of branch) translate(inner, path, report);
    return;
  }
  const expected = new Set(branches.flat().flatMap(expectedBy));
  const got = describe(issue.input, path);
  const both = (one: string, other: string): boolean =>
    expected.size === 2 && expected.has(one) && expected.has(other);
  const because =
    expected.size === 0
      ? reasons.of('refused-value', { message: issue.message })
      : both('string', 'object')
        ? reasons.of('expected-text-or-mapping', { got })
        : both('string', 'array')
          ? reasons.of('expected-text-or-list', { got })
          : reasons.of('expected-any-of', {
              expected: [...expected].map((type) => NOTATION[type] ?? type).join(' / '),
              got,
            });
  report(problem('wrong-value', path, because, hintFor(issue.input)));
}

function isWrongType(issue: Issue): boolean {
  return issue.code === 'invalid_type' || (issue.code === 'invalid_value' && typeof issue.input !== 'string');
}

function expectedBy(issue: Issue): string[] {
  if (issue.code === 'invalid_type') return [issue.expected];
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return [];
}

/** Types as YAML writes them, which needs no translation. */
const NOTATION: Readonly<Record<string, string>> = {
  string: '"…"',
  number: '1.5',
  int: '1',
  boolean: 'true / false',
  array: '[…]',
  object: '{…}',
  record: '{…}',
};

function unknownKey(key: string, allowed: readonly string[], path: SitePath): Problem {
  const meant = nearest(key, allowed);
  const list = reasons.of('allowed-keys', { keys: allowed });
  const hint =
    meant !== undefined
      ? reasons.of('did-you-mean', { meant })
      : allowed.length > 0
        ? list
        : reasons.of('no-keys-here');
  return { check: 'unknown-key', path, on: 'key', because: reasons.of('unknown-key', { key }), hint };
}

function single(issue: Issue, path: SitePath): Problem {
  if (issue.code === 'custom') return customProblem(issue, path);
  if (issue.code === 'invalid_value' && issue.input === undefined) return missing(path);
  if (issue.code === 'invalid_type') return wrongType(issue, path);
  if (!isZodsOwn(issue.message)) return spoken(issue, path);
  return problem('wrong-value', path, ...judged(issue, path));
}

/** Zod's own messages are replaced by better ones; those of a schema's author are kept. */
function isZodsOwn(message: string): boolean {
  return /^(Invalid|Too (big|small)|Unrecognized)/.test(message);
}

/** A message that a schema's author wrote: taken as it is. */
function spoken(issue: Issue, path: SitePath): Problem {
  if (issue.message.startsWith('expected a duration')) {
    return problem(
      'wrong-value',
      path,
      reasons.of('expected-duration', { got: describe(issue.input) }),
      durationHint(issue.input),
    );
  }
  return problem(
    'wrong-value',
    path,
    reasons.of('refused-value', { message: issue.message }),
    reasons.of('mend-value'),
  );
}

function durationHint(input: unknown): Reason {
  const amount = typeof input === 'number' ? input : Number(input);
  if (!Number.isFinite(amount)) return reasons.of('duration-units');
  return reasons.of('write-duration', { seconds: `${amount}s`, millis: `${amount}ms` });
}

function customProblem(issue: Issue, path: SitePath): Problem {
  const explained = (issue as { params?: { explained?: Explained } }).params?.explained;
  if (explained === undefined) return spoken(issue, path);
  return { path, on: explained.check === 'missing-key' ? 'key' : 'value', ...explained };
}

function wrongType(issue: Extract<Issue, { code: 'invalid_type' }>, path: SitePath): Problem {
  if (issue.input === undefined) return missing(path);
  if (isPassword(issue.input, path)) return plainPassword(path);
  if (!isZodsOwn(issue.message)) return spoken(issue, path);
  const got = describe(issue.input, path);
  const code = TYPES[issue.expected];
  const because =
    code === undefined
      ? reasons.of('expected-any-of', { expected: issue.expected, got })
      : reasons.of(code, { got });
  const hint =
    code === 'expected-text'
      ? hintFor(issue.input)
      : code === 'expected-list'
        ? reasons.of('write-list')
        : code === 'expected-mapping'
          ? reasons.of('write-mapping')
          : reasons.of('mend-value');
  return problem('wrong-value', path, because, hint);
}

const TYPES: Readonly<
  Record<
    string,
    | 'expected-text'
    | 'expected-number'
    | 'expected-whole'
    | 'expected-boolean'
    | 'expected-list'
    | 'expected-mapping'
  >
> = {
  string: 'expected-text',
  number: 'expected-number',
  int: 'expected-whole',
  boolean: 'expected-boolean',
  array: 'expected-list',
  object: 'expected-mapping',
  record: 'expected-mapping',
};

/** `password: 123456` is a number to YAML, and a password all the same. */
function isPassword(input: unknown, path: SitePath): boolean {
  return (typeof input === 'number' || typeof input === 'boolean') && isSensitive(path);
}

function plainPassword(path: SitePath): Problem {
  return problem('plain-text-password', path, reasons.of('plain-text-password'), reasons.of('use-reference'));
}

/** A missing key is reported at its parent: there is nothing else to underline. */
function missing(path: SitePath): Problem {
  const key = String(path.at(-1) ?? '');
  const hint =
    EXAMPLES[key] === undefined
      ? reasons.of('add-key', { key })
      : reasons.of('add-key-example', { example: EXAMPLES[key] });
  return { check: 'missing-key', path, on: 'key', because: reasons.of('missing-key', { key }), hint };
}

const EXAMPLES: Readonly<Record<string, string>> = {
  apiVersion: 'apiVersion: holdfast/v1',
  kind: 'kind: …',
  metadata: 'metadata: { name: my-site }',
  hosts: 'hosts: { node-1: 192.0.2.10 }',
  members: 'members: [node-1, node-2]',
  driver: 'driver: dns-embedded',
};

function problem(check: Problem['check'], path: SitePath, because: Reason, hint: Reason): Problem {
  return { check, path, on: 'value', because, hint };
}

function hintFor(input: unknown): Reason {
  return typeof input === 'number' || typeof input === 'boolean'
    ? reasons.of('quote-number')
    : reasons.of('mend-value');
}

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allErrorTables } from '../src/cli/error-tables.ts';
import { renderReference } from './gen-reference.ts';

const pages = renderReference();
const english = pages.get('docs/reference/site.md') as string;

test.each([...pages])('%s is what the code says; `npm run gen` brings it up to date', (path, text) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8') === text).toBe(true);
});

test('the page of the site file shows required keys, types, defaults and nested keys', () => {
  expect(english).toContain(
    '| `members` (required) | list of text or mapping | Hosts behind it, in order of preference. |',
  );
  expect(english).toContain(
    '| `failback.after` | duration | How long the original must have been well. Default: 10m. |',
  );
  expect(english).toContain('| `port` | whole number 1–65535 | SSH port. Default: 22. |');
});

test('both languages have the same keys and the same rules', () => {
  const keys = (text: string | undefined) => text?.match(/^\| `[^`]+`/gm);
  const rules = (text: string | undefined) => text?.match(/^## HF\d+/gm);

  expect(keys(pages.get('docs/zh/reference/site.md'))).toEqual(keys(english));
  expect(rules(pages.get('docs/zh/reference/rules.md'))).toEqual(rules(pages.get('docs/reference/rules.md')));
});

test('the page of errors has every code under its area, in both languages', () => {
  const codes = (text: string | undefined) => text?.match(/^### [a-z0-9-]+\/[a-z-]+$/gm) ?? [];
  const page = pages.get('docs/reference/errors.md') as string;

  expect(codes(page).length).toBe(new Set(allErrorTables.flatMap((table) => Object.keys(table))).size);
  expect(codes(pages.get('docs/zh/reference/errors.md'))).toEqual(codes(page));
  expect(page).toContain('## host\n\n### host/unreachable\n\nThe host does not answer');
});

test('every key of the frame is explained in Chinese', () => {
  const frame = pages.get('docs/zh/reference/site.md')?.split('\n## 驱动')[0] ?? '';
  const silent = frame
    .split('\n')
    .filter((line) => line.startsWith('| `') && !/\p{Script=Han}[^|]*\|$/u.test(line));

  expect(silent).toEqual([]);
});

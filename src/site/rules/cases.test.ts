import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Reason, renderReason } from '../../base/reason.ts';
import { lintSite } from '../lint.ts';
import { loadSite } from '../load.ts';
import { loadReasons } from '../load-reasons.ts';
import { hostRef } from '../values.ts';
import { rules } from './registry.ts';

/** One case: a site without its first three lines, and what the rule says about it, as `line:column sentence`. */
interface Case {
  readonly title: string;
  readonly site: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly finds: readonly string[];
}

const folder = join(import.meta.dirname, 'cases');
const head = 'apiVersion: holdfast/v1\nkind: Site\nmetadata: { name: case }\n';
const headLines = 3;
const anything = z.looseObject({});
const schemas = {
  drivers: new Map<string, z.ZodType>([
    ['dns-embedded', anything],
    ['dns-bind', z.looseObject({ server: hostRef() })],
    ['keepalived', anything],
  ]),
  stacks: new Map<string, z.ZodType>([
    ['artifacts', anything],
    ['etcd', anything],
    ['rke2', anything],
  ]),
  probes: new Map<string, z.ZodType>([
    ['tcp', anything],
    ['https', anything],
    ['exec', anything],
  ]),
};

function loadCase({ site: text, files }: Case) {
  const readFile = (path: string): string => {
    const found = files?.[path];
    if (found === undefined) throw new Error(`the case has no file ${path}`);
    return found;
  };
  const { site, findings } = loadSite({ file: 'site.yaml', text: head + text, schemas, readFile });
  if (site === undefined) {
    throw new Error(
      findings.map((f) => `${f.position?.line}: ${renderReason(f.because, [loadReasons], 'en')}`).join('\n'),
    );
  }
  return site;
}

describe.each([...rules])('$id $name', (rule) => {
  const cases = parse(readFileSync(join(folder, `${rule.name}.yaml`), 'utf8')) as Case[];
  const render = (reason: Reason, language: 'en' | 'zh') => renderReason(reason, [rule.reasons], language);

  test('has a case that it finds and one that it leaves alone', () => {
    expect(cases.some((each) => each.finds.length > 0)).toBe(true);
    expect(cases.some((each) => each.finds.length === 0)).toBe(true);
  });

  test.each(cases)('$title', (each) => {
    const findings = lintSite(loadCase(each), [rule]);
    const said = findings.map(({ position: at, because }) => {
      const line = at?.file === 'site.yaml' ? at.line - headLines : at?.line;
      const file = at?.file === 'site.yaml' ? '' : `${at?.file}:`;
      return `${file}${line}:${at?.column} ${render(because, 'en')}`;
    });

    expect(said).toEqual(each.finds);
    for (const { because, hint } of findings) {
      for (const text of [
        render(because, 'en'),
        render(because, 'zh'),
        render(hint, 'en'),
        render(hint, 'zh'),
      ]) {
        expect(text).not.toMatch(/\{(?!\s)\w+\}|^[a-z-]+( \(|$)/);
      }
    }
  });
});

test('every case file belongs to a rule', () => {
  const names = readdirSync(folder).map((file) => file.replace('.yaml', ''));

  expect(names.sort()).toEqual([...rules.names].sort());
});

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineReasons } from '../base/reason.ts';
import { lintSite } from './lint.ts';
import { loadSite } from './load.ts';
import type { Site } from './model.ts';
import type { Rule } from './rule.ts';

const schemas = {
  drivers: new Map([['dns-embedded', z.strictObject({})]]),
  stacks: new Map(),
  probes: new Map(),
};
const reasons = defineReasons({ bad: { en: 'bad', zh: '不好' } });

/** Complains about the TTL and the second member of every endpoint. */
const rule: Rule = {
  id: 'HF500',
  name: 'complains',
  severity: 'warning',
  title: { en: 'x', zh: 'x' },
  explanation: { en: 'x', zh: 'x' },
  reasons,
  *check(site) {
    for (const { name } of site.endpoints.values()) {
      yield { path: ['endpoints', name, 'ttl'], because: reasons.of('bad'), hint: reasons.of('bad') };
      yield { path: ['endpoints', name, 'members', 1], because: reasons.of('bad'), hint: reasons.of('bad') };
    }
  },
};

function siteWith(suppress: string): Site {
  const text = `apiVersion: holdfast/v1
kind: Site
metadata: { name: x }
hosts: { a: 10.0.0.1, b: 10.0.0.2 }
endpoints:
  web: { driver: dns-embedded, members: [a, b], ttl: 5s }
  web2: { driver: dns-embedded, members: [a, b], ttl: 5s }
lint:
  suppress:
${suppress}`;
  const { site } = loadSite({ file: 'site.yaml', text, schemas });
  if (site === undefined) throw new Error('the site does not load');
  return site;
}

const lint = (suppress: string) =>
  lintSite(siteWith(suppress), [rule]).map(({ position, rule, suppressed, because }) => {
    return `${position?.line}:${position?.column} ${rule} ${suppressed ?? because.code}`;
  });

describe('suppressions', () => {
  test('hold at their path and below, and nowhere else', () => {
    expect(lint('    - { rule: HF500, path: endpoints.web, because: measured and accepted }\n')).toEqual([
      '6:45 HF500 measured and accepted',
      '6:54 HF500 measured and accepted',
      '7:46 HF500 bad',
      '7:55 HF500 bad',
    ]);
  });

  test('may name a place in a list, in either spelling', () => {
    const suppressed = lint(
      '    - { rule: HF500, path: "endpoints.web.members[1]", because: first reason }\n    - { rule: HF500, path: endpoints.web2.members.1, because: second reason }\n',
    );

    expect(suppressed).toContain('6:45 HF500 first reason');
    expect(suppressed).toContain('7:46 HF500 second reason');
  });

  test('without a path hold everywhere', () => {
    expect(lint('    - { rule: HF500, because: everywhere fine }\n')).toHaveLength(4);
    expect(
      lint('    - { rule: HF500, because: everywhere fine }\n').every((line) => line.endsWith('fine')),
    ).toBe(true);
  });

  test('that suppress nothing are found themselves, and unknown rules named', () => {
    const found = lint(
      '    - { rule: HF500, path: endpoints.gone, because: long mended }\n    - { rule: HF501, because: misspelt rule }\n',
    );

    expect(found).toContain('10:15 HF009 suppresses-nothing');
    expect(found).toContain('11:15 HF009 suppresses-unknown');
  });
});

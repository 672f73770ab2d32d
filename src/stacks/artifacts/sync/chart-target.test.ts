import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { mergeIndex } from './chart-target.ts';

const source = `apiVersion: v1
entries:
  a:
  - { name: a, version: 1.1.0, digest: new, urls: [http://elsewhere/x/a-1.1.0.tgz], annotations: { kept: "yes" } }
  - { name: a, version: 1.0.0, digest: other }
`;
const own = `apiVersion: v1
generated: "2024-01-01T00:00:00Z"
serverInfo: { any: thing }
entries:
  a:
  - { name: a, version: 1.0.0, digest: own }
  b:
  - { name: b, version: 2.0.0, digest: gone }
`;

test('an index takes over what was copied, with its package beside it, and keeps all else', () => {
  const merged = parse(mergeIndex(own, source, new Set(['a-1.1.0']), new Set(['b-2.0.0'])));
  expect(merged).toEqual({
    apiVersion: 'v1',
    generated: '2024-01-01T00:00:00Z',
    serverInfo: { any: 'thing' },
    entries: {
      a: [
        { name: 'a', version: '1.1.0', digest: 'new', urls: ['a-1.1.0.tgz'], annotations: { kept: 'yes' } },
        { name: 'a', version: '1.0.0', digest: 'own' },
      ],
    },
  });
});

test('an index is made where there is none', () => {
  const merged = parse(mergeIndex('', source, new Set(['a-1.0.0']), new Set()));
  expect(merged).toMatchObject({
    apiVersion: 'v1',
    entries: { a: [{ version: '1.0.0', urls: ['a-1.0.0.tgz'] }] },
  });
});

import { describe, expect, test } from 'vitest';
import { parseChartIndex } from './chart-index.ts';
import { parseChartIndexAside } from './parse-chart-index.ts';

const hex = 'ab'.repeat(32);
const index = `apiVersion: v1
entries:
  nginx:
  - apiVersion: v2
    created: "2024-01-01T00:00:00Z"
    digest: ${hex}
    name: nginx
    urls:
    - charts/nginx-1.2.3.tgz
    version: 1.2.3
  - name: nginx
    version: 1.10
generated: "2024-01-01T00:00:00Z"
`;
const signal = new AbortController().signal;

describe('a chart index', () => {
  test('gives each version with its digest and the first of its URLs', () => {
    expect(parseChartIndex(index)).toEqual([
      { name: 'nginx', version: '1.2.3', digest: `sha256:${hex}`, url: 'charts/nginx-1.2.3.tgz' },
      { name: 'nginx', version: '1.1' },
    ]);
  });

  test('may hold no charts at all', () => {
    expect(parseChartIndex('apiVersion: v1\nentries: {}\n')).toEqual([]);
    expect(parseChartIndex('apiVersion: v1\nentries:\n')).toEqual([]);
  });

  test('passes over entries that Helm would pass over', () => {
    const odd = 'apiVersion: v1\nentries:\n  a: []\n  b: null\n  c:\n  - {}\n  - null\n';
    expect(parseChartIndex(odd)).toEqual([]);
  });

  test('is refused where it is a web page, a list or broken', () => {
    for (const text of ['<html></html>', '- a', '', 'a: [', 'entries: {}'])
      expect(() => parseChartIndex(text), text).toThrow();
  });

  test('is parsed in a thread of its own where it is long, with the same result', async () => {
    const entry = (n: number) => `  - name: many\n    version: 0.0.${n}\n    digest: ${hex}\n`;
    const long = `apiVersion: v1\nentries:\n  many:\n${Array.from({ length: 500 }, (_, n) => entry(n)).join('')}`;
    let turns = 0;
    const count = setInterval(() => turns++, 1);
    const entries = await parseChartIndexAside(long, signal);
    clearInterval(count);
    expect(entries).toEqual(parseChartIndex(long));
    expect(turns).toBeGreaterThan(0);
  });

  test('reports what is wrong with a long one too, and stops where it is told to', async () => {
    const broken = `${'#'.repeat(20_000)}\nentries: [`;
    await expect(parseChartIndexAside(broken, signal)).rejects.toThrow(/flow|sequence/i);
    const stop = new AbortController();
    const parsing = parseChartIndexAside(`apiVersion: v1\n${'#'.repeat(20_000)}`, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(parsing).rejects.toThrow('stopped');
  });
});

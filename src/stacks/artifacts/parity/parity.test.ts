import { describe, expect, test } from 'vitest';
import { compareMarks } from './mark.ts';
import { judgeParity, nameFew, type Pair } from './parity.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const image = (name: string, more: Partial<Pair>): Pair => ({
  kind: 'image',
  name,
  active: { digest: digest('a') },
  candidate: { digest: digest('a') },
  ...more,
});

describe('parity', () => {
  test('is given where the candidate has the same content under every name', () => {
    const parity = judgeParity([image('app:v1', {}), image('app:v2', {})]);
    expect(parity).toMatchObject({
      holdsAll: true,
      counts: { image: 2, file: 0, chart: 0 },
      weaklyCompared: 0,
    });
  });

  test('is given where the active member holds nothing', () => {
    expect(judgeParity([]).holdsAll).toBe(true);
  });

  test('is not given where something is missing, and names it', () => {
    const parity = judgeParity([image('app:v1', {}), image('app:v2', { candidate: undefined })]);
    expect(parity.holdsAll).toBe(false);
    expect(parity.missing.map((pair) => pair.name)).toEqual(['app:v2']);
  });

  test('takes the same tag with another digest for a conflict, not for a missing one', () => {
    const parity = judgeParity([image('app:v1', { candidate: { digest: digest('b') } })]);
    expect(parity.holdsAll).toBe(false);
    expect(parity.missing).toEqual([]);
    expect(parity.conflicts.map((pair) => pair.name)).toEqual(['app:v1']);
  });

  test('is not given where a tag is there but a layer is not', () => {
    const parity = judgeParity([
      image('app:v1', { missingParts: [digest('c')] }),
      image('app:v2', { missingParts: [] }),
    ]);
    expect(parity.holdsAll).toBe(false);
    expect(parity.incomplete.map((pair) => pair.name)).toEqual(['app:v1']);
  });

  test('counts what was compared by size or presence only', () => {
    const file = (active: Pair['active'], candidate: Pair['active']): Pair => ({
      kind: 'file',
      name: '/f',
      active,
      candidate,
    });
    const parity = judgeParity([file({ sizeBytes: 1 }, { sizeBytes: 1 }), file({}, { sizeBytes: 1 })]);
    expect(parity).toMatchObject({ holdsAll: true, weaklyCompared: 2, counts: { file: 2 } });
  });

  test('names the first few and how many more', () => {
    const pairs = ['a', 'b', 'c', 'd', 'e'].map((name) => image(name, {}));
    expect(nameFew(pairs)).toBe('a, b, c (+2)');
    expect(nameFew(pairs.slice(0, 3))).toBe('a, b, c');
  });
});

describe('two marks', () => {
  const md5 = (letter: string) => `"${letter.repeat(32)}"`;

  test.each([
    ['digests decide', { digest: digest('a') }, { digest: digest('a') }, true, 'digest'],
    [
      'digests decide',
      { digest: digest('a'), etag: md5('1') },
      { digest: digest('b'), etag: md5('1') },
      false,
      'digest',
    ],
    [
      'an ETag that is a hash decides',
      { etag: md5('1'), sizeBytes: 5 },
      { etag: md5('2'), sizeBytes: 5 },
      false,
      'etag',
    ],
    ['an ETag that is a hash decides', { etag: md5('1') }, { etag: md5('1').toUpperCase() }, true, 'etag'],
    [
      'multipart ETags decide',
      { etag: `"${'1'.repeat(32)}-3"` },
      { etag: `"${'1'.repeat(32)}-4"` },
      false,
      'etag',
    ],
    [
      'nginx’s ETag of time and size says nothing',
      { etag: '"65f1-5"', sizeBytes: 5 },
      { etag: '"77aa-5"', sizeBytes: 5 },
      true,
      'size',
    ],
    [
      'a weak ETag says nothing',
      { etag: `W/${md5('1')}`, sizeBytes: 5 },
      { etag: `W/${md5('2')}`, sizeBytes: 5 },
      true,
      'size',
    ],
    [
      'MD5 of the whole and of parts are not comparable',
      { etag: md5('1'), sizeBytes: 5 },
      { etag: `"${'1'.repeat(32)}-2"`, sizeBytes: 5 },
      true,
      'size',
    ],
    ['another size is another content', { sizeBytes: 5 }, { sizeBytes: 6 }, false, 'size'],
    [
      'a size contradicts a promised digest',
      { digest: digest('a'), sizeBytes: 5 },
      { digest: digest('a'), sizeBytes: 6 },
      false,
      'size',
    ],
    ['nothing known: it is there', {}, {}, true, 'presence'],
  ] as const)('%s (%j, %j)', (_what, a, b, same, by) => {
    expect(compareMarks(a, b)).toEqual({ same, by });
    expect(compareMarks(b, a)).toEqual({ same, by });
  });
});

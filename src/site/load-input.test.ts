import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { renderReason } from '../base/reason.ts';
import { loadSite } from './load.ts';
import { loadReasons } from './load-reasons.ts';

const schemas = {
  drivers: new Map([['dns-embedded', z.strictObject({})]]),
  stacks: new Map(),
  probes: new Map([['tcp', z.strictObject({ port: z.number() })]]),
};
const head = 'apiVersion: holdfast/v1\nkind: Site\nmetadata: { name: test }\n';
const load = (text: string | Uint8Array) => loadSite({ file: 'site.yaml', text, schemas });
const said = (text: string | Uint8Array, language: 'en' | 'zh' = 'en') =>
  load(text).findings.map(({ position, rule, because }) => {
    const place = `${position?.line}:${position?.column}+${position?.length}`;
    return `${place} ${rule} ${renderReason(because, [loadReasons], language)}`;
  });

describe('a file that is no site at all', () => {
  test.each([
    ['empty', ''],
    ['only a comment', '# nothing yet\n'],
    ['only a document start', '---\n'],
  ])('%s: says so and names init', (_, text) => {
    expect(said(text)).toEqual(['1:1+1 HF001 the file says nothing']);
  });

  test.each([
    ['a list', '- a\n', '[…]'],
    ['a text', 'hello\n', 'hello'],
  ])('%s: a mapping was expected', (_, text, got) => {
    expect(said(text)).toEqual([
      expect.stringContaining(`HF004 expected a mapping (\`key: value\` lines), got ${got}`),
    ]);
  });

  test('a second document is refused where it starts', () => {
    expect(said(`${head}hosts: { a: 10.0.0.1 }\n---\nx: 1\n`)).toEqual([
      '5:1+3 HF001 a second document starts here; one file describes one site',
    ]);
  });
});

describe('encodings and line ends', () => {
  test('BOM, CRLF, Chinese names and comments load like any other file', () => {
    const text = `\uFEFF${head}hosts:\n  主节点: 10.0.0.1 # 注释\n  备用: 10.0.0.2\n`.replaceAll(
      '\n',
      '\r\n',
    );

    expect([...(load(text).site?.hosts.keys() ?? [])]).toEqual(['主节点', '备用']);
    expect(load(Buffer.from(text)).site?.hosts.size).toBe(2);
  });

  test('a mistake behind BOM, CRLF and Chinese is underlined where an editor shows it', () => {
    const text = `\uFEFF${head}hosts:\n  主节点: x y # 注释\n`.replaceAll('\n', '\r\n');

    expect(said(text)).toEqual([expect.stringContaining('5:8+3 HF004')]);
  });

  test('a GBK file is refused at its first wrong byte', () => {
    const text = Buffer.concat([
      Buffer.from(`${head}hosts: { 中: 10.0.0.1, `),
      Buffer.from([0xd6, 0xd0]),
      Buffer.from(': x }\n'),
    ]);

    expect(said(text)).toEqual(['4:23+1 HF001 the file is not UTF-8 from here on']);
  });

  test('a file that holds U+FFFD itself is not taken for broken', () => {
    expect(said(Buffer.from(`${head}# \uFFFD\nhosts: { a: 10.0.0.1 }\n`))).toEqual([]);
  });

  test('a UTF-16 file is called by its name', () => {
    expect(said(Buffer.from('\uFEFFkind: Site', 'utf16le'))).toEqual([
      '1:1+1 HF001 the file is UTF-16, expected UTF-8',
    ]);
  });
});

describe('YAML mistakes', () => {
  test('a tab for indentation is named as one', () => {
    expect(said(`${head}hosts:\n\ta: 10.0.0.1\n`)).toEqual(['5:1+1 HF001 a tab is used for indentation']);
  });

  test('an unclosed quote is shown where it was opened, not at the end of the file', () => {
    expect(said(`${head}hosts: { a: "10.0.0.1 }\nwatch: {}\n`)).toEqual([
      '4:13+1 HF001 a quote or bracket is opened but not closed',
    ]);
  });

  test('every duplicate key is reported, and hides nothing else', () => {
    expect(said(`${head}hosts:\n  a: 10.0.0.1\n  a: 10.0.0.2\n  b: 1.2.3\nkind: Site\n`)).toEqual([
      "6:3+1 HF002 'a' stands here a second time",
      "7:6+5 HF004 expected an IPv4 or IPv6 address or a host name, got '1.2.3'",
      "8:1+4 HF002 'kind' stands here a second time",
    ]);
  });

  test('tags are refused, also those the library would build objects from', () => {
    expect(said(`${head}hosts: { a: !!binary aGVsbG8=, b: !foo 10.0.0.1 }\n`)).toEqual([
      expect.stringContaining('4:22+8 HF001 tags such as !name'),
      expect.stringContaining('4:35+4 HF001 tags such as !name'),
    ]);
  });

  test('keys that are no text, and __proto__, are refused; names of Object.prototype are names like others', () => {
    expect(said(`${head}hosts: { ? [x] : 10.0.0.1 }\n`)).toEqual(['4:12+3 HF001 a key must be plain text']);
    expect(said(`${head}hosts: { __proto__: 10.0.0.1 }\n`)).toEqual(["4:10+9 HF003 unknown key '__proto__'"]);
    const site = load(`${head}hosts: { constructor: 10.0.0.1, toString: 10.0.0.2 }\n`).site;
    expect(site?.hosts.get('toString')?.address).toBe('10.0.0.2');
  });
});

describe('anchors', () => {
  test('and merge keys give shared settings; own keys win, and earlier merges win over later ones', () => {
    const site = load(
      `${head}x-ops: &ops { user: ops, port: 2222 }\nx-dba: &dba { user: dba, sudo: nopasswd }\nhosts:\n  a: { <<: *ops, address: 10.0.0.1 }\n  b: { <<: [*ops, *dba], address: 10.0.0.2, port: 22 }\n`,
    ).site;

    expect(site?.hosts.get('a')).toMatchObject({ user: 'ops', port: 2222 });
    expect(site?.hosts.get('b')).toMatchObject({ user: 'ops', port: 22, sudo: 'nopasswd' });
  });

  test('a mistake in a merged mapping is shown where it is written', () => {
    expect(said(`${head}x-ops: &ops { user: 5 }\nhosts:\n  a: { <<: *ops, address: 10.0.0.1 }\n`)).toEqual([
      '4:21+1 HF004 expected text, got 5',
    ]);
  });

  test('an alias without an anchor, and an anchor inside itself, are refused', () => {
    expect(said(`${head}hosts: { a: *nope }\n`)).toEqual([
      '4:13+5 HF001 no anchor of that name stands above',
    ]);
    expect(said(`${head}hosts: { a: &h { address: *h } }\n`)).toContain(
      '4:27+2 HF001 the anchor h contains itself',
    );
  });

  test('a billion laughs are stopped before they are laughed', () => {
    const levels = [...'bcdefghij'].map(
      (name, index) => `x-${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[index]}`)}]\n`,
    );
    const text = `${head}x-a: &a [${Array(10).fill('x')}]\n${levels.join('')}hosts: { a: 10.0.0.1 }\n`;

    expect(said(text)).toEqual([
      expect.stringContaining('HF001 aliases blow this file up to more than 2000000 values'),
    ]);
  });

  test('values nested thousands deep do not exhaust the stack', () => {
    const deep = 'HF001 values are nested deeper than any site needs';
    expect(said(`${head}hosts: ${'{a: '.repeat(5_000)}`)).toEqual([expect.stringContaining(deep)]);
    expect(said(`${head}hosts: ${'[ '.repeat(50_000)}\n`)).toEqual([expect.stringContaining(deep)]);
    expect(said(`${head}hosts: ${'[ '.repeat(100)}${']'.repeat(100)}\n`)).toEqual([
      expect.stringContaining(deep),
    ]);
  });
});

describe('passwords in plain text', () => {
  const text = `${head}hosts: { a: { address: 10.0.0.1, password: hunter2, sudo: hunter3, passphrase: 12345678 } }\n`;

  test('are found by themselves and never repeated', () => {
    const findings = JSON.stringify(load(text).findings);

    expect(said(text).map((line) => line.split(' ')[1])).toEqual(['HF008', 'HF004', 'HF008']);
    expect(findings).not.toMatch(/hunter2|hunter3|12345678/);
  });
});

describe('names', () => {
  test('in other scripts become their wire form', () => {
    const site = load(
      `${head}hosts: { a: 10.0.0.1 }\nendpoints: { 入口: { name: 例子.公司, driver: dns-embedded, members: [a] } }\n`,
    ).site;

    expect(site?.endpoints.get('入口')?.dnsName).toBe('xn--fsqu00a.xn--55qx5d');
  });

  test('with spaces or punctuation at their ends are refused', () => {
    expect(said(`${head}hosts: { "a b": 10.0.0.1, "-": 10.0.0.2 }\n`)).toEqual([
      "4:10+5 HF004 'a b' cannot be a name here",
      "4:27+3 HF004 '-' cannot be a name here",
    ]);
  });
});

test('mistakes are said in Chinese too', () => {
  expect(
    said(`${head}hosts: { a: [10.0.0.1] }\nendpoints: { e: { driver: dns-embeded, members: [b] } }\n`, 'zh'),
  ).toEqual([
    '4:13+10 HF004 应为文本或映射（若干行 `键: 值`），实际为 […]',
    '5:27+11 HF005 没有驱动“dns-embeded”',
    '5:50+1 HF005 本站点没有主机“b”',
  ]);
});

test('a site of ten thousand hosts loads, and its last mistake is found', () => {
  const hosts = Array.from(
    { length: 10_000 },
    (_, i) => `  node-${i}: { address: 10.0.${i >> 8}.${i & 255}, labels: { rack: r${i % 40} } }`,
  );
  const text = `${head}hosts:\n${hosts.join('\n')}\n`;

  expect(load(text).site?.hosts.size).toBe(10_000);
  expect(said(`${text}  last: { adress: 10.1.0.1 }\n`)).toHaveLength(2);
});

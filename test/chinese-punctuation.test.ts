/** Chinese sentences take full-width punctuation: in every string of the source, and on every Chinese page. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const HAN = '[\\u3400-\\u9fff]';
const HALF_WIDTH = new RegExp(`${HAN} ?[,;:()!?]|[,;:()!?] ?${HAN}`, 'g');

/** What is no Chinese sentence although it stands in one: code spans, what is filled in, link targets, comments. */
const NOT_PROSE = [/\\?`[^`]*?\\?`/g, /\$?\{[^{}'"]*\}/g, /\]\([^)]*\)/g, /<!--[\s\S]*?-->/g, /&\w+;/g];
const STRING = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g;

/** Every place in a text, with some of what stands around it. */
function halfWidthIn(text: string): string[] {
  const prose = NOT_PROSE.reduce((rest, pattern) => rest.replace(pattern, '\u0000'), text).replaceAll(
    '*',
    '',
  );
  return [...prose.matchAll(HALF_WIDTH)].map(({ index }) =>
    prose.slice(Math.max(0, index - 10), index + 12).replaceAll('\u0000', '…'),
  );
}

function stringsOf(source: string): string[] {
  return [...source.matchAll(STRING)]
    .map(([literal]) => literal)
    .filter((literal) => !literal.startsWith('/'))
    .map((literal) => literal.slice(1, -1));
}

/** The lines of a page outside its code blocks. */
function proseOf(page: string): string {
  return page.replace(/^ *```[\s\S]*?^ *```/gm, '');
}

function read(patterns: string[], exclude: RegExp): [string, string][] {
  return globSync(patterns, { cwd: ROOT })
    .filter((path) => !exclude.test(path))
    .map((path) => [path, readFileSync(resolve(ROOT, path), 'utf8')]);
}

describe('Chinese text', () => {
  it('has full-width punctuation in every string of the source', () => {
    const found = read(['src/**/*.ts', 'scripts/**/*.ts'], /\.test\.ts$/).flatMap(([path, text]) =>
      stringsOf(text).flatMap((literal) => halfWidthIn(literal).map((place) => `${path}: ${place}`)),
    );

    expect(found).toEqual([]);
  });

  it('has full-width punctuation on every page', () => {
    const pages = read(['README.zh.md', 'docs/zh/**/*.md', 'examples/**/*.zh.md'], /node_modules/);
    const found = pages.flatMap(([path, text]) =>
      halfWidthIn(proseOf(text)).map((place) => `${path}: ${place}`),
    );

    expect(pages.length).toBeGreaterThan(3);
    expect(found).toEqual([]);
  });
});

describe('the search for half-width punctuation', () => {
  it.each([
    ["zh: '由 {member} 应答,且其正常'"],
    ["zh: '{member} 已下线: {why}'"],
    ["zh: '区域 (DNS)的主机'"],
    ['zh: "没有名为 x 的成员?"'],
    ['const text = `未能发布:失败`;'],
  ])('finds it in %s', (source) => {
    expect(stringsOf(source).flatMap(halfWidthIn)).not.toEqual([]);
  });

  it.each([
    ["zh: '由 {member} 应答，且其正常：{why}'"],
    ["zh: '引用写作 `env:名称`，见 `resolv.conf(5)`。'"],
    ['// 注释, 不是字符串'],
    ["en: 'a member (of many), well: yes'"],
    ["zh: '监听 127.0.0.1:5300，例如 10:30。'"],
  ])('leaves %s alone', (source) => {
    expect(stringsOf(source).flatMap(halfWidthIn)).toEqual([]);
  });

  it('leaves code blocks and link targets of a page alone', () => {
    const page = '见[站点文件](docs/site.md)和：\n\n```yaml\nbecause: 五月实测\n```\n';

    expect(halfWidthIn(proseOf(page))).toEqual([]);
  });
});

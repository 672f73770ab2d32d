/**
 * Fails where a page has no twin in the other language, where a link or a path leads nowhere, or where an excerpt of a source
 * file (a code block under `<!-- path -->`) no longer stands in that file.
 *
 *   node scripts/check-docs.ts            those; nothing else fails
 *   node scripts/check-docs.ts --older    lists pages whose twin was changed later: read them again
 */
import { execFileSync } from 'node:child_process';
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';

export interface Page {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Flaw {
  readonly page: string;
  readonly line: number;
  readonly what: string;
}

/** English only: the list of changes, and notes beside the code, for those who read the code. */
const WITHOUT_TWIN = /^(CHANGELOG\.md$|src\/|test\/)/;

/** The page in the other language: `docs/x.md` and `docs/zh/x.md`, elsewhere `x.md` and `x.zh.md`. */
export function twinOf(path: string): string {
  if (path.startsWith('docs/zh/')) return path.replace('docs/zh/', 'docs/');
  if (path.startsWith('docs/')) return path.replace('docs/', 'docs/zh/');
  return path.endsWith('.zh.md') ? path.replace(/\.zh\.md$/, '.md') : path.replace(/\.md$/, '.zh.md');
}

/** Pages whose twin is missing. */
export function findUnpaired(pages: readonly Page[]): Flaw[] {
  const paths = new Set(pages.map(({ path }) => path));
  return [...paths]
    .filter((path) => !WITHOUT_TWIN.test(path) && !paths.has(twinOf(path)))
    .map((path) => ({ page: path, line: 1, what: `has no twin: write ${twinOf(path)}` }));
}

/**
 * Pages whose twin has a newer commit, oldest first.
 * @param changedAt seconds since 1970 of a page's last commit
 */
export function findOlder(pages: readonly Page[], changedAt: (path: string) => number): string[] {
  const at = new Map(pages.map(({ path }) => [path, changedAt(path)]));
  const isOlder = ([path, own]: [string, number]): boolean => own < (at.get(twinOf(path)) ?? own);
  return [...at]
    .filter(isOlder)
    .sort(([, a], [, b]) => a - b)
    .map(([path]) => path);
}

/**
 * Relative links to files that are not there, and anchors that no heading of the page makes.
 * @param exists of a path relative to the repository
 */
export function findDeadLinks(pages: readonly Page[], exists: (path: string) => boolean): Flaw[] {
  const byPath = new Map(pages.map((page) => [page.path, page]));
  return pages.flatMap((page) =>
    linksOf(page).flatMap(({ target, line }): Flaw[] => {
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
      if (!exists(path)) return [{ page: page.path, line, what: `links to ${target}, which is not there` }];
      const goal = byPath.get(path);
      if (anchor === undefined || goal === undefined || anchorsOf(goal).has(anchor)) return [];
      return [{ page: page.path, line, what: `links to ${target}, but no heading there makes that anchor` }];
    }),
  );
}

/**
 * Files of ours that a page names in code and that are not there.
 * @param exists of a path relative to the repository
 */
export function findMissingFiles(pages: readonly Page[], exists: (path: string) => boolean): Flaw[] {
  const ours = /`((?:src|test|scripts|bench|e2e|docs|examples)\/[\w./-]+)`/g;
  return pages.flatMap(({ path: page, text }) =>
    [...text.matchAll(ours)].flatMap(({ 1: path = '', index }): Flaw[] =>
      exists(path) ? [] : [{ page, line: lineAt(text, index), what: `names ${path}, which is not there` }],
    ),
  );
}

/** Excerpts that their file does not hold. A line with only `…` stands for lines left out. */
export function findStaleExcerpts(pages: readonly Page[], read: (path: string) => string): Flaw[] {
  const marked = /^( *)<!-- (\S+) -->\n\1```\w+\n([\s\S]*?)\n\1```$/gm;
  return pages.flatMap((page) =>
    [...page.text.matchAll(marked)].flatMap((match): Flaw[] => {
      const [, indent = '', path = '', code = ''] = match;
      const plain = code.split('\n').map((line) => line.slice(indent.length));
      const parts = plain
        .join('\n')
        .split(/^…$/m)
        .map((part) => part.replace(/^\n|\n$/g, ''));
      const text = read(path);
      const line = lineAt(page.text, match.index);
      return parts
        .filter((part) => !text.includes(part))
        .map((part) => ({ page: page.path, line, what: `${path} does not say (any more):\n${part}` }));
    }),
  );
}

interface Link {
  readonly target: string;
  readonly line: number;
}

/** Relative links and images, outside of code. */
function linksOf({ text }: Page): Link[] {
  const blank = (code: string): string => code.replace(/[^\n]/g, ' ');
  const prose = text.replace(/^ *```[\s\S]*?^ *```$/gm, blank).replace(/`[^`\n]*`/g, blank);
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(({ 1: target = '', index }) => ({ target, line: lineAt(text, index) }))
    .filter(({ target }) => !/^[a-z]+:/.test(target));
}

/** As GitHub makes them: lower case, punctuation gone, spaces to hyphens. */
function anchorsOf({ text }: Page): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(({ 1: heading = '' }) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set(headings);
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Every page of the repository; without git, so that a copy of the files is enough. */
function readPages(root: string): Page[] {
  const isOurs = ({ name }: Dirent): boolean => !name.startsWith('.') && name !== 'node_modules';
  const walk = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter(isOurs)
      .flatMap((entry) => {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) return walk(path);
        return path.endsWith('.md') ? [path] : [];
      });
  return walk('').map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function lastCommitOf(root: string, path: string): number {
  return Number(
    execFileSync('git', ['log', '-1', '--format=%ct', '--', path], { cwd: root, encoding: 'utf8' }),
  );
}

if (process.argv[1] === import.meta.filename) {
  const root = resolve(import.meta.dirname, '..');
  const pages = readPages(root);
  const flaws = [
    ...findUnpaired(pages),
    ...findDeadLinks(pages, (path) => existsSync(join(root, path))),
    ...findMissingFiles(pages, (path) => existsSync(join(root, path))),
    ...findStaleExcerpts(pages, (path) => readFileSync(join(root, path), 'utf8')),
  ];
  for (const { page, line, what } of flaws) console.error(`${page}:${line}: ${what}`);
  console.log(`docs: ${pages.length} pages, ${flaws.length} flaws`);
  if (flaws.length > 0) process.exitCode = 1;
  if (process.argv.includes('--older')) {
    for (const path of findOlder(pages, (page) => lastCommitOf(root, page))) {
      console.log(`${path} is older than ${twinOf(path)}`);
    }
  }
}

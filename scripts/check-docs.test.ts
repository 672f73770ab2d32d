import { describe, expect, it } from 'vitest';
import {
  findDeadLinks,
  findMissingFiles,
  findOlder,
  findStaleExcerpts,
  findUnpaired,
  twinOf,
} from './check-docs.ts';

const page = (path: string, text = '') => ({ path, text });
const whats = (flaws: readonly { what: string }[]) => flaws.map(({ what }) => what);

describe('pages in two languages', () => {
  it('are paired by name, below docs by folder and elsewhere by ending', () => {
    expect(twinOf('docs/watch.md')).toBe('docs/zh/watch.md');
    expect(twinOf('docs/zh/reference/site.md')).toBe('docs/reference/site.md');
    expect(twinOf('examples/pair/README.md')).toBe('examples/pair/README.zh.md');
    expect(twinOf('README.zh.md')).toBe('README.md');
  });

  it('are missed in either language', () => {
    const alone = [page('docs/watch.md'), page('docs/zh/tests.md'), page('README.md'), page('README.zh.md')];

    expect(findUnpaired(alone).map((flaw) => flaw.page)).toEqual(['docs/watch.md', 'docs/zh/tests.md']);
  });
});

describe('a page that is older than its twin', () => {
  it('is listed, the oldest first; pages of one commit are not', () => {
    const times = new Map([
      ['docs/a.md', 30],
      ['docs/zh/a.md', 20],
      ['docs/b.md', 10],
      ['docs/zh/b.md', 40],
      ['README.md', 50],
      ['README.zh.md', 50],
      ['CHANGELOG.md', 1],
    ]);
    const pages = [...times.keys()].map((path) => page(path));

    expect(findOlder(pages, (path) => times.get(path) ?? 0)).toEqual(['docs/b.md', 'docs/zh/a.md']);
  });
});

describe('relative links', () => {
  const exists = (path: string) => ['docs/a.md', 'docs/b.md', 'src/x.ts', 'docs/adr'].includes(path);

  it('lead to files and folders, from the page that has them', () => {
    const text = '[b](b.md) [x](../src/x.ts) ![p](adr/) [web](https://example.com) [mail](mailto:a@b)';

    expect(findDeadLinks([page('docs/a.md', text)], (path) => exists(path.replace(/\/$/, '')))).toEqual([]);
  });

  it('that lead nowhere are named with their line', () => {
    const flaws = findDeadLinks([page('docs/a.md', 'first\n\nsee [c](c.md)')], exists);

    expect(flaws).toEqual([{ page: 'docs/a.md', line: 3, what: 'links to c.md, which is not there' }]);
  });

  it('need a heading for their anchor, Chinese ones included', () => {
    const goal = page('docs/b.md', '# Add a `driver`\n\n## 词汇（一）\n');
    const from = page(
      'docs/a.md',
      '[1](b.md#add-a-driver) [2](b.md#词汇一) [3](b.md#add-a-probe) [4](#nowhere)',
    );

    expect(whats(findDeadLinks([from, goal], exists))).toEqual([
      'links to b.md#add-a-probe, but no heading there makes that anchor',
      'links to #nowhere, but no heading there makes that anchor',
    ]);
  });

  it('in code are no links', () => {
    const text = 'a `[x](y.md)` b\n```ts\nconst f = m[k](z);\n```\n';

    expect(findDeadLinks([page('docs/a.md', text)], exists)).toEqual([]);
  });
});

describe('files named in code', () => {
  it('are there, patterns and foreign paths left out', () => {
    const text = 'see `src/a.ts`, `src/<driver>/b.ts`, `src/site/x-*.ts`, `/etc/hosts`\nand `src/gone.ts`';

    const flaws = findMissingFiles([page('docs/a.md', text)], (path) => path === 'src/a.ts');
    expect(flaws).toEqual([{ page: 'docs/a.md', line: 2, what: 'names src/gone.ts, which is not there' }]);
  });
});

describe('excerpts of source files', () => {
  const source = 'const a = 1;\n  const b = 2;\nconst c = 3;\n';
  const excerpt = (code: string) =>
    page('x.md', `1. text\n\n   <!-- src/x.ts -->\n   \`\`\`ts\n${code}\n   \`\`\`\n`);

  it('stand in their file, with lines left out', () => {
    const code = '   const a = 1;\n     const b = 2;\n   …\n   const c = 3;';

    expect(findStaleExcerpts([excerpt(code)], () => source)).toEqual([]);
  });

  it('that do not are named with the file and what it lacks', () => {
    const [flaw] = findStaleExcerpts([excerpt('   const a = 1;\n   …\n   const d = 4;')], () => source);

    expect(flaw).toEqual({ page: 'x.md', line: 3, what: 'src/x.ts does not say (any more):\nconst d = 4;' });
  });
});

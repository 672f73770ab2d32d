/** What the pages of an example show as output is what the commands print: each `$ holdfast …` block is run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeIo } from '../../test/fake-io.ts';
import { runCli } from './program.ts';

const root = join(import.meta.dirname, '../..');

interface Shown {
  readonly args: readonly string[];
  readonly output: string;
}

/** The console blocks of a page that begin with a prompt. */
function shownIn(page: string): Shown[] {
  const blocks = readFileSync(join(root, page), 'utf8').matchAll(
    /^```console\n\$ holdfast (.+)\n([^`]*)```$/gm,
  );
  return [...blocks].map(([, line = '', output = '']) => ({ args: line.split(' '), output }));
}

test.each([
  ['examples/dce5-bootstrap/README.md', 'en'],
  ['examples/dce5-bootstrap/README.zh.md', 'zh'],
] as const)('%s shows what the commands print', async (page, language) => {
  const shown = shownIn(page);
  expect(shown.length).toBeGreaterThan(1);
  for (const { args, output } of shown) {
    const io = fakeIo({ language, cwd: root });
    await runCli(args, io);
    expect(io.written.out, args.join(' ')).toBe(output);
  }
});

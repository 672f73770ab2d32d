import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeIo } from '../../test/fake-io.ts';
import { layouts } from './layouts.ts';
import { runCli } from './program.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'holdfast-init-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

describe('holdfast init', () => {
  it('writes the first layout to site.yaml and says what comes next', async () => {
    const io = fakeIo({ cwd });

    expect(await runCli(['init'], io)).toBe(0);

    expect(await readFile(join(cwd, 'site.yaml'), 'utf8')).toContain('kind: dns-embedded');
    expect(io.written.out).toContain('holdfast lint -f site.yaml');
  });

  it('never overwrites: exits 4 and leaves the file as it is', async () => {
    await writeFile(join(cwd, 'site.yaml'), 'mine');
    const io = fakeIo({ cwd });

    expect(await runCli(['init'], io)).toBe(4);

    expect(await readFile(join(cwd, 'site.yaml'), 'utf8')).toBe('mine');
    expect(io.written.err).toContain('site.yaml exists');
  });

  it('names the layout that was meant, and exits 2', async () => {
    const io = fakeIo({ cwd });

    expect(await runCli(['init', 'bootstrap-dns-bnd'], io)).toBe(2);

    expect(io.written.err).toContain("Did you mean 'bootstrap-dns-bind'?");
  });

  it('says why it cannot write', async () => {
    const io = fakeIo({ cwd });

    expect(await runCli(['init', '-f', 'no/such/folder/site.yaml'], io)).toBe(1);

    expect(io.written.err).toContain('cannot write no/such/folder/site.yaml');
    expect(io.written.err).toContain('[cli/init-failed]');
  });

  it('lists its layouts in the language of the user', async () => {
    const io = fakeIo({ cwd, language: 'zh' });

    await runCli(['init', '--list'], io);

    expect(io.written.out.trim().split('\n')).toHaveLength(layouts.names.length);
    expect(io.written.out).toMatch(/bootstrap-pair +\p{Script=Han}/u);
  });

  it('prints instead of writing with --stdout, in the language of the user', async () => {
    const io = fakeIo({ cwd, language: 'zh' });

    await runCli(['init', '--stdout'], io);

    expect(io.written.out).toContain('# 如何访问主机');
    expect(io.written.out).not.toContain('# How hosts are reached');
  });

  const both = layouts.names.flatMap((name) => [
    [name, 'en'],
    [name, 'zh'],
  ]) as [string, 'en' | 'zh'][];
  it.each(both)('the layout %s in %s lints clean, warnings and all', async (name, language) => {
    const file = join(cwd, 'site.yaml');
    await runCli(['init', name], fakeIo({ cwd, language }));
    const io = fakeIo({ cwd });

    expect(await runCli(['lint', '--strict', file], io)).toBe(0);
    expect(io.written.out).toBe(`${file}: nothing to mend\n`);
  });
});

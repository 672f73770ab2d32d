import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScratchHost, scratchHost } from '../../../test/scratch-host.ts';
import { Trial } from '../../../test/step-contract.ts';
import { directory } from './directory.ts';

let host: ScratchHost;

beforeEach(async () => {
  host = await scratchHost();
});
afterEach(() => host[Symbol.asyncDispose]());

const at = (name: string): string => join(host.folder, name);
const trial = (args: object): Trial =>
  new Trial(directory, {
    host,
    clock: host.clock,
    args,
    snapshot: async () => undefined,
    trace: async () => undefined,
    [Symbol.asyncDispose]: async () => {},
  });

describe('a directory', () => {
  it('is left by a revert where something has come into it, and so are its parents', async () => {
    const step = trial({ path: at('data/www/charts') });
    await step.capture();
    await step.apply();
    writeFileSync(at('data/www/index.html'), 'came later');
    await step.revert();
    expect(existsSync(at('data/www/charts'))).toBe(false);
    expect(existsSync(at('data/www/index.html'))).toBe(true);
    expect(step.said).toContain('left a directory that is no longer empty');
    await step.revert();
    expect(existsSync(at('data/www/index.html'))).toBe(true);
  });

  it('is never removed by a revert where it was there before', async () => {
    mkdirSync(at('data'));
    const step = trial({ path: at('data') });
    expect((await step.check()).state).toBe('done');
    await step.capture();
    await step.apply();
    await step.revert();
    expect(existsSync(at('data'))).toBe(true);
  });

  it('is refused where a file or a link is in its place', async () => {
    writeFileSync(at('file'), '');
    symlinkSync(host.folder, at('link'));
    for (const name of ['file', 'link'])
      expect(await trial({ path: at(name) }).check()).toMatchObject({ state: 'refused' });
  });

  it('says what it will be, and what changes', async () => {
    mkdirSync(at('data'), { mode: 0o700 });
    expect(await trial({ path: at('new'), owner: 'nobody' }).check()).toMatchObject({
      diff: { summary: `make ${at('new')} (mode 0755, nobody)` },
    });
    expect(await trial({ path: at('data'), mode: '0711' }).check()).toMatchObject({
      diff: { summary: `change ${at('data')}: mode 0700 → 0711` },
    });
  });

  it('names what chown complains of', async () => {
    const step = trial({ path: at('data'), owner: 'no-such-user-here' });
    await step.capture();
    await expect(step.apply()).rejects.toMatchObject({
      code: 'step/command-failed',
      got: expect.stringContaining('no-such-user-here'),
      hint: expect.stringContaining('getent'),
    });
  });
});

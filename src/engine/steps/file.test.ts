import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScratchHost, scratchHost } from '../../../test/scratch-host.ts';
import { Trial } from '../../../test/step-contract.ts';
import { Secret } from '../../base/secret.ts';
import { file } from './file.ts';

let host: ScratchHost;
let folder: string;

beforeEach(async () => {
  host = await scratchHost();
  folder = host.folder;
});
afterEach(() => host[Symbol.asyncDispose]());

const at = (name: string): string => join(folder, name);
const trial = (args: object): Trial =>
  new Trial(file, {
    host,
    clock: host.clock,
    args,
    secrets: new Map([['env:KEY', new Secret('env:KEY', 'the secret itself')]]),
    snapshot: async () => undefined,
    trace: async () => undefined,
    [Symbol.asyncDispose]: async () => {},
  });

describe('a file', () => {
  it('shows a unified diff, and what changes of mode and owner', async () => {
    writeFileSync(at('motd'), 'one\ntwo\n', { mode: 0o644 });
    const check = await trial({ path: at('motd'), content: 'one\nthree\n', mode: '0664' }).check();
    expect(check).toEqual({
      state: 'todo',
      diff: {
        summary: `change ${at('motd')} (+1 −1), mode 0644 → 0664`,
        text: `--- ${at('motd')}\n+++ ${at('motd')}\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n`,
      },
    });
  });

  it('shows nothing of a file that is not for everybody, on either side', async () => {
    writeFileSync(at('key'), 'old secret', { mode: 0o640 });
    const before = await trial({ path: at('key'), content: 'new secret' }).check();
    expect(JSON.stringify(before)).not.toMatch(/old secret|new secret/);
    writeFileSync(at('open'), 'was open\n');
    const closing = await trial({ path: at('open'), content: 'will be closed\n', mode: '0600' }).check();
    expect(JSON.stringify(closing)).not.toMatch(/was open|will be closed/);
  });

  it('holds a secret among other words where it is one of a configuration, and shows none of it', async () => {
    const step = trial({ path: at('auth'), contentFrom: 'env:KEY', around: ['auth_pass ', '\n'] });
    expect(JSON.stringify(await step.check())).not.toMatch(/the secret/);
    await step.capture();
    await step.apply();
    expect(readFileSync(at('auth'), 'utf8')).toBe('auth_pass the secret itself\n');
    expect(statSync(at('auth')).mode & 0o777).toBe(0o600);
  });

  it('is left as it was where the validator refuses, and the trial copy goes', async () => {
    writeFileSync(at('named.conf'), 'good\n');
    const step = trial({
      path: at('named.conf'),
      content: 'broken\n',
      validate: ['sh', '-c', 'echo "$1: bad"; exit 1', '-', '{path}'],
    });
    await step.capture();
    await expect(step.apply()).rejects.toMatchObject({
      code: 'step/invalid-content',
      got: 'exit code 1',
      evidence: `${at('named.conf')}: bad`,
    });
    expect(readFileSync(at('named.conf'), 'utf8')).toBe('good\n');
    expect(readdirSync(folder)).toEqual(['bin', 'named.conf']);
  });

  it('does not repeat what a validator says of a secret', async () => {
    const step = trial({
      path: at('key'),
      contentFrom: 'env:KEY',
      validate: ['sh', '-c', 'cat "$1"; exit 1', '-', '{path}'],
    });
    await step.capture();
    const error = await step.apply().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'step/invalid-content' });
    expect(JSON.stringify(error)).not.toContain('the secret itself');
    expect(existsSync(at('key'))).toBe(false);
  });

  it('is for root alone where it holds a secret and no mode is given', async () => {
    const step = trial({ path: at('key'), contentFrom: 'env:KEY' });
    await step.capture();
    await step.apply();
    expect((await host.files.stat(at('key'), new AbortController().signal))?.mode).toBe(0o600);
    expect(await step.verify()).toMatchObject({ got: expect.stringContaining('not for everybody') });
  });

  it('refuses a symbolic link and a folder instead of writing through them', async () => {
    writeFileSync(at('target'), 'x');
    symlinkSync(at('target'), at('link'));
    expect(await trial({ path: at('link'), content: 'y' }).check()).toMatchObject({
      state: 'refused',
      because: { code: 'file/not-a-file', params: { type: 'symlink' } },
    });
    expect(await trial({ path: folder, absent: true }).check()).toMatchObject({ state: 'refused' });
  });

  it('needs its folder', async () => {
    const step = trial({ path: at('no/such/folder/x'), content: 'y' });
    expect((await step.check()).state).toBe('todo');
    await step.capture();
    await expect(step.apply()).rejects.toMatchObject({
      code: 'host/no-such-folder',
      hint: expect.stringContaining('directory'),
    });
  });

  it('says that somebody changed it, where verify finds something else', async () => {
    const step = trial({ path: at('motd'), content: 'wanted\n' });
    await step.capture();
    await step.apply();
    writeFileSync(at('motd'), 'other\n');
    await expect(step.verify()).rejects.toMatchObject({ code: 'step/not-as-wanted' });
  });

  it('keeps one old copy of what is not for everybody, and says so where it has gone', async () => {
    writeFileSync(at('key'), 'first', { mode: 0o600 });
    for (const content of ['second', 'third']) {
      const step = trial({ path: at('key'), content });
      await step.capture();
      await step.apply();
    }
    const copies = readdirSync(folder).filter((name) => name.includes('holdfast-old'));
    expect(copies.map((name) => readFileSync(at(name), 'utf8'))).toEqual(['second']);
    const step = trial({ path: at('key'), content: 'fourth' });
    await step.capture();
    await step.apply();
    for (const name of readdirSync(folder).filter((each) => each.includes('holdfast-old'))) rmSync(at(name));
    await expect(step.revert()).rejects.toMatchObject({ code: 'step/old-content-missing' });
  });

  it('wants exactly one of content, a secret and absence', () => {
    for (const args of [{}, { content: '', absent: true }, { content: '', contentFrom: 'env:KEY' }]) {
      expect(file.args.safeParse({ path: '/x', ...args }).success).toBe(false);
    }
    expect(file.args.safeParse({ path: '/x', contentFrom: 'hunter2' }).success).toBe(false);
  });
});

import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScratchHost, scratchHost } from '../../../test/scratch-host.ts';
import { Trial } from '../../../test/step-contract.ts';
import { Secret } from '../../base/secret.ts';
import { command } from './command.ts';

let host: ScratchHost;

beforeEach(async () => {
  host = await scratchHost();
});
afterEach(() => host[Symbol.asyncDispose]());

const trial = (args: object): Trial =>
  new Trial(command, {
    host,
    clock: host.clock,
    args,
    secrets: new Map([['env:PASSWORD', new Secret('env:PASSWORD', 'correct horse\n')]]),
    snapshot: async () => undefined,
    trace: async () => undefined,
    [Symbol.asyncDispose]: async () => {},
  });

describe('a command', () => {
  it('is shown as one would type it, with the check that asks for it', async () => {
    expect(await trial({ run: ['echo', 'a b', "it's"], unless: ['false'] }).check()).toEqual({
      state: 'todo',
      diff: { summary: "run echo 'a b' 'it'\\''s'", text: 'because this fails: false' },
    });
  });

  it('does not take its words for shell', async () => {
    const path = join(host.folder, '$(echo pwned); `id`');
    const step = trial({ run: ['touch', path], creates: join(host.folder, 'x') });
    await step.apply();
    expect((await host.files.stat(path, new AbortController().signal))?.type).toBe('file');
  });

  it('that ends well without doing its work is a failure', async () => {
    const step = trial({ run: ['true'], creates: join(host.folder, 'nothing') });
    await step.apply();
    await expect(step.verify()).rejects.toMatchObject({
      code: 'step/not-as-wanted',
      got: 'exit code 1',
      hint: expect.stringContaining('its check does not pass'),
    });
  });

  it('that fails shows what it said, without the secret it was given', async () => {
    const step = trial({
      run: ['sh', '-c', 'read p; echo "wrong: $p" >&2; exit 3'],
      unless: ['false'],
      stdin: 'env:PASSWORD',
    });
    await expect(step.apply()).rejects.toMatchObject({
      code: 'step/command-failed',
      got: 'exit code 3: wrong: <env:PASSWORD>',
      evidence: 'wrong: <env:PASSWORD>',
    });
  });

  it('is final where it has no undo, and says so when its undo fails', async () => {
    expect(command.finalFor?.(command.args.parse({ run: ['a'], creates: '/x' }))).toMatchObject({
      code: 'command/no-undo',
    });
    const step = trial({ run: ['true'], unless: ['true'], undo: ['sh', '-c', 'echo no >&2; exit 1'] });
    expect(command.finalFor?.(step.args as never)).toBeUndefined();
    await step.capture();
    await expect(step.revert()).rejects.toMatchObject({
      code: 'step/command-failed',
      got: 'exit code 1: no',
    });
  });

  it('must say how to tell that it was done, in one way', () => {
    expect(command.args.safeParse({ run: ['a'] }).success).toBe(false);
    expect(command.args.safeParse({ run: ['a'], unless: ['b'], creates: '/c' }).success).toBe(false);
    expect(command.args.safeParse({ run: ['a', 'env:PASSWORD'], unless: ['b'] }).success).toBe(false);
  });
});

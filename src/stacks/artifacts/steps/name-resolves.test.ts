import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchHost } from '../../../../test/scratch-host.ts';
import { testStep } from '../../../../test/step-contract.ts';
import { silentLogger } from '../../../base/log.ts';
import type { StepContext } from '../../../engine/step.ts';
import { nameResolves } from './name-resolves.ts';

/** A host whose getent gives `before` until it was asked `times` times, then a member. */
async function hostThatLearns(before: string, times: number) {
  const host = await scratchHost();
  const count = join(host.folder, 'count');
  const getent = join(host.folder, 'bin', 'getent');
  writeFileSync(
    getent,
    `#!/bin/sh
echo . >> ${count}
if [ "$(wc -l < ${count})" -gt ${times} ]; then echo "10.0.0.1 STREAM $2"; echo "10.0.0.1 DGRAM"; else ${before}; fi
`,
  );
  chmodSync(getent, 0o755);
  return { host, asked: () => (existsSync(count) ? readFileSync(count, 'utf8').length / 2 : 0) };
}

const args = { name: 'www.tinder.test', addresses: ['10.0.0.1', '10.0.0.2'] };

for (const [name, before] of [
  ['a host that does not know the name yet', 'exit 2'],
  ['a host that keeps an old answer for a while', 'echo "10.9.9.9 STREAM $2"'],
]) {
  testStep(nameResolves, {
    name: name as string,
    endsByItself: true,
    async open() {
      const { host, asked } = await hostThatLearns(before as string, 3);
      return {
        host,
        clock: host.clock,
        args,
        snapshot: async () => [],
        trace: async () => asked(),
        [Symbol.asyncDispose]: async () => host[Symbol.asyncDispose](),
      };
    },
  });
}

describe('the step name-resolves', () => {
  const contextOn = (host: Awaited<ReturnType<typeof scratchHost>>): StepContext => ({
    host,
    connect: () => Promise.reject(new Error('no other host')),
    clock: host.clock,
    signal: new AbortController().signal,
    log: silentLogger,
    secret: () => Promise.reject(new Error('no secrets here')),
    amendUndo: async () => {},
  });

  test('gives up at its deadline, and says what the host got instead', async () => {
    const { host, asked } = await hostThatLearns('echo "10.9.9.9 STREAM $2"', 1_000);
    await using _open = host;
    const parsed = nameResolves.args.parse({ ...args, deadlineMs: 10_000 });
    await expect(nameResolves.apply(contextOn(host), parsed, {})).rejects.toMatchObject({
      code: 'step/not-as-wanted',
      expected: '10.0.0.1 or 10.0.0.2',
      got: '10.9.9.9',
    });
    expect(asked()).toBe(6);
  });

  test('asks the host itself: localhost leads to loopback, whatever the stack says', async () => {
    await using host = await scratchHost();
    const parsed = nameResolves.args.parse({ name: 'localhost', addresses: ['127.0.0.1', '::1'] });
    expect(await nameResolves.check(contextOn(host), parsed)).toMatchObject({ state: 'done' });
  });

  test('is not satisfied with a stranger beside a member', async () => {
    const { host } = await hostThatLearns('echo "10.0.0.1 STREAM"; echo "10.9.9.9 STREAM"', 1_000);
    await using _open = host;
    expect(await nameResolves.check(contextOn(host), nameResolves.args.parse(args))).toEqual({
      state: 'todo',
      diff: { summary: 'www.tinder.test: 10.0.0.1, 10.9.9.9 → 10.0.0.1 or 10.0.0.2' },
    });
  });
});

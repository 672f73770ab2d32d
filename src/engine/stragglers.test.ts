import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { engineOf, Process, World } from '../../test/engine-world.ts';
import { SystemClock } from '../base/clock.ts';
import { InterruptedError } from '../base/interrupt.ts';
import { controllerSpec, openLocal } from '../hosts/local.ts';
import { script } from '../hosts/shell.ts';
import { awaitStragglers, parseStragglers, type Straggler, stragglersScript } from './stragglers.ts';

const clock = new SystemClock();
const never = new AbortController().signal;
const here = openLocal(controllerSpec('me'), { clock, env: process.env });

async function look(): Promise<readonly Straggler[]> {
  return parseStragglers((await here.run(stragglersScript, { timeoutMs: 10_000, signal: never })).stdout);
}

test('a command that is at work is found with its pid, and is gone from the list once it has ended', async () => {
  const marker = `hf-test-${process.pid}`;
  const running = here.run(script(`: ${marker}; sleep 30`), { timeoutMs: 60_000, signal: never });
  running.catch(() => {});
  const mine = async () => (await look()).find(({ text }) => text.includes(marker));
  const deadlineMs = clock.monotonicMs() + 10_000;
  let found = await mine();
  while (found === undefined && clock.monotonicMs() < deadlineMs) {
    await clock.sleep(50);
    found = await mine();
  }
  expect(found?.text).toContain(`${marker}; sleep 30`);
  execFileSync('kill', ['-KILL', '--', `-${found!.pid}`]);
  expect((await running).code).toBe(137);
  expect(await mine()).toBeUndefined();
});

test('looking does not find itself, not even when many look at once', async () => {
  const seen = (await Promise.all(Array.from({ length: 4 }, look))).flat();
  expect(seen.filter(({ text }) => text.includes('hf-look'))).toEqual([]);
});

const one: Straggler = { id: '7@1', pid: 7, text: 'dnf install x' };
const other: Straggler = { id: '8@2', pid: 8, text: 'cat /etc/hosts' };

async function waiting(answers: readonly (readonly Straggler[])[], forMs: number) {
  const world = new World();
  world.stragglers.push(...answers);
  const engine = engineOf(new Process(world));
  const result = awaitStragglers(engine, ['a'], never);
  await world.clock.advance(forMs);
  return result;
}

test('a quiet host is not waited for', async () => {
  expect(await waiting([[]], 0)).toEqual([]);
});

test('what was at work is waited for until it has ended; what began meanwhile is not', async () => {
  expect(await waiting([[one], [one], [other]], 1_000)).toEqual([]);
});

test('what does not end is a refusal that names it and says what to do', async () => {
  const refused = await waiting(Array(400).fill([one]), 61_000);
  expect(refused).toMatchObject([
    { rule: 'engine/straggler', because: { params: { host: 'a', pid: 7, text: 'dnf install x' } } },
  ]);
});

test('a stop signal ends the waiting', async () => {
  const world = new World();
  world.stragglers.push(...(Array(400).fill([one]) as Straggler[][]));
  const stop = new AbortController();
  const result = awaitStragglers(engineOf(new Process(world)), ['a'], stop.signal);
  await world.clock.advance(1_000);
  stop.abort(new InterruptedError());
  await expect(result).rejects.toMatchObject({ code: 'base/interrupted' });
});

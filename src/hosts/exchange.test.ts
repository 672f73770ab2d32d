/** How a command is stopped that has not said yet which process group it is: over a slow way, or while a host begins. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { SimClock } from '../../test/sim-clock.ts';
import { wrap } from './envelope.ts';
import { type Ending, exchange, type Running } from './exchange.ts';
import { script } from './shell.ts';

const envelope = wrap(script('sleep 600'), 'none', '00112233445566778899aabb');

function begin() {
  const clock = new SimClock();
  const caller = new AbortController();
  const killed: (number | 'hung up')[] = [];
  const stdout = new PassThrough();
  const ended = Promise.withResolvers<Ending>();
  const running: Running = {
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    ended: ended.promise,
    hangUp: () => killed.push('hung up'),
    abandon: () => stdout.destroy(),
  };
  const killGroup = async (group: number): Promise<void> => {
    killed.push(group);
    ended.resolve({ code: 143 });
  };
  const work = exchange(running, {
    host: 'db1',
    clock,
    envelope,
    timeoutMs: 60_000,
    signal: caller.signal,
    maxOutputBytes: 1_000,
    killGroup,
  });
  work.catch(() => {});
  return { clock, caller, killed, stdout, work };
}

test('a command that is stopped just before it says its group is killed as soon as it has said it', async () => {
  const { clock, caller, killed, stdout, work } = begin();
  caller.abort(new Error('enough'));
  await clock.advance(200);
  stdout.write(`${envelope.mark} 4711\n`);
  await expect(work).rejects.toThrow('enough');
  expect(killed).toEqual([4711]);
});

test('one that never says it is hung up on, and not waited for without end', async () => {
  const { clock, caller, killed, work } = begin();
  caller.abort(new Error('enough'));
  await clock.advance(1_000);
  expect(killed).toEqual(['hung up']);
  await clock.advance(4_000);
  await expect(work).rejects.toThrow('enough');
});

import { expect, test } from 'vitest';
import { SimClock } from '../../test/sim-clock.ts';
import { Scenario, testPolicy } from '../../test/watch-scenario.ts';
import { silentLogger } from '../base/log.ts';
import type { EndpointState } from './endpoint-state.ts';
import { createSaver } from './saver.ts';
import type { StateStore } from './state.ts';

/** A disk that takes its time, and remembers the epochs in order. */
function slowStore(clock: SimClock, takesMs: number): StateStore & { epochs: number[]; broken: boolean } {
  return {
    epochs: [],
    broken: false,
    load: async () => undefined,
    async save(stored) {
      await clock.sleep(takesMs);
      if (this.broken) throw new Error('the disk is full');
      this.epochs.push(stored.epoch);
    },
  };
}

function stateOf(epoch: number): EndpointState {
  return { ...new Scenario(testPolicy()).state, epoch };
}

test('while one state is written only the newest waits, and each save resolves when it is covered', async () => {
  const clock = new SimClock();
  const store = slowStore(clock, 100);
  const saver = createSaver({ store, clock, log: silentLogger });
  const done: number[] = [];
  for (let epoch = 1; epoch <= 5; epoch++) {
    void saver.save(stateOf(epoch)).then(() => done.push(epoch));
    await clock.advance(10);
  }
  await clock.advance(60);
  expect(done).toEqual([1]);
  await clock.advance(100);
  expect(store.epochs).toEqual([1, 5]);
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

test('a full disk gives false, is remembered, and forgotten when it works again', async () => {
  const clock = new SimClock();
  const store = slowStore(clock, 0);
  const saver = createSaver({ store, clock, log: silentLogger });
  store.broken = true;
  const failed = saver.save(stateOf(1));
  await clock.advance(1);
  expect(await failed).toBe(false);
  expect(saver.failingSince).toBe(clock.now() - 1);
  store.broken = false;
  const saved = saver.save(stateOf(2));
  await clock.advance(1);
  expect(await saved).toBe(true);
  expect(saver.failingSince).toBeUndefined();
});

test('what the disk refused is tried again once a second, and only then', async () => {
  const clock = new SimClock();
  const store = slowStore(clock, 0);
  const saver = createSaver({ store, clock, log: silentLogger });
  saver.tryAgain(stateOf(1));
  store.broken = true;
  void saver.save(stateOf(1));
  await clock.advance(1);
  store.broken = false;
  saver.tryAgain(stateOf(1));
  await clock.advance(900);
  expect(store.epochs).toEqual([]);
  await clock.advance(100);
  saver.tryAgain(stateOf(1));
  await clock.advance(1);
  expect(store.epochs).toEqual([1]);
  saver.tryAgain(stateOf(1));
  await clock.advance(5_000);
  expect(store.epochs).toEqual([1]);
});

test('a disk that hangs holds nobody up for longer than two seconds', async () => {
  const clock = new SimClock();
  const saver = createSaver({ store: slowStore(clock, 1e9), clock, log: silentLogger });
  const result = saver.save(stateOf(1));
  await clock.advance(2_000);
  expect(await result).toBe(false);
});

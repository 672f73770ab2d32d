import { afterEach, describe, expect, test } from 'vitest';
import { SimClock } from '../../test/sim-clock.ts';
import { silentLogger } from '../base/log.ts';
import type { ProbeResult, ProbeStatus } from '../probes/probe.ts';
import { type Observer, type ProbeTask, startObserver, type Urgency } from './observe.ts';

let observer: Observer | undefined;
afterEach(async () => observer?.[Symbol.asyncDispose]());

function resultOf(status: ProbeStatus, at: number): ProbeResult {
  const because = { code: 'test', params: {} };
  return { status, asked: 'a', got: 'b', expected: 'c', tookMs: 0, at, because };
}

/** A task that takes `takesMs`, and what became of it. */
class Asked implements ProbeTask {
  readonly name: string;
  readonly group: string;
  readonly intervalMs: number = 1_000;
  readonly timeoutMs = 500;
  readonly starts: number[] = [];
  readonly results: ProbeResult[] = [];
  readonly clock: SimClock;
  takesMs = 10;
  status: ProbeStatus = 'up';
  urgency: Urgency = 'usual';
  running = 0;
  mostAtOnce = 0;
  aborted = 0;

  constructor(clock: SimClock, name: string, group = name) {
    this.clock = clock;
    this.name = name;
    this.group = group;
  }

  async run(signal: AbortSignal): Promise<ProbeResult> {
    this.starts.push(this.clock.monotonicMs());
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.running);
    try {
      await this.clock.sleep(this.takesMs, signal);
    } catch (error) {
      this.aborted++;
      throw error;
    } finally {
      this.running--;
    }
    return resultOf(this.status, this.clock.now());
  }

  onResult(result: ProbeResult): Urgency {
    this.results.push(result);
    return this.urgency;
  }
}

function start(clock: SimClock, tasks: readonly ProbeTask[], concurrency = 100, random = () => 0.5): void {
  const { signal } = new AbortController();
  observer = startObserver({ tasks, concurrency, clock, random, log: silentLogger, signal });
}

describe('the observer', () => {
  test('asks each task once an interval, counted from start to start', async () => {
    const clock = new SimClock();
    const task = new Asked(clock, 'a');
    task.takesMs = 400;
    start(clock, [task]);
    await clock.advance(5_000);
    expect(task.starts).toEqual([500, 1_500, 2_500, 3_500, 4_500]);
  });

  test('never asks the same twice at once, however long it takes', async () => {
    const clock = new SimClock();
    const task = new Asked(clock, 'a');
    task.takesMs = 3_700;
    start(clock, [task]);
    await clock.advance(12_000);
    expect(task.mostAtOnce).toBe(1);
    expect(task.starts).toEqual([500, 4_200, 7_900, 11_600]);
  });

  test('spreads the first round and varies the intervals by a tenth', async () => {
    const clock = new SimClock();
    const tasks = Array.from({ length: 50 }, (_, index) => new Asked(clock, `${index}`));
    let seed = 1;
    start(clock, tasks, 100, () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    });
    await clock.advance(4_000);
    const firsts = tasks.map((task) => task.starts[0] as number);
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThan(800);
    const gaps = tasks.map((task) => (task.starts[1] as number) - (task.starts[0] as number));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(900);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_100);
    expect(new Set(gaps).size).toBeGreaterThan(10);
  });

  test('keeps to the global limit', async () => {
    const clock = new SimClock();
    const tasks = Array.from({ length: 30 }, (_, index) => new Asked(clock, `${index}`));
    let most = 0;
    start(clock, tasks, 4);
    for (let n = 0; n < 200; n++) {
      await clock.advance(10);
      most = Math.max(most, observer?.running ?? 0);
    }
    expect(most).toBe(4);
    expect(tasks.every((task) => task.starts.length > 0)).toBe(true);
  });

  test('looks again after half an interval where the verdict is in doubt', async () => {
    const clock = new SimClock();
    const task = new Asked(clock, 'a');
    task.urgency = 'soon';
    start(clock, [task]);
    await clock.advance(2_000);
    expect(task.starts).toEqual([500, 1_000, 1_500, 2_000]);
  });

  test('asks the rest of the group at once where a doubt is new, at most at twice the rate', async () => {
    const clock = new SimClock();
    const [first, second, other] = [
      new Asked(clock, 'a', 'endpoint'),
      new Asked(clock, 'b', 'endpoint'),
      new Asked(clock, 'c', 'another'),
    ];
    let turn = 0;
    // Only the first round is spread by these; the middle means no jitter.
    start(clock, [first, second, other], 100, () => [0, 0.8, 0.8][turn++] ?? 0.5);
    await clock.advance(950);
    expect(second.starts).toEqual([800]);
    first.urgency = 'all-soon';
    await clock.advance(60);
    expect(first.starts).toEqual([0, 1_000]);
    expect(second.starts).toEqual([800]);
    await clock.advance(800);
    expect(second.starts[1]).toBe(1_510);
    expect(other.starts).toEqual([800, 1_800]);
  });

  test('calls a result unknown where this machine stood still during the probe', async () => {
    const clock = new SimClock();
    const task = new Asked(clock, 'a');
    task.takesMs = 1_600;
    task.status = 'down';
    start(clock, [task]);
    await clock.advance(2_500);
    expect(task.results[0]).toMatchObject({ status: 'unknown', because: { code: 'watch/prober-stalled' } });
  });

  test('goes on with a task that throws', async () => {
    const clock = new SimClock();
    const task = new Asked(clock, 'a');
    let broken = true;
    const run = task.run.bind(task);
    task.run = (signal) => (broken ? Promise.reject(new Error('a defect')) : run(signal));
    start(clock, [task]);
    await clock.advance(2_000);
    broken = false;
    await clock.advance(2_000);
    expect(task.results.length).toBeGreaterThan(0);
  });

  test('aborts what is under way when it stops, drops its result, and asks no more', async () => {
    const clock = new SimClock();
    const task = new Asked(clock, 'a');
    task.takesMs = 10_000;
    start(clock, [task]);
    await clock.advance(1_000);
    await observer?.[Symbol.asyncDispose]();
    await clock.advance(30_000);
    expect(task).toMatchObject({ aborted: 1, results: [], running: 0 });
    expect(task.starts).toHaveLength(1);
  });
});

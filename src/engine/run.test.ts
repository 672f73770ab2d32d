import { expect, test } from 'vitest';
import { type EngineOptions, engineOf, Process, planOf, setStep, World } from '../../test/engine-world.ts';
import { HoldfastError } from '../base/errors.ts';
import { InterruptedError } from '../base/interrupt.ts';
import { Secret } from '../base/secret.ts';
import type { Endpoint } from '../site/model.ts';
import { StoreError } from '../store/store-error.ts';
import type { Engine } from './engine.ts';
import { previewPlan } from './preview.ts';
import { isRefusal, type Refusal, type RunReport } from './report.ts';
import type { AnyReversible, AnyStepKind } from './resolve.ts';
import { startRun } from './run.ts';
import { shownDigests } from './run-document.ts';
import type { Step, StepContext } from './step.ts';

interface Ran {
  readonly world: World;
  readonly process: Process;
  readonly engine: Engine;
  readonly result: RunReport | Refusal;
}

async function run(
  steps: readonly Step[],
  o: EngineOptions & {
    world?: World;
    afterShown?: (world: World) => void;
    overrides?: readonly string[];
    with?: (engine: Engine) => Partial<Engine>;
    process?: Process;
  } = {},
): Promise<Ran> {
  const process = o.process ?? new Process(o.world ?? new World());
  const { world } = process;
  const base = engineOf(process, o);
  const engine = { ...base, ...o.with?.(base) };
  const plan = planOf(steps);
  const overrides = o.overrides ?? [];
  const work = (async () => {
    const shown = shownDigests(await previewPlan(plan, engine, process.signals.stop));
    o.afterShown?.(world);
    return startRun({ plan, shown, overrides }, engine, process.signals);
  })();
  work.catch(() => {});
  // Retries wait on the simulated clock.
  for (let turn = 0; turn < 40; turn++) await world.clock.advance(1_000);
  return { world, process, engine, result: await work };
}

function report({ result }: Ran): RunReport {
  if (isRefusal(result)) throw new Error(`refused: ${JSON.stringify(result.refused)}`);
  return result;
}

function refusal({ result }: Ran): Refusal['refused'] {
  if (!isRefusal(result)) throw new Error(`not refused: ${JSON.stringify(result)}`);
  return result.refused;
}

function entriesOf({ world }: Ran): string[] {
  const [kept] = [...world.runs.values()];
  return (kept?.entries ?? []).map((entry) => ('step' in entry ? `${entry.type} ${entry.step}` : entry.type));
}

/** A kind like `set` with parts of it changed. */
function kindLike(
  world: World,
  kind: string,
  changed: (set: AnyStepKind) => Partial<AnyStepKind>,
): AnyStepKind {
  const set = engineOf(new Process(world)).kinds.get('set');
  return { ...set, ...changed(set), kind };
}

const lost = (): HoldfastError =>
  new HoldfastError({ code: 'host/lost', message: 'the connection was lost', hint: 'wait', retryable: true });

test('a run journals each phase of a step in its order, and each with its evidence', async () => {
  const ran = await run([setStep('one', 'a')]);
  expect(report(ran)).toMatchObject({ outcome: 'succeeded', counts: { changed: 1, unchanged: 0 }, next: [] });
  expect(entriesOf(ran)).toEqual([
    'run-opened',
    'step-begun one',
    'step-applied one',
    'step-verified one',
    'run-closed',
  ]);
  const entries = [...ran.world.runs.values()][0]!.entries;
  expect(entries[1]).toMatchObject({ undo: { old: null }, change: 'one: undefined → new' });
  expect(entries[3]).toMatchObject({ evidence: { asked: 'one', got: 'new', expected: 'new' } });
  expect(ran.world.locks.size).toBe(0);
});

test('a step that is done is skipped with its reason, and what it needs counts as done', async () => {
  const world = new World();
  world.host('a').set('one', 'new');
  const ran = await run([setStep('one', 'a'), setStep('two', 'a', { needs: ['one'] })], { world });
  expect(report(ran).counts).toMatchObject({ changed: 1, unchanged: 1 });
  expect(entriesOf(ran)).toContain('step-skipped one');
  expect(world.calls).toEqual(['capture two', 'apply two']);
});

test('hosts are worked on side by side, but each by one step at a time', async () => {
  const world = new World();
  const active = new Map<string, number>();
  let most = 0;
  let mostOnOneHost = 0;
  const slow = kindLike(world, 'slow', (set) => ({
    async apply(ctx: StepContext, args: unknown, undo: unknown) {
      const count = (active.get(ctx.host.host) ?? 0) + 1;
      active.set(ctx.host.host, count);
      mostOnOneHost = Math.max(mostOnOneHost, count);
      most = Math.max(
        most,
        [...active.values()].reduce((a, b) => a + b, 0),
      );
      await ctx.clock.sleep(10);
      await set.apply(ctx, args, undo);
      active.set(ctx.host.host, count - 1);
    },
  }));
  const steps = ['a', 'b', 'c'].flatMap((host) =>
    [1, 2, 3].map((n) => setStep(`${host}${n}`, host, { kind: 'slow' })),
  );
  expect(report(await run(steps, { world, kinds: [slow] })).outcome).toBe('succeeded');
  expect({ most, mostOnOneHost }).toEqual({ most: 3, mostOnOneHost: 1 });
  most = 0;
  world.hosts.clear();
  expect(report(await run(steps, { world, kinds: [slow], hostsAtOnce: 2 })).outcome).toBe('succeeded');
  expect(most).toBe(2);
});

test('after a failure no step is begun, those under way end, and the report says how to go on', async () => {
  const world = new World();
  const failing = kindLike(world, 'failing', () => ({
    async apply() {
      throw new HoldfastError({ code: 'test/broken', message: 'the disk is broken', hint: 'mend it' });
    },
  }));
  const slow = kindLike(world, 'slow', (set) => ({
    async apply(ctx: StepContext, args: unknown, undo: unknown) {
      await ctx.clock.sleep(5_000);
      await set.apply(ctx, args, undo);
    },
  }));
  const ran = await run(
    [
      setStep('bad', 'a', { kind: 'failing' }),
      setStep('under-way', 'b', { kind: 'slow' }),
      setStep('after-bad', 'a', { needs: ['bad'] }),
      setStep('after-slow', 'b', { needs: ['under-way'] }),
    ],
    { world, kinds: [failing, slow] },
  );
  const { outcome, because, counts, failures, next } = report(ran);
  expect({ outcome, next, counts }).toMatchObject({
    outcome: 'stopped',
    next: ['resume', 'rollback'],
    counts: { changed: 1, failed: 1, waiting: 2 },
  });
  expect(because).toEqual({ code: 'engine/step-failed-stop', params: { step: 'bad' } });
  expect(failures).toMatchObject([
    { step: 'bad', host: 'a', error: { code: 'test/broken', where: { host: 'a', step: 'bad' } } },
  ]);
  expect(world.picture()).toEqual({ b: { 'under-way': 'new' } });
  expect(entriesOf(ran).at(-1)).toBe('run-closed');
});

test('a verify that finds another state fails the step, although apply ran without an error', async () => {
  const world = new World();
  const lying = kindLike(world, 'lying', () => ({ async apply() {} }));
  const ran = await run([setStep('one', 'a', { kind: 'lying' })], { world, kinds: [lying] });
  expect(report(ran).outcome).toBe('stopped');
  expect(entriesOf(ran)).toEqual([
    'run-opened',
    'step-begun one',
    'step-applied one',
    'step-failed one',
    'run-closed',
  ]);
});

/** A kind whose apply fails with a lost connection the first `times`, before or after it did its work. */
function flaky(
  world: World,
  times: number,
  o: { retrySafe: boolean; when: 'before' | 'after' },
): AnyStepKind {
  let left = times;
  return kindLike(world, 'flaky', (set) => ({
    retrySafe: o.retrySafe,
    async apply(ctx: StepContext, args: unknown, undo: unknown) {
      if (o.when === 'before' && left-- > 0) throw lost();
      await set.apply(ctx, args, undo);
      if (o.when === 'after' && left-- > 0) throw lost();
    },
  }));
}

test('a kind that is safe to retry is applied again after an error that may pass, with the same undo', async () => {
  const world = new World();
  const kind = flaky(world, 2, { retrySafe: true, when: 'before' });
  const ran = await run([setStep('one', 'a', { kind: 'flaky' })], { world, kinds: [kind] });
  expect(report(ran).outcome).toBe('succeeded');
  expect(entriesOf(ran).filter((entry) => entry === 'step-retried one')).toHaveLength(2);
  expect(world.calls.filter((call) => call === 'capture one')).toHaveLength(1);
});

test('an apply whose answer was lost is not done twice: its check says that it came through', async () => {
  const world = new World();
  const kind = flaky(world, 1, { retrySafe: true, when: 'after' });
  const ran = await run([setStep('one', 'a', { kind: 'flaky' })], { world, kinds: [kind] });
  expect(report(ran).outcome).toBe('succeeded');
  expect(world.calls.filter((call) => call === 'apply one')).toHaveLength(1);
});

test('retries end: the third failure fails the step', async () => {
  const world = new World();
  const kind = flaky(world, 99, { retrySafe: true, when: 'before' });
  const ran = await run([setStep('one', 'a', { kind: 'flaky' })], { world, kinds: [kind] });
  expect(report(ran).failures).toMatchObject([{ error: { code: 'host/lost' } }]);
  expect(entriesOf(ran).filter((entry) => entry === 'step-retried one')).toHaveLength(2);
});

test('a kind that is not safe to retry is never applied twice in a run', async () => {
  const world = new World();
  const kind = flaky(world, 1, { retrySafe: false, when: 'after' });
  const ran = await run([setStep('one', 'a', { kind: 'flaky' })], { world, kinds: [kind] });
  expect(report(ran).outcome).toBe('stopped');
  expect(world.calls.filter((call) => call === 'apply one')).toHaveLength(1);
});

test('a step that refuses stops the run before anything is touched', async () => {
  const world = new World();
  const no = kindLike(world, 'no', () => ({
    check: async () => ({
      state: 'refused' as const,
      because: { code: 'test/no', params: {} },
      hint: { code: 'test/hint', params: {} },
    }),
  }));
  const ran = await run([setStep('fine', 'a'), setStep('no', 'b', { kind: 'no' })], { world, kinds: [no] });
  expect(refusal(ran)).toMatchObject([
    { rule: 'engine/step-refused', because: { params: { step: 'no', why: { code: 'test/no' } } } },
  ]);
  expect(world.picture()).toEqual({});
  expect([...world.runs.keys()]).toEqual([]);
});

test('where a host is no longer as it was shown, the run is refused before anything is touched', async () => {
  const ran = await run([setStep('one', 'a'), setStep('two', 'b')], {
    afterShown: (world) => world.host('b').set('two', 'somebody else'),
  });
  expect(refusal(ran)).toMatchObject([
    { rule: 'engine/world-moved', because: { params: { step: 'two', host: 'b' } } },
  ]);
  expect(ran.world.picture()).toEqual({ b: { two: 'somebody else' } });
  expect(ran.world.locks.size).toBe(0);
});

test('where a host moves while the run goes on, the run stops before it touches that step', async () => {
  const world = new World();
  const meddling = kindLike(world, 'meddling', (set) => ({
    async apply(ctx: StepContext, args: unknown, undo: unknown) {
      await set.apply(ctx, args, undo);
      world.host('a').set('two', 'somebody else');
    },
  }));
  const steps = [setStep('one', 'a', { kind: 'meddling' }), setStep('two', 'a')];
  const ran = await run(steps, { world, kinds: [meddling] });
  expect(report(ran).failures).toMatchObject([{ step: 'two', error: { code: 'engine/world-moved' } }]);
  expect(world.host('a').get('two')).toBe('somebody else');
});

test('a step whose need changed something may find another state than was shown', async () => {
  const steps = [
    setStep('first', 'a', { key: 'x', value: '1' }),
    setStep('second', 'a', { key: 'x', value: '2', needs: ['first'] }),
  ];
  const ran = await run(steps);
  expect(report(ran).outcome).toBe('succeeded');
  expect(ran.world.host('a').get('x')).toBe('2');
});

test('the first stop signal lets the step under way finish, begins no other, and closes the journal', async () => {
  const world = new World();
  const process = new Process(world);
  const stopping = kindLike(world, 'stopping', (set) => ({
    async apply(ctx: StepContext, args: unknown, undo: unknown) {
      process.stop.abort(new InterruptedError());
      expect(ctx.signal.aborted).toBe(false);
      await ctx.clock.sleep(2_000, ctx.signal);
      await set.apply(ctx, args, undo);
    },
  }));
  const steps = [setStep('one', 'a', { kind: 'stopping' }), setStep('two', 'a')];
  // `set` of this process's engine writes through it.
  const ran = await run(steps, { process, kinds: [stopping] });
  expect(report(ran)).toMatchObject({
    outcome: 'stopped',
    because: { code: 'engine/stopped-by-person', params: { count: 1 } },
    counts: { changed: 1, waiting: 1 },
    next: ['resume', 'rollback'],
  });
  expect(entriesOf(ran)).toContain('step-verified one');
  expect(entriesOf(ran).at(-1)).toBe('run-closed');
  expect(process.events.some((event) => event.type === 'stopping')).toBe(true);
});

test('the second stop signal aborts the command: its step stays unknown, and the locks are given back', async () => {
  const world = new World();
  const process = new Process(world);
  const hanging = kindLike(world, 'hanging', () => ({
    async apply() {
      process.stop.abort(new InterruptedError());
      process.abort.abort(new InterruptedError());
      await new Promise(() => {});
    },
  }));
  const steps = [setStep('one', 'a', { kind: 'hanging' }), setStep('two', 'a')];
  const ran = await run(steps, { process, kinds: [hanging] });
  expect(report(ran)).toMatchObject({
    outcome: 'unknown',
    because: { code: 'engine/cut-by-person', params: { steps: ['one'] } },
    next: ['resume', 'rollback'],
  });
  expect(entriesOf(ran)).toEqual(['run-opened', 'step-begun one', 'run-closed']);
  expect(world.locks.size).toBe(0);
});

test('a stop signal before the first step throws its reason and leaves no run', async () => {
  const process = new Process(new World());
  const plan = planOf([setStep('one', 'a')]);
  const engine = engineOf(process);
  const shown = shownDigests(await previewPlan(plan, engine, process.signals.stop));
  process.stop.abort(new InterruptedError());
  await expect(startRun({ plan, shown, overrides: [] }, engine, process.signals)).rejects.toMatchObject({
    code: 'base/interrupted',
  });
  expect(process.world.runs.size).toBe(0);
  expect(process.world.locks.size).toBe(0);
});

/** A run store whose journal refuses the n-th append of a type, and everything after it. */
function fullDisk(type: string) {
  return (engine: Engine): Partial<Engine> => ({
    runs: {
      ...engine.runs,
      async create(run, document) {
        const journal = await engine.runs.create(run, document);
        let isFull = false;
        return {
          ...journal,
          run,
          epoch: 1,
          async append(entry) {
            isFull ||= entry.type === type;
            if (isFull)
              throw new StoreError({ code: 'store/disk-full', message: 'cannot write', hint: 'free it' });
            await journal.append(entry);
          },
        };
      },
    },
  });
}

test('where the journal cannot be written, the run stops before the next act, even on other hosts', async () => {
  const world = new World();
  const process = new Process(world);
  const plan = [setStep('one', 'a'), setStep('two', 'b'), setStep('three', 'c', { needs: ['one', 'two'] })];
  await expect(run(plan, { process, with: fullDisk('step-begun') })).rejects.toMatchObject({
    code: 'store/disk-full',
  });
  expect(world.picture()).toEqual({});
  expect(world.locks.size).toBe(0);
});

test('where the journal fails after an act, that step alone is unknown', async () => {
  const world = new World();
  const plan = [setStep('one', 'a'), setStep('two', 'a')];
  await expect(run(plan, { world, with: fullDisk('step-applied') })).rejects.toMatchObject({
    code: 'store/disk-full',
  });
  expect(world.picture()).toEqual({ a: { one: 'new' } });
});

test('a Secret that a kind captured is refused before anything is done: it would come back as its reference', async () => {
  const world = new World();
  const leaking = kindLike(world, 'leaking', (set) => ({
    undo: {
      ...(set.undo as AnyReversible),
      capture: async () => ({ old: new Secret('env:DB', 'correct-horse') }),
    },
  }));
  const ran = await run([setStep('one', 'a', { kind: 'leaking' })], { world, kinds: [leaking] });
  expect(report(ran).failures).toMatchObject([{ error: { code: 'engine/undo-not-data' } }]);
  expect(JSON.stringify([...world.runs.values()])).not.toContain('correct-horse');
  expect(world.picture()).toEqual({});
});

test('a secret that a host echoes is in neither journal nor events, but its reference is', async () => {
  const world = new World();
  const echoing = kindLike(world, 'echoing', () => ({
    async apply(ctx: StepContext) {
      const password = (await ctx.secret('env:DB')).reveal();
      throw new HoldfastError({
        code: 'test/echo',
        message: `bad -p${password}`,
        hint: 'look',
        evidence: `x ${password} y`,
      });
    },
  }));
  const secrets = { 'env:DB': 'correct-horse' };
  const ran = await run([setStep('one', 'a', { kind: 'echoing' })], { world, kinds: [echoing], secrets });
  const all = JSON.stringify([
    [...world.runs.values()].map((kept) => kept.entries),
    ran.process.events,
    ran.result,
  ]);
  expect(all).not.toContain('correct-horse');
  expect(all).toContain('bad -p<env:DB>');
});

test('a second operator is told who holds the host and since when, and nothing is touched', async () => {
  const world = new World();
  const first = engineOf(new Process(world), { user: 'anna' });
  await first.locks.take(
    'b',
    { run: 'r1', by: first.operator, since: world.clock.now(), process: first.process, runs: '/elsewhere' },
    new AbortController().signal,
  );
  const ran = await run([setStep('one', 'a'), setStep('two', 'b')], { world, user: 'ben' });
  expect(refusal(ran)).toMatchObject([
    {
      rule: 'engine/locked',
      because: {
        code: 'engine/locked',
        params: { host: 'b', user: 'anna', controller: 'ctl', run: 'r1', since: '2026-01-01T00:00:00.000Z' },
      },
      hint: { code: 'engine/lock-wait' },
    },
  ]);
  expect(world.picture()).toEqual({});
  expect([...world.locks.keys()], "only anna's lock is left").toEqual(['b']);
});

test('two runs on the same controller do not act from it at the same time', async () => {
  const world = new World();
  const other = engineOf(new Process(world));
  await using _ = await other.runs.lease('controller', 'run r1 of anna');
  const ran = await run([setStep('local', undefined)], { world });
  expect(refusal(ran)).toMatchObject([{ because: { code: 'engine/controller-locked' } }]);
});

test('a lock left by a run that was cut is refused with the commands that go on with it', async () => {
  const world = new World();
  const dead = new Process(world, { operation: 6, when: 'after' });
  const engine = engineOf(dead, { looksDead: true });
  const plan = planOf([setStep('one', 'a')]);
  const shown = shownDigests(await previewPlan(plan, engine, dead.signals.stop));
  await dead.live(startRun({ plan, shown, overrides: [] }, engine, dead.signals)).catch(() => {});
  expect(dead.isDead).toBe(true);
  const ran = await run([setStep('one', 'a')], { world });
  const [run1] = [...world.runs.keys()];
  expect(refusal(ran)).toMatchObject([
    { hint: { code: 'engine/lock-dead', params: { run: run1, host: 'a' } } },
  ]);
});

test('a lock left by a process that died before its run began is taken over', async () => {
  const world = new World();
  const dead = new Process(world, { operation: 0, when: 'after' });
  const engine = engineOf(dead, { looksDead: true });
  const plan = planOf([setStep('one', 'a')]);
  const shown = shownDigests(await previewPlan(plan, engine, dead.signals.stop));
  await dead.live(startRun({ plan, shown, overrides: [] }, engine, dead.signals)).catch(() => {});
  expect(world.locks.size).toBe(1);
  const ran = await run([setStep('one', 'a')], { world });
  expect(report(ran).outcome).toBe('succeeded');
  expect(world.locks.size).toBe(0);
});

test('a plan that may interrupt all members at once is refused, unless it is overridden or ordered', async () => {
  const world = new World();
  const restart = kindLike(world, 'restart', () => ({ interrupts: () => true }));
  const member = (host: string) => ({ name: host, host, address: '192.0.2.1', weight: 1 });
  const endpoint = { name: 'files', members: [member('a'), member('b')] } as unknown as Endpoint;
  const o = { world, kinds: [restart], endpoints: [endpoint] };
  const together = [setStep('one', 'a', { kind: 'restart' }), setStep('two', 'b', { kind: 'restart' })];
  expect(refusal(await run(together, o))).toMatchObject([
    { rule: 'engine/all-members-at-once', because: { params: { endpoint: 'files', hosts: ['a', 'b'] } } },
  ]);
  expect(world.picture()).toEqual({});
  const ordered = [together[0]!, setStep('two', 'b', { kind: 'restart', needs: ['one'] })];
  expect(report(await run(ordered, o)).outcome).toBe('succeeded');
  world.hosts.clear();
  const overridden = await run(together, { ...o, overrides: ['engine/all-members-at-once'] });
  expect(report(overridden).outcome).toBe('succeeded');
});

test('a listener that throws does not break the run', async () => {
  const ran = await run([setStep('one', 'a')], {
    with: () => ({
      emit: () => {
        throw new Error('broken pipe');
      },
    }),
  });
  expect(report(ran).outcome).toBe('succeeded');
});

test('a host that cannot be reached refuses the run and touches nothing', async () => {
  const world = new World();
  const ran = run([setStep('one', 'a'), setStep('two', 'b')], {
    world,
    with: (engine) => ({
      hosts: {
        ...engine.hosts,
        controller: engine.hosts.controller,
        connect: (host, signal) =>
          host === 'b' ? Promise.reject(lost()) : engine.hosts.connect(host, signal),
      },
    }),
  });
  expect(refusal(await ran)).toMatchObject([{ rule: 'host/lost' }]);
  expect(world.picture()).toEqual({});
});

import { expect, test } from 'vitest';
import { type EngineOptions, engineOf, Process, planOf, setStep, World } from '../../test/engine-world.ts';
import { HoldfastError } from '../base/errors.ts';
import { InterruptedError } from '../base/interrupt.ts';
import type { Site } from '../site/model.ts';
import type { Engine } from './engine.ts';
import { previewPlan } from './preview.ts';
import { isRefusal, type Refusal, type RunReport } from './report.ts';
import type { AnyReversible, AnyStepKind } from './resolve.ts';
import { resumeRun } from './resume.ts';
import { rollbackRun } from './rollback.ts';
import { startRun } from './run.ts';
import { shownDigests } from './run-document.ts';
import type { Step, StepContext } from './step.ts';

interface Attempt {
  readonly process: Process;
  readonly engine: Engine;
  readonly result: RunReport | Refusal | undefined;
}

/** Applies steps in a process that dies right after the n-th entry of its journal, or lives to the end. */
async function apply(
  world: World,
  steps: readonly Step[],
  o: EngineOptions & { dieAfter?: string; with?: Partial<Engine> } = {},
): Promise<Attempt> {
  const process = new Process(world);
  const engine = { ...engineOf(process, o), ...o.with };
  const plan = planOf(steps);
  const shown = shownDigests(await previewPlan(plan, engine, process.signals.stop));
  const runs: Engine['runs'] = {
    ...engine.runs,
    async create(run, document) {
      const journal = await engine.runs.create(run, document);
      return {
        ...journal,
        run,
        epoch: 1,
        async append(entry) {
          await journal.append(entry);
          if ('step' in entry && `${entry.type} ${entry.step}` === o.dieAfter) process.kill();
          await process.operate(() => {});
        },
      };
    },
  };
  const work = startRun({ plan, shown, overrides: [] }, { ...engine, runs }, process.signals);
  const result = await process.live(work).catch((error: unknown) => {
    if (!process.isDead) throw error;
    return undefined;
  });
  return { process, engine, result };
}

async function go(
  world: World,
  way: 'resume' | 'rollback',
  o: EngineOptions & {
    acceptMovedSite?: boolean;
    with?: Partial<Engine>;
    run?: string;
    process?: Process;
  } = {},
): Promise<Attempt> {
  const process = o.process ?? new Process(world);
  const engine = { ...engineOf(process, o), ...o.with };
  const run = o.run ?? [...world.runs.keys()].sort()[0]!;
  const result =
    way === 'resume'
      ? await resumeRun(run, o, engine, process.signals)
      : await rollbackRun(run, {}, engine, process.signals);
  return { process, engine, result };
}

function report({ result }: Attempt): RunReport {
  if (result === undefined || isRefusal(result)) throw new Error(`no report: ${JSON.stringify(result)}`);
  return result;
}

function rules({ result }: Attempt): string[] {
  if (result === undefined || !isRefusal(result)) throw new Error(`not refused: ${JSON.stringify(result)}`);
  return result.refused.map((finding) => finding.because.code);
}

function kindLike(
  world: World,
  kind: string,
  changed: (set: AnyStepKind) => Partial<AnyStepKind>,
): AnyStepKind {
  const set = engineOf(new Process(world)).kinds.get('set');
  return { ...set, ...changed(set), kind };
}

const three = [
  setStep('one', 'a'),
  setStep('two', 'b', { needs: ['one'] }),
  setStep('three', 'a', { needs: ['two'] }),
];

test('a resume uses the undo captured before the first attempt, and never captures over a half-done state', async () => {
  const world = new World();
  world.host('a').set('one', 'old');
  await apply(world, [setStep('one', 'a')], { dieAfter: 'step-begun one' });
  world.host('a').set('one', 'new part 1');
  const resumed = await go(world, 'resume');
  expect(report(resumed).outcome).toBe('succeeded');
  expect(world.calls.filter((call) => call === 'capture one')).toHaveLength(1);
  expect(report(await go(world, 'rollback')).outcome).toBe('reverted');
  expect(world.host('a').get('one')).toBe('old');
});

test('a step that was cut after its act is only verified on resume, not applied again', async () => {
  const world = new World();
  await apply(world, [setStep('one', 'a')], { dieAfter: 'step-begun one' });
  world.host('a').set('one', 'new');
  world.calls.length = 0;
  expect(report(await go(world, 'resume'))).toMatchObject({ outcome: 'succeeded', counts: { changed: 1 } });
  expect(world.calls).toEqual([]);
});

test('a resume leaves what was verified, and runs the rest in order', async () => {
  const world = new World();
  await apply(world, three, { dieAfter: 'step-verified two' });
  world.calls.length = 0;
  const { process, result } = await go(world, 'resume');
  expect(result).toMatchObject({ outcome: 'succeeded', counts: { changed: 1, waiting: 0 } });
  expect(world.calls).toEqual(['capture three', 'apply three']);
  expect(process.events.find((event) => event.type === 'run-started')).toMatchObject({
    mode: 'resume',
    steps: [{ step: 'three', host: 'a' }],
  });
});

test('a resume refuses to touch a step that is no longer as it was shown', async () => {
  const world = new World();
  await apply(world, [setStep('one', 'a'), setStep('two', 'a')], { dieAfter: 'step-verified one' });
  world.host('a').set('two', 'somebody else');
  expect(report(await go(world, 'resume')).failures).toMatchObject([
    { step: 'two', error: { code: 'engine/world-moved' } },
  ]);
  expect(world.host('a').get('two')).toBe('somebody else');
});

test('a failed step is tried again by resume once its cause is gone', async () => {
  const world = new World();
  let isBroken = true;
  const kind = kindLike(world, 'broken', (set) => ({
    async apply(ctx: StepContext, args: unknown, undo: unknown) {
      if (isBroken) throw new HoldfastError({ code: 'test/broken', message: 'broken', hint: 'mend' });
      await set.apply(ctx, args, undo);
    },
  }));
  const steps = [setStep('one', 'a', { kind: 'broken' }), setStep('two', 'a')];
  expect(report(await apply(world, steps, { kinds: [kind] })).outcome).toBe('stopped');
  isBroken = false;
  expect(report(await go(world, 'resume', { kinds: [kind] })).outcome).toBe('succeeded');
  expect(world.picture()).toEqual({ a: { one: 'new', two: 'new' } });
});

test('a run that is done needs no resume, and one that was rolled back takes none', async () => {
  const world = new World();
  await apply(world, three);
  expect(report(await go(world, 'resume')).because.code).toBe('engine/already-done');
  await go(world, 'rollback');
  expect(rules(await go(world, 'resume'))).toEqual(['engine/going-back']);
  expect(report(await go(world, 'rollback')).because.code).toBe('engine/already-back');
});

test('a resume under a changed site file is refused, unless the old plan is accepted', async () => {
  const world = new World();
  const { engine } = await apply(world, three, { dieAfter: 'step-verified one' });
  const site: Site = { ...engine.site, digest: 'sha256:another' };
  expect(rules(await go(world, 'resume', { with: { site } }))).toEqual(['engine/resume-site-moved']);
  expect(world.picture()).toEqual({ a: { one: 'new' } });
  const accepted = await go(world, 'resume', { with: { site }, acceptMovedSite: true });
  expect(report(accepted).outcome).toBe('succeeded');
});

test('the way back works under a changed site file, as long as the hosts are in it', async () => {
  const world = new World();
  const { engine } = await apply(world, three, { dieAfter: 'step-verified one' });
  const site: Site = { ...engine.site, digest: 'sha256:another' };
  expect(report(await go(world, 'rollback', { with: { site } })).outcome).toBe('reverted');
  await apply(world, three, { dieAfter: 'step-verified one' });
  const without: Site = { ...site, hosts: new Map() };
  const [, second] = [...world.runs.keys()].sort();
  await expect(go(world, 'rollback', { with: { site: without }, run: second! })).rejects.toMatchObject({
    code: 'engine/unknown-host',
  });
});

test('a run that another process works on is refused, on and back', async () => {
  const world = new World();
  const { engine } = await apply(world, three, { dieAfter: 'step-verified one' });
  const [run] = [...world.runs.keys()];
  const living = new Process(world);
  const { journal } = await { ...engineOf(living) }.runs.open(run!);
  expect(rules(await go(world, 'resume'))).toEqual(['engine/run-held']);
  expect(rules(await go(world, 'rollback'))).toEqual(['engine/run-held']);
  await journal[Symbol.asyncDispose]();
  expect(engine.site.file).toBe('site.yaml');
});

test('a rollback goes back in the exact reverse of the order in which the steps began', async () => {
  const world = new World();
  await apply(world, three);
  world.calls.length = 0;
  const { result } = await go(world, 'rollback');
  expect(result).toMatchObject({
    outcome: 'reverted',
    counts: { reverted: 3 },
    because: { code: 'engine/rolled-back', params: { count: 3 } },
    next: [],
  });
  expect(world.calls.filter((call) => call.startsWith('revert'))).toEqual([
    'revert three',
    'revert two',
    'revert one',
  ]);
  expect(world.picture()).toEqual({});
});

test('a rollback says which final steps stay, and undoes the others', async () => {
  const world = new World();
  const steps = [
    setStep('one', 'a'),
    setStep('for-good', 'a', { kind: 'set-final', needs: ['one'] }),
    setStep('three', 'a', { needs: ['for-good'] }),
  ];
  await apply(world, steps);
  expect(report(await go(world, 'rollback'))).toMatchObject({
    outcome: 'reverted',
    because: { code: 'engine/rolled-back-but', params: { steps: ['for-good'] } },
    left: [{ step: 'for-good', because: { code: 'test/final' } }],
  });
  expect(world.picture()).toEqual({ a: { 'for-good': 'new' } });
});

test('a final step that was cut before it did anything is not said to stay', async () => {
  const world = new World();
  await apply(world, [setStep('for-good', 'a', { kind: 'set-final' })], { dieAfter: 'step-begun for-good' });
  expect(report(await go(world, 'rollback')).left).toEqual([]);
});

test('a revert that fails stops the way back there; rolling back again goes on from it', async () => {
  const world = new World();
  let isBroken = true;
  const kind = kindLike(world, 'stubborn', (set) => ({
    undo: {
      ...(set.undo as AnyReversible),
      async revert(ctx: StepContext, undo: unknown, args: unknown) {
        if (isBroken) throw new HoldfastError({ code: 'test/broken', message: 'broken', hint: 'mend' });
        await (set.undo as AnyReversible).revert(ctx, undo, args);
      },
    },
  }));
  const steps = [setStep('one', 'a'), setStep('two', 'a', { kind: 'stubborn', needs: ['one'] })];
  await apply(world, steps, { kinds: [kind] });
  expect(report(await go(world, 'rollback', { kinds: [kind] }))).toMatchObject({
    outcome: 'stopped',
    because: { code: 'engine/revert-failed-stop', params: { step: 'two' } },
    failures: [{ step: 'two', host: 'a', error: { code: 'test/broken' } }],
    counts: { waiting: 2 },
    next: ['rollback'],
  });
  expect(world.picture()).toEqual({ a: { one: 'new', two: 'new' } });
  isBroken = false;
  expect(report(await go(world, 'rollback', { kinds: [kind] })).outcome).toBe('reverted');
  expect(world.picture()).toEqual({});
});

test('a revert that leaves something else than was captured is a warning, with the host to look at', async () => {
  const world = new World();
  const kind = kindLike(world, 'sloppy', (set) => ({
    undo: {
      ...(set.undo as AnyReversible),
      async revert() {
        world.host('a').set('one', 'something');
      },
    },
  }));
  await apply(world, [setStep('one', 'a', { kind: 'sloppy' })], { kinds: [kind] });
  const { process } = await go(world, 'rollback', { kinds: [kind] });
  expect(process.events.filter((event) => event.type === 'warning')).toMatchObject([
    { because: { code: 'engine/revert-unproven', params: { step: 'one' } }, hint: { params: { host: 'a' } } },
  ]);
});

test('the first stop signal ends a rollback after the step under way, and it can be taken up again', async () => {
  const world = new World();
  await apply(world, three);
  const process = new Process(world);
  const engine = engineOf(process);
  const stopping: Engine = {
    ...engine,
    emit(event) {
      if (event.type === 'revert-started') process.stop.abort(new InterruptedError());
    },
  };
  const result = await go(world, 'rollback', { process, with: { emit: stopping.emit } });
  expect(report(result)).toMatchObject({
    outcome: 'stopped',
    because: { code: 'engine/rollback-stopped', params: { count: 2 } },
    counts: { reverted: 1, waiting: 2 },
    next: ['rollback'],
  });
  expect(report(await go(world, 'rollback')).outcome).toBe('reverted');
  expect(world.picture()).toEqual({});
});

test('a run is not rolled back or resumed under a later one that changed the same hosts', async () => {
  const world = new World();
  await apply(world, [setStep('one', 'a')], { dieAfter: 'step-begun one', looksDead: true });
  world.locks.clear();
  await world.clock.advance(60_000);
  await apply(world, [setStep('other', 'a')]);
  const [first, second] = [...world.runs.keys()].sort();
  expect(rules(await go(world, 'rollback', { run: first! }))).toEqual(['engine/later-run']);
  expect(rules(await go(world, 'resume', { run: first! }))).toEqual(['engine/later-run']);
  expect(report(await go(world, 'rollback', { run: second! })).outcome).toBe('reverted');
  expect(report(await go(world, 'rollback', { run: first! })).outcome).toBe('reverted');
  expect(world.picture()).toEqual({});
});

test('a rollback of a run that was cut before it did anything says so', async () => {
  const world = new World();
  const process = new Process(world, { operation: 2, when: 'after' });
  const engine = engineOf(process);
  const plan = planOf(three);
  const shown = shownDigests(await previewPlan(plan, engine, process.signals.stop));
  const work = startRun({ plan, shown, overrides: [] }, engine, process.signals);
  await process.live(work).catch(() => {});
  expect(report(await go(world, 'rollback')).because.code).toBe('engine/nothing-begun');
});

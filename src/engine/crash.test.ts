/** Promise 4: a crash loses nothing. The process dies at every single operation, and what it left is made whole. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  Died,
  type EngineOptions,
  engineOf,
  Process,
  planOf,
  setStep,
  World,
} from '../../test/engine-world.ts';
import type { Plan } from './plan.ts';
import { previewPlan } from './preview.ts';
import { isRefusal, type RunReport } from './report.ts';
import { resumeRun } from './resume.ts';
import { rollbackRun } from './rollback.ts';
import { startRun } from './run.ts';
import { shownDigests } from './run-document.ts';
import type { Step } from './step.ts';

type DieAt = { operation: number; when: 'before' | 'after' } | undefined;

/** Starts the plan in a process that may die. @returns how it ended, or undefined if it died */
async function begin(world: World, plan: Plan, dieAt?: DieAt, o?: EngineOptions): Promise<Process> {
  const process = new Process(world, dieAt);
  const engine = engineOf(process, o);
  const view = await previewPlan(plan, engine, process.signals.stop);
  const shown = shownDigests(view);
  await mayDie(process, startRun({ plan, shown, overrides: [] }, engine, process.signals));
  return process;
}

/** Goes on or back until it ends, dying on the way as told. */
async function finish(
  world: World,
  way: 'resume' | 'rollback',
  deaths: readonly DieAt[],
  o?: EngineOptions,
): Promise<RunReport | undefined> {
  const run = [...world.runs.keys()][0];
  if (run === undefined) return undefined;
  for (const dieAt of [...deaths, undefined]) {
    const process = new Process(world, dieAt);
    const engine = engineOf(process, o);
    const work =
      way === 'resume'
        ? resumeRun(run, {}, engine, process.signals)
        : rollbackRun(run, {}, engine, process.signals);
    const result = await mayDie(process, work);
    if (result === undefined) continue;
    if (isRefusal(result)) throw new Error(`refused: ${JSON.stringify(result.refused)}`);
    const unproven = process.events.filter((event) => event.type === 'warning');
    expect(unproven, 'no revert differs from what was captured').toEqual([]);
    return result;
  }
  return undefined;
}

async function mayDie<T>(process: Process, work: Promise<T>): Promise<T | undefined> {
  try {
    return await process.live(work);
  } catch (error) {
    if (error instanceof Died) return undefined;
    throw error;
  }
}

function worldBefore(steps: readonly Step[]): World {
  const world = new World();
  // Every other value is there already, so that both making and replacing are undone.
  steps.forEach(({ host, args }, index) => {
    const { key } = args as { key: string };
    const values = world.host(host ?? 'controller');
    if (index % 2 === 0 && !values.has(key)) values.set(key, `old ${key}`);
  });
  return world;
}

async function pictureAfter(plan: Plan): Promise<World> {
  const world = worldBefore(plan.steps);
  await begin(world, plan);
  return world;
}

const diamond = planOf([
  setStep('a/first', 'a', { writes: 2 }),
  setStep('b/left', 'b', { needs: ['a/first'], kind: 'set-amending', writes: 3 }),
  setStep('c/right', 'c', { needs: ['a/first'], writes: 1 }),
  setStep('local', undefined, { needs: ['c/right'] }),
  setStep('a/last', 'a', { needs: ['b/left', 'c/right', 'local'], writes: 2 }),
]);

for (const way of ['resume', 'rollback'] as const) {
  test(`cut at every operation, before and after it, ${way} ends whole`, async () => {
    const whole = await pictureAfter(diamond);
    const wanted = way === 'resume' ? whole.picture() : worldBefore(diamond.steps).picture();
    const total = await begin(worldBefore(diamond.steps), diamond);
    expect(total.operations).toBeGreaterThan(25);
    for (let operation = 0; operation < total.operations; operation++) {
      for (const when of ['before', 'after'] as const) {
        const world = worldBefore(diamond.steps);
        const { isDead } = await begin(world, diamond, { operation, when });
        expect(isDead).toBe(true);
        const report = await finish(world, way, []);
        if (report === undefined) {
          // Cut before the run was kept: nothing may have been touched.
          expect(world.picture()).toEqual(worldBefore(diamond.steps).picture());
          continue;
        }
        expect(world.picture(), `cut ${when} operation ${operation}`).toEqual(wanted);
        expect(world.locks.size, 'no lock stays').toBe(0);
      }
    }
  });
}

test('what a revert needs is in the journal before the first change, at every cut', async () => {
  const total = await begin(worldBefore(diamond.steps), diamond);
  for (let operation = 0; operation < total.operations; operation++) {
    const world = worldBefore(diamond.steps);
    const before = world.picture();
    await begin(world, diamond, { operation, when: 'after' });
    const entries = [...world.runs.values()].flatMap((run) => run.entries);
    const begun = new Set(entries.flatMap((entry) => (entry.type === 'step-begun' ? [entry.step] : [])));
    for (const { id, host } of diamond.steps) {
      const name = host ?? 'controller';
      const hasChanged = world.picture()[name]?.[id] !== before[name]?.[id];
      if (hasChanged) expect(begun, `${id} changed`).toContain(id);
    }
  }
});

const kinds = ['set', 'set-amending'] as const;
/** Random graphs: each step needs some earlier ones, and may change again what one of those changed. */
const graphs = fc
  .array(
    fc.record({
      host: fc.constantFrom('a', 'b', 'c', undefined),
      kind: fc.constantFrom(...kinds),
      writes: fc.integer({ min: 1, max: 3 }),
      needs: fc.array(fc.nat(), { maxLength: 3 }),
      sameKey: fc.boolean(),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((parts) => {
    const steps: Step[] = [];
    parts.forEach((part, index) => {
      const needs = index === 0 ? [] : [...new Set(part.needs.map((need) => `s${need % index}`))];
      const again = steps.findLast(
        (step) =>
          part.sameKey && needs.includes(step.id) && step.host === part.host && step.kind === part.kind,
      );
      const isTaken = steps.some(
        (step) => step !== again && again !== undefined && keyOf(step) === keyOf(again),
      );
      const key = again === undefined || isTaken ? `s${index}` : keyOf(again);
      const { kind, writes } = part;
      steps.push(setStep(`s${index}`, part.host, { kind, writes, needs, key, value: `v${index}` }));
    });
    return planOf(steps);
  });

function keyOf(step: Step): string {
  return (step.args as { key: string }).key;
}

const deaths = fc.record({
  operation: fc.nat({ max: 60 }),
  when: fc.constantFrom('before' as const, 'after' as const),
});

for (const way of ['resume', 'rollback'] as const) {
  test(`for any graph, cut anywhere and again on the ${way}, it ends whole`, async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs,
        deaths,
        fc.array(deaths, { maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        async (plan, first, again, hostsAtOnce) => {
          const whole = await pictureAfter(plan);
          const world = worldBefore(plan.steps);
          await begin(world, plan, first, { hostsAtOnce });
          const report = await finish(world, way, again, { hostsAtOnce });
          if (report === undefined) return;
          const wanted = way === 'resume' ? whole.picture() : worldBefore(plan.steps).picture();
          expect(report.outcome).toBe(way === 'resume' ? 'succeeded' : 'reverted');
          expect(world.picture()).toEqual(wanted);
          expect(world.locks.size).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });
}

test('for any graph, a resume that is cut can still be rolled back whole', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, deaths, deaths, async (plan, first, second) => {
      const world = worldBefore(plan.steps);
      await begin(world, plan, first);
      const run = [...world.runs.keys()][0];
      if (run === undefined) return;
      const process = new Process(world, second);
      await mayDie(process, resumeRun(run, {}, engineOf(process), process.signals));
      const report = await finish(world, 'rollback', []);
      expect(report?.outcome).toBe('reverted');
      expect(world.picture()).toEqual(worldBefore(plan.steps).picture());
    }),
    { numRuns: 150 },
  );
});

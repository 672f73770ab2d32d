/** A rollback after which somebody changed what the run had left. */
import { expect, test } from 'vitest';
import { engineOf, Process, planOf, setStep, World } from '../../test/engine-world.ts';
import type { StepDrift } from './drift.ts';
import type { Engine } from './engine.ts';
import { previewPlan } from './preview.ts';
import { isRefusal, type Refusal, type RunReport } from './report.ts';
import type { AnyReversible, AnyStepKind } from './resolve.ts';
import { rollbackRun } from './rollback.ts';
import { startRun } from './run.ts';
import { shownDigests } from './run-document.ts';
import type { Step } from './step.ts';

const content = (id: string, host: string, o: { key?: string; value?: string; needs?: string[] } = {}) =>
  setStep(id, host, { kind: 'set-content', ...o });

async function apply(world: World, steps: readonly Step[], kinds: readonly AnyStepKind[] = []) {
  const process = new Process(world);
  const engine = engineOf(process, { kinds });
  const plan = planOf(steps);
  const shown = shownDigests(await previewPlan(plan, engine, process.signals.stop));
  const result = await startRun({ plan, shown, overrides: [] }, engine, process.signals);
  expect(result).toMatchObject({ outcome: 'succeeded' });
}

interface Back {
  readonly result: RunReport | Refusal;
  readonly process: Process;
  /** What was asked about, if it was. */
  readonly asked: readonly StepDrift[] | undefined;
}

/** @param answer to the question whether changes may be overwritten; undefined: there is nobody to ask */
async function back(
  world: World,
  answer?: boolean,
  o: { kinds?: readonly AnyStepKind[]; with?: Partial<Engine> } = {},
): Promise<Back> {
  const process = new Process(world);
  const engine = { ...engineOf(process, { kinds: o.kinds ?? [] }), ...o.with };
  let asked: readonly StepDrift[] | undefined;
  const discard = async (found: readonly StepDrift[]): Promise<boolean> => {
    asked = found;
    return answer === true;
  };
  const [run] = [...world.runs.keys()];
  const result = await rollbackRun(run!, answer === undefined ? {} : { discard }, engine, process.signals);
  return { result, process, asked };
}

const warningsOf = ({ process }: Back): unknown[] =>
  process.events.flatMap((event) => (event.type === 'warning' ? [event.because.code] : []));

test('what somebody changed after the run keeps it from being rolled back, with every such step named, and nothing touched', async () => {
  const world = new World();
  world.host('a').set('one', 'old');
  await apply(world, [content('one', 'a'), content('two', 'b'), content('three', 'c')]);
  world.host('a').set('one', 'edited');
  world.host('b').set('two', 'edited, too');
  const before = world.picture();
  const [entries] = [...world.runs.values()].map((run) => run.entries.length);
  const { result, process } = await back(world);
  expect(result).toMatchObject({
    refused: [
      { rule: 'engine/changed-since', because: { params: { step: 'two', host: 'b' } } },
      {
        rule: 'engine/changed-since',
        because: { params: { step: 'one', host: 'a', what: ['new → edited'] } },
        hint: { code: 'engine/discard-changes' },
      },
    ],
  });
  expect(world.picture()).toEqual(before);
  expect(world.calls.filter((call) => call.startsWith('revert'))).toEqual([]);
  expect([...world.runs.values()][0]?.entries, 'not even in the journal').toHaveLength(entries!);
  expect(world.locks.size, 'locks are given back').toBe(0);
  expect(process.events.map(({ type }) => type)).toEqual(['hosts-locked']);
});

test('it is asked once the hosts are locked, and a no leaves everything as it is', async () => {
  const world = new World();
  await apply(world, [content('one', 'a')]);
  world.host('a').set('one', 'edited');
  const { result, asked, process } = await back(world, false);
  expect(isRefusal(result)).toBe(true);
  expect(asked).toMatchObject([{ step: { id: 'one' }, drift: [{ name: 'one' }] }]);
  expect(process.events[0]).toMatchObject({ type: 'hosts-locked', hosts: ['a'] });
  expect(world.picture()).toEqual({ a: { one: 'edited' } });
});

test('with a yes the change is kept before it is overwritten, and journal and operator are told where', async () => {
  const world = new World();
  world.host('a').set('one', 'old');
  await apply(world, [content('one', 'a')]);
  world.host('a').set('one', 'edited');
  const gone = await back(world, true);
  expect(gone.result).toMatchObject({ outcome: 'reverted' });
  expect(world.picture()).toEqual({ a: { one: 'old', 'one kept': 'edited' } });
  const entries = [...world.runs.values()][0]!.entries;
  const types = entries.map(({ type }) => type);
  expect(types.slice(-5)).toEqual([
    'rollback-begun',
    'revert-begun',
    'undo-amended',
    'step-reverted',
    'run-closed',
  ]);
  expect(entries.at(-2)).toMatchObject({
    evidence: { got: 'as before; changed since the run, kept: one kept' },
  });
  expect(warningsOf(gone)).toEqual(['engine/drift-kept']);
});

test('what is as the run left it, is back already, or was removed, is nobody’s work: nothing is asked', async () => {
  const world = new World();
  world.host('b').set('two', 'old');
  await apply(world, [content('one', 'a'), content('two', 'b'), content('three', 'c')]);
  world.host('b').set('two', 'old');
  world.host('c').delete('three');
  const { result, asked } = await back(world, false);
  expect(result).toMatchObject({ outcome: 'reverted' });
  expect(asked).toBeUndefined();
  expect(world.picture()).toEqual({ b: { two: 'old' } });
});

test('state that a person changed (a kind without content) does not block the way out', async () => {
  const world = new World();
  await apply(world, [setStep('service', 'a'), content('file', 'a', { needs: ['service'] })]);
  world.host('a').set('service', 'stopped');
  const { result, asked } = await back(world);
  expect(result).toMatchObject({ outcome: 'reverted' });
  expect(asked).toBeUndefined();
  expect(world.picture()).toEqual({});
});

test('two steps of one run on the same file are no change by somebody; an edit is the later one’s', async () => {
  const steps = [
    content('first', 'a', { key: 'hosts', value: 'one' }),
    content('second', 'a', { key: 'hosts', value: 'one two', needs: ['first'] }),
  ];
  const calm = new World();
  await apply(calm, steps);
  expect((await back(calm)).result).toMatchObject({ outcome: 'reverted' });
  expect(calm.picture()).toEqual({});

  const edited = new World();
  await apply(edited, steps);
  edited.host('a').set('hosts', 'one two three');
  const { asked } = await back(edited, true);
  expect(asked?.map(({ step }) => step.id)).toEqual(['second']);
  expect(edited.picture()).toEqual({ a: { 'hosts kept': 'one two three' } });
});

test('where it cannot be told, the rollback goes on, says so, and keeps what it overwrites', async () => {
  const world = new World();
  const like = engineOf(new Process(world)).kinds.get('set-content');
  const undo = like.undo as AnyReversible;
  const blind: AnyStepKind = {
    ...like,
    kind: 'set-blind',
    undo: {
      ...undo,
      content: {
        ...undo.content!,
        async drift() {
          throw new Error('the secret is not to be had');
        },
      },
    },
  };
  await apply(world, [setStep('one', 'a', { kind: 'set-blind', writes: 1 })], [blind]);
  world.host('a').set('one', 'edited');
  const gone = await back(world, undefined, { kinds: [blind] });
  expect(gone.result).toMatchObject({ outcome: 'reverted' });
  expect(world.picture()).toEqual({ a: { 'one kept': 'edited' } });
  expect(warningsOf(gone)).toEqual(['engine/drift-unknown', 'engine/drift-kept']);
});

test('what is changed after it was looked at, is kept as well', async () => {
  const world = new World();
  await apply(world, [content('one', 'a')]);
  const emit: Engine['emit'] = ({ type }) => {
    if (type === 'run-started') world.host('a').set('one', 'in the last moment');
  };
  const { result, asked } = await back(world, false, { with: { emit } });
  expect(result).toMatchObject({ outcome: 'reverted' });
  expect(asked).toBeUndefined();
  expect(world.picture()).toEqual({ a: { 'one kept': 'in the last moment' } });
});

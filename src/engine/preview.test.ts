import { expect, test } from 'vitest';
import { type EngineOptions, engineOf, Process, planOf, setStep, World } from '../../test/engine-world.ts';
import { HoldfastError } from '../base/errors.ts';
import type { Endpoint } from '../site/model.ts';
import type { Engine } from './engine.ts';
import { type PlanView, previewPlan } from './preview.ts';
import type { AnyStepKind } from './resolve.ts';
import { checkSafety } from './safety.ts';
import type { Check, Step } from './step.ts';

async function preview(
  steps: readonly Step[],
  o: EngineOptions & { world?: World; with?: (engine: Engine) => Partial<Engine> } = {},
): Promise<PlanView> {
  const process = new Process(o.world ?? new World());
  const base = engineOf(process, o);
  const work = previewPlan(planOf(steps), { ...base, ...o.with?.(base) }, process.signals.stop);
  work.catch(() => {});
  for (let turn = 0; turn < 20; turn++) await process.world.clock.advance(1_000);
  return work;
}

/** A kind whose check says or throws what it is told. */
function saying(kind: string, answer: Check | Error, more: Partial<AnyStepKind> = {}): AnyStepKind {
  const set = engineOf(new Process(new World())).kinds.get('set');
  return {
    ...set,
    ...more,
    kind,
    async check() {
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

const refused: Check = {
  state: 'refused',
  because: { code: 'test/no', params: {} },
  hint: { code: 'test/hint', params: {} },
};
const states = (view: PlanView) => view.steps.map(({ step, shown }) => `${step.id} ${shown.state}`);

test('a preview says of each step what it would do, and changes nothing', async () => {
  const world = new World();
  world.host('a').set('one', 'new');
  const view = await preview([setStep('one', 'a'), setStep('two', 'b')], { world });
  expect(states(view)).toEqual(['one done', 'two todo']);
  expect(view.changes).toBe(1);
  expect(view.steps[1]!.shown).toMatchObject({ diff: { summary: 'two: undefined → new' } });
  expect(world.calls).toEqual([]);
  expect(world.picture()).toEqual({ a: { one: 'new' } });
});

test('steps come in the order in which they can run, the same every time', async () => {
  const steps = [
    setStep('last', 'a', { needs: ['middle', 'first'] }),
    setStep('first', 'c'),
    setStep('middle', 'b', { needs: ['first'] }),
    setStep('free', 'a'),
  ];
  const order = (await preview(steps)).steps.map(({ step }) => step.id);
  expect(order).toEqual(['first', 'middle', 'last', 'free']);
  expect((await preview(steps)).steps.map(({ step }) => step.id)).toEqual(order);
});

test('a step says which changes before it may give it another answer, also through steps that are done', async () => {
  const world = new World();
  world.host('a').set('between', 'new');
  const view = await preview(
    [
      setStep('first', 'a'),
      setStep('between', 'a', { needs: ['first'] }),
      setStep('last', 'a', { needs: ['between'] }),
    ],
    { world },
  );
  expect(view.steps.map(({ after }) => after)).toEqual([[], ['first'], ['first']]);
});

test('a "no" or a failure behind a change before it is decided later; without one it stands', async () => {
  const kinds = [
    saying('no', refused),
    saying('broken', new HoldfastError({ code: 'test/broken', message: 'no such unit', hint: 'make it' })),
  ];
  const behind = await preview(
    [
      setStep('first', 'a'),
      setStep('no', 'a', { kind: 'no', needs: ['first'] }),
      setStep('broken', 'a', { kind: 'broken', needs: ['first'] }),
    ],
    { kinds },
  );
  expect(states(behind)).toEqual(['first todo', 'no later', 'broken later']);
  expect(behind.changes).toBe(3);
  const alone = await preview(
    [setStep('no', 'a', { kind: 'no' }), setStep('broken', 'a', { kind: 'broken' })],
    {
      kinds,
    },
  );
  expect(states(alone)).toEqual(['no refused', 'broken unknown']);
  expect(alone.refused).toHaveLength(1);
  expect(alone.unknown).toHaveLength(1);
});

test('a host that is down is waited for once, and all its steps are unknown, also behind changes', async () => {
  const world = new World();
  let connects = 0;
  const down = new HoldfastError({
    code: 'host/unreachable',
    message: 'no route',
    hint: 'x',
    retryable: true,
  });
  const view = await preview(
    [
      setStep('one', 'a'),
      setStep('two', 'b', { needs: ['one'] }),
      setStep('three', 'b'),
      setStep('four', 'b'),
    ],
    {
      world,
      with: (engine) => ({
        hosts: {
          ...engine.hosts,
          async connect(host, signal) {
            if (host !== 'b') return engine.hosts.connect(host, signal);
            connects++;
            throw down;
          },
        },
      }),
    },
  );
  expect(states(view)).toEqual(['one todo', 'two unknown', 'three unknown', 'four unknown']);
  expect(connects).toBe(3);
});

test('a final step that would run is listed as such, one that is done is not', async () => {
  const world = new World();
  world.host('a').set('done', 'new');
  const steps = [
    setStep('done', 'a', { kind: 'set-final' }),
    setStep('todo', 'a', { kind: 'set-final' }),
    setStep('other', 'a'),
  ];
  const view = await preview(steps, { world });
  expect(view.finals.map(({ step }) => step.id)).toEqual(['todo']);
});

test('a kind that is final for some arguments is final for these only', async () => {
  const set = engineOf(new Process(new World())).kinds.get('set');
  const kind: AnyStepKind = {
    ...set,
    kind: 'sometimes',
    finalFor: (args: { value: string }) =>
      args.value === 'for good' ? { code: 'test/final', params: {} } : undefined,
  };
  const view = await preview(
    [
      setStep('one', 'a', { kind: 'sometimes', value: 'for good' }),
      setStep('two', 'a', { kind: 'sometimes' }),
    ],
    { kinds: [kind] },
  );
  expect(view.finals.map(({ step }) => step.id)).toEqual(['one']);
});

test.each([
  ['the same id twice', [setStep('x', 'a'), setStep('x', 'b')], /two steps are named 'x'/],
  ['a need that is no step', [setStep('x', 'a', { needs: ['y'] })], /needs 'y'/],
  [
    'a circle',
    [
      setStep('x', 'a', { needs: ['z'] }),
      setStep('y', 'a', { needs: ['x'] }),
      setStep('z', 'a', { needs: ['y'] }),
    ],
    /circle/,
  ],
])('a plan with %s is refused as a defect', async (_, steps, message) => {
  const error = (await preview(steps).catch((thrown: unknown) => thrown)) as HoldfastError;
  expect(error.code).toBe('engine/bad-plan');
  expect(error.message).toMatch(message);
});

test('the circle is written out', async () => {
  const steps = [setStep('x', 'a', { needs: ['y'] }), setStep('y', 'a', { needs: ['x'] })];
  const error = (await preview(steps).catch((thrown: unknown) => thrown)) as HoldfastError;
  expect(error.got).toBe('x → y → x');
});

test('arguments that a kind does not take, a kind and a host that are not known, are errors before any host is asked', async () => {
  const bad = { ...setStep('x', 'a'), args: { key: 1 } };
  await expect(preview([bad])).rejects.toMatchObject({ code: 'engine/bad-args', where: { step: 'x' } });
  await expect(preview([{ ...bad, kind: 'sett' }])).rejects.toMatchObject({
    code: 'base/unknown-name',
    hint: expect.stringContaining("'set'"),
  });
  await expect(preview([setStep('x', 'nowhere')])).rejects.toMatchObject({ code: 'engine/unknown-host' });
});

const todo: Check = { state: 'todo', diff: { summary: 'x' } };
const member = (host: string) => ({ name: host, host, address: '192.0.2.1', weight: 1 });
function endpoint(name: string, ...hosts: string[]): Endpoint {
  return { name, members: hosts.map(member) } as unknown as Endpoint;
}

async function safety(steps: readonly Step[], endpoints: readonly Endpoint[] = [], world = new World()) {
  const kinds = [
    saying('restart', todo, { interrupts: () => true }),
    saying('remove', todo, { removes: () => true }),
    saying('keep', todo, { removes: () => false }),
  ];
  const view = await preview(steps, { kinds, world, hosts: ['a', 'b', 'c', 'd'] });
  const site = engineOf(new Process(world), { endpoints }).site;
  return checkSafety(view, site).map(({ because }) => because);
}
const restart = (id: string, host: string, ...needs: string[]) =>
  setStep(id, host, { kind: 'restart', needs });

test('interrupting two members is safe only where every step on the one is ordered against every one on the other', async () => {
  const pair = [endpoint('files', 'a', 'b')];
  expect(await safety([restart('a1', 'a'), restart('b1', 'b')], pair)).toMatchObject([
    { code: 'engine/all-members-at-once', params: { endpoint: 'files', hosts: ['a', 'b'] } },
  ]);
  expect(await safety([restart('a1', 'a'), restart('b1', 'b', 'a1')], pair)).toEqual([]);
  const through = [
    restart('a1', 'a'),
    setStep('wait', undefined, { needs: ['a1'] }),
    restart('b1', 'b', 'wait'),
  ];
  expect(await safety(through, pair)).toEqual([]);
  const loose = [restart('a1', 'a'), restart('a2', 'a'), restart('b1', 'b', 'a1')];
  expect(await safety(loose, pair)).toHaveLength(1);
});

test('of three members one pair in order is enough; steps that do not interrupt do not count', async () => {
  const trio = [endpoint('api', 'a', 'b', 'c')];
  expect(await safety([restart('a1', 'a'), restart('b1', 'b', 'a1'), restart('c1', 'c')], trio)).toEqual([]);
  expect(await safety([restart('a1', 'a'), restart('b1', 'b'), restart('c1', 'c')], trio)).toHaveLength(1);
  expect(await safety([restart('a1', 'a'), restart('b1', 'b'), setStep('c1', 'c')], trio)).toEqual([]);
});

test('an endpoint with one member is no reason to refuse: there is nothing to keep up', async () => {
  expect(await safety([restart('a1', 'a')], [endpoint('files', 'a')])).toEqual([]);
});

test('removing more than 30 % of ten or more is refused, of fewer never', async () => {
  const many = (kind: string, count: number) =>
    Array.from({ length: count }, (_, n) => setStep(`${kind}${n}`, 'a', { kind }));
  expect(await safety([...many('remove', 4), ...many('keep', 6)])).toMatchObject([
    { code: 'engine/too-many-removals', params: { removed: 4, total: 10, percent: 40 } },
  ]);
  expect(await safety([...many('remove', 3), ...many('keep', 7)])).toEqual([]);
  expect(await safety(many('remove', 9))).toEqual([]);
});

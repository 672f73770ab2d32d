import { expect, test } from 'vitest';
import { planOf, setStep } from '../../test/engine-world.ts';
import { planMoved } from './moved.ts';
import { makePlan } from './plan.ts';
import { fromDocument, toDocument } from './run-document.ts';

const plan = planOf([
  { ...setStep('one', 'a'), from: { file: 'site.yaml', line: 3, column: 1 } },
  setStep('two', undefined, { needs: ['one'] }),
]);
const shown = { one: 'sha256:1', two: 'sha256:2' } as const;
const asFile = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('a plan comes back from its file as it was, positions included', () => {
  expect(fromDocument(asFile(toDocument({ plan, shown })), 'p.json')).toEqual({ plan, shown });
});

test('a plan without a request comes back, too', () => {
  const { digest: _digest, ...parts } = plan;
  const without = makePlan({ ...parts, request: undefined });
  expect(fromDocument(asFile(toDocument({ plan: without, shown })), 'p.json').plan.digest).toBe(
    without.digest,
  );
});

test('a plan that was edited by hand is refused', () => {
  const edited = asFile(toDocument({ plan, shown })) as { plan: { steps: { args: { value: string } }[] } };
  edited.plan.steps[0]!.args.value = 'rm -rf /';
  expect(() => fromDocument(edited, 'p.json')).toThrow(
    expect.objectContaining({
      code: 'engine/plan-unreadable',
      got: expect.stringContaining('digest'),
      message: expect.stringContaining('p.json'),
    }),
  );
});

test.each([
  ['no plan at all', { some: 'json' }],
  ['a plan from the future', { apiVersion: 'holdfast/v9', kind: 'Plan', plan, shown }],
  ['a plan that does not say what was shown', { apiVersion: 'holdfast/v1', kind: 'Plan', plan, shown: {} }],
])('%s is an error that says what was expected', (_, value) => {
  expect(() => fromDocument(asFile(value), 'p.json')).toThrow(
    expect.objectContaining({
      code: 'engine/plan-unreadable',
      hint: expect.stringContaining('holdfast plan -o'),
    }),
  );
});

test('arguments that JSON does not give back are refused before they are written', () => {
  const odd = planOf([
    { ...setStep('one', 'a'), args: { key: 'k', value: 'v', writes: 1, more: new Map([[1, 2]]) } },
  ]);
  expect(() => toDocument({ plan: odd, shown })).toThrow(
    expect.objectContaining({ code: 'engine/bad-plan', where: { step: 'one' } }),
  );
});

test('which of site, facts, steps and request have moved is said, all at once', () => {
  const { digest: _digest, ...parts } = plan;
  const site = { file: 'site.yaml' };
  const codes = (changed: Partial<typeof parts>) =>
    planMoved(plan, makePlan({ ...parts, ...changed }), site).map((finding) => finding.because.code);
  expect(codes({})).toEqual([]);
  expect(codes({ site: 'sha256:x' })).toEqual(['engine/site-moved']);
  expect(codes({ facts: 'sha256:x' })).toEqual(['engine/facts-moved']);
  expect(codes({ request: { to: 'b' } })).toEqual(['engine/procedure-moved']);
  expect(codes({ site: 'sha256:x', steps: [setStep('three', 'b')] })).toEqual([
    'engine/site-moved',
    'engine/steps-moved',
  ]);
  const moved = planMoved(plan, makePlan({ ...parts, steps: [plan.steps[0]!, setStep('three', 'b')] }), site);
  expect(moved[0]!.because.params).toEqual({ steps: ['three', 'two'] });
});

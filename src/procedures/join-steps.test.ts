import { expect, test } from 'vitest';
import type { Step } from '../engine/step.ts';
import { type Group, joinSteps } from './join-steps.ts';

const step = (id: string, needs: string[] = []): Step => ({
  id,
  kind: 'x',
  args: {},
  needs,
  why: { code: 'why', params: {} },
});
const stack = (endpoint: string | undefined, steps: Step[], afterEndpoint = false): Group => ({
  endpoint,
  part: 'stack',
  afterEndpoint,
  steps,
});
const driver = (endpoint: string, steps: Step[]): Group => ({ ...stack(endpoint, steps), part: 'driver' });
const needsOf = (groups: Group[]) =>
  Object.fromEntries(joinSteps(groups).map(({ id, needs }) => [id, needs]));

test('stacks and drivers do not wait for each other where no stack needs its endpoint', () => {
  expect(needsOf([stack('e', [step('a')]), stack('e', [step('b')]), driver('e', [step('d')])])).toEqual({
    a: [],
    b: [],
    d: [],
  });
});

test('a stack that needs its endpoint comes after the driver, and before the stacks that verify it, in whatever order they stand', () => {
  const groups = [
    stack('e', [step('verify')]),
    stack('e', [step('first'), step('then', ['first']), step('beside')], true),
    driver('e', [step('zone'), step('reload', ['zone'])]),
    driver('other', [step('other')]),
    stack(undefined, [step('base')]),
  ];
  expect(needsOf(groups)).toEqual({
    verify: ['reload', 'then', 'beside'],
    first: ['reload'],
    // biome-ignore lint/suspicious/noThenProperty: the name of a step
    then: ['first'],
    beside: ['reload'],
    zone: [],
    reload: ['zone'],
    other: [],
    base: [],
  });
});

test('a driver waits for a stack that has to stand before clients are led to it', () => {
  const database = { ...stack('e', [step('install'), step('together', ['install'])]), beforeEndpoint: true };
  expect(needsOf([database, driver('e', [step('address')]), driver('other', [step('other')])])).toEqual({
    install: [],
    together: ['install'],
    address: ['together'],
    other: [],
  });
});

import { describe, expect, it } from 'vitest';
import type { Step } from '../engine/step.ts';
import { filterHosts } from './filter-hosts.ts';

const step = (id: string, host: string | undefined, ...needs: string[]): Step => ({
  id,
  kind: 'command',
  args: {},
  needs,
  why: { code: 'test', params: {} },
  ...(host === undefined ? {} : { host }),
});
const ids = (steps: readonly Step[]): string[] => steps.map(({ id }) => id);

describe('a plan for some hosts only', () => {
  it('keeps their steps, in order', () => {
    const steps = [step('a1', 'a'), step('b1', 'b'), step('a2', 'a', 'a1'), step('b2', 'b', 'b1')];
    expect(ids(filterHosts(steps, new Set(['a'])).steps)).toEqual(['a1', 'a2']);
    expect(ids(filterHosts(steps, new Set(['a', 'b'])).steps)).toEqual(ids(steps));
  });

  it('is blocked where a step needs one of another host', () => {
    const steps = [step('b1', 'b'), step('a1', 'a', 'b1'), step('a2', 'a', 'a1')];
    const { blocked } = filterHosts(steps, new Set(['a']));
    expect(blocked.map(({ step: each, need }) => `${each.id} needs ${need.id}`)).toEqual([
      'a1 needs b1',
      'a2 needs a1',
    ]);
  });

  it('keeps steps without a host only where all that they wait for is kept', () => {
    const steps = [
      step('a1', 'a'),
      step('b1', 'b'),
      step('up-a', undefined, 'a1'),
      step('record', undefined, 'up-a', 'b1'),
      step('alone', undefined),
    ];
    const { steps: kept, leftOut, blocked } = filterHosts(steps, new Set(['a']));
    expect(ids(kept)).toEqual(['a1', 'up-a', 'alone']);
    expect(ids(leftOut)).toEqual(['record']);
    expect(blocked).toEqual([]);
  });
});

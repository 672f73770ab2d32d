import { describe, expect, it } from 'vitest';
import { testStep } from '../../../test/step-contract.ts';
import { patientProber, stepWorlds } from '../../../test/step-worlds.ts';
import { registry } from '../../base/registry.ts';
import type { Prober } from './probe.ts';
import { stepKindsWith } from './registry.ts';

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
const probers = registry<Prober<any>>('probe', [patientProber()], ({ kind }) => kind);
const kinds = stepKindsWith(probers);

describe('the contract of step kinds', () => {
  it('is tried in at least one world of each kind', () => {
    expect(Object.keys(stepWorlds).sort()).toEqual([...kinds.names].sort());
  });
});

for (const kind of kinds) for (const world of stepWorlds[kind.kind] ?? []) testStep(kind, world);

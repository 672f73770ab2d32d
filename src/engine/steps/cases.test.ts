import { join } from 'node:path';
import { testStepCases } from '../../../test/step-cases.ts';
import { registry } from '../../base/registry.ts';
import type { Prober } from './probe.ts';
import { stepKindsWith } from './registry.ts';

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
const none = registry<Prober<any>>('probe', [], ({ kind }) => kind);
testStepCases(join(import.meta.dirname, 'cases'), stepKindsWith(none));

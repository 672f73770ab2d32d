import { registry } from '../base/registry.ts';
import { apply } from './apply.ts';
import type { Procedure } from './procedure.ts';
import { sync } from './sync.ts';
import { upgrade } from './upgrade.ts';

/** Every procedure; one line each, in the order of the documentation. */
// biome-ignore lint/suspicious/noExplicitAny: a family's members have different requests
export const procedures = registry<Procedure<any>>('procedure', [apply, upgrade, sync], ({ name }) => name);

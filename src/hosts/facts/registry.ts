/** Every fact, one line each. */
import { registry } from '../../base/registry.ts';
import type { FactKind } from '../fact.ts';

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different types
export const factKinds = registry<FactKind<any, any>>('fact', [], (kind) => kind.name);

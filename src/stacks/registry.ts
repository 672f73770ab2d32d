import { registry } from '../base/registry.ts';
import { artifacts } from './artifacts/index.ts';
import { baseline } from './baseline/index.ts';
import { dce5 } from './dce5/index.ts';
import { mariadb } from './mariadb/index.ts';
import type { Stack } from './stack.ts';

/** Every stack; one line each, in the order of the documentation. */
// biome-ignore lint/suspicious/noExplicitAny: a family's members have different specs
export const stacks = registry<Stack<any>>('stack', [artifacts, dce5, mariadb, baseline], ({ name }) => name);

import type { Site, StackSpec } from '../../site/model.ts';
import type { BaselineSpec } from './schema.ts';

/** The baselines of a site, in the order of its file. */
export function baselinesOf(site: Site): StackSpec<BaselineSpec>[] {
  return [...site.stacks.values()].filter(({ kind }) => kind === 'baseline') as StackSpec<BaselineSpec>[];
}

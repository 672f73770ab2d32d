import type { Site, StackSpec } from '../../../site/model.ts';
import type { MariadbSpec } from '../schema.ts';

/** Every MariaDB stack of a site. */
export function mariadbOf(site: Site): StackSpec<MariadbSpec>[] {
  return [...site.stacks.values()].filter(
    (stack): stack is StackSpec<MariadbSpec> => stack.kind === 'mariadb',
  );
}

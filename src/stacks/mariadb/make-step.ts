/** How the parts of a plan add their steps: one after the other, because at no time may both servers restart. */
import type { Reason } from '../../base/reason.ts';
import type { Step } from '../../engine/step.ts';
import type { Site, SitePath, StackSpec } from '../../site/model.ts';

/** Where a step happens; a node is one. */
export interface On {
  readonly member: { readonly host: string };
}

/** Adds a step. @param id unique on its host @param path below the stack in the site file */
export type MakeStep = (
  id: string,
  kind: string,
  on: On,
  why: Reason,
  args: unknown,
  path?: SitePath,
) => void;

/** Each step it adds to `steps` needs the one before it. */
export function stepMaker(site: Site, stack: StackSpec, steps: Step[]): MakeStep {
  return (id, kind, { member: { host } }, why, args, path = []) => {
    const before = steps.at(-1);
    steps.push({
      id: `${stack.name}/${host}/${id}`,
      kind,
      host,
      args,
      needs: before === undefined ? [] : [before.id],
      why,
      from: site.where(['stacks', stack.name, ...path]),
    });
  };
}

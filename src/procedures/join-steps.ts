/** Puts the steps of stacks and endpoints into one order. Neither knows the other: the procedure joins them. Pure. */
import type { Step, StepId } from '../engine/step.ts';
import type { EndpointName } from '../site/model.ts';

/** The steps of one stack or of one endpoint's driver. */
export interface Group {
  /** The endpoint it is, or stands behind. */
  readonly endpoint: EndpointName | undefined;
  readonly part: 'driver' | 'stack';
  /** A stack whose steps need the endpoint in place (`Stack.afterEndpoint`). */
  readonly afterEndpoint: boolean;
  /** A stack that has to stand before clients are led to it (`Stack.beforeEndpoint`). */
  readonly beforeEndpoint?: boolean;
  readonly steps: readonly Step[];
}

/**
 * Where a stack needs its endpoint in place, the driver's steps come first, then that stack's, then those of the other
 * stacks behind the same endpoint, which verify what it built. Where a stack has to stand before clients are led to it,
 * the driver's steps come after it. Everything else stays as it is.
 */
export function joinSteps(groups: readonly Group[]): Step[] {
  const waits = new Map<Group, readonly Group[]>();
  for (const group of groups) {
    const beside = groups.filter(({ endpoint }) => endpoint !== undefined && endpoint === group.endpoint);
    const builders = beside.filter(({ afterEndpoint }) => afterEndpoint);
    if (group.part === 'driver') {
      waits.set(
        group,
        beside.filter(({ beforeEndpoint }) => beforeEndpoint === true),
      );
      continue;
    }
    if (builders.length === 0) continue;
    const drivers = beside.filter(({ part }) => part === 'driver');
    const earlier = group.afterEndpoint ? builders.slice(0, builders.indexOf(group)) : builders;
    waits.set(group, [...drivers, ...earlier]);
  }
  return groups.flatMap((group) =>
    afterAll(
      group.steps,
      (waits.get(group) ?? []).flatMap(({ steps }) => lastOf(steps)),
    ),
  );
}

/** The same steps, begun only after `before`. */
export function afterAll(steps: readonly Step[], before: readonly StepId[]): Step[] {
  const own = new Set(steps.map(({ id }) => id));
  return steps.map((step) =>
    step.needs.some((need) => own.has(need))
      ? step
      : { ...step, needs: distinct([...step.needs, ...before]) },
  );
}

/** The steps that none of the others needs: when they are done, all are. */
export function lastOf(steps: readonly Step[]): StepId[] {
  const needed = new Set(steps.flatMap(({ needs }) => needs));
  return steps.map(({ id }) => id).filter((id) => !needed.has(id));
}

function distinct(ids: readonly StepId[]): StepId[] {
  return [...new Set(ids)];
}

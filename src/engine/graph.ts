/** The order of a plan's steps, from what each one needs. */
import { nearest } from '../base/nearest.ts';
import { EngineError } from './engine-error.ts';
import type { Step, StepId } from './step.ts';

/**
 * The steps so that each comes after all it needs; otherwise in the order given, so that the same plan always
 * gives the same order.
 * @throws EngineError `engine/bad-plan`: the same id twice, a need that is no step, a circle
 */
export function inOrder<S extends Step>(steps: readonly S[]): readonly S[] {
  const byId = indexById(steps);
  const waits = new Map<StepId, number>();
  const followers = followersOf(steps, byId);
  for (const step of steps) waits.set(step.id, new Set(step.needs).size);
  const queue = new IndexQueue(steps.length);
  const indexOf = new Map(steps.map((step, index) => [step.id, index]));
  steps.forEach((step, index) => {
    if (waits.get(step.id) === 0) queue.add(index);
  });
  const ordered: S[] = [];
  for (let index = queue.take(); index !== undefined; index = queue.take()) {
    const step = steps[index]!;
    ordered.push(step);
    for (const follower of followers.get(step.id) ?? []) {
      const left = waits.get(follower)! - 1;
      waits.set(follower, left);
      if (left === 0) queue.add(indexOf.get(follower)!);
    }
  }
  if (ordered.length < steps.length) throw circle(steps, new Set(ordered.map((step) => step.id)));
  return ordered;
}

/** Step → the steps that need it, each once. */
export function followersOf(
  steps: readonly Step[],
  byId: ReadonlyMap<StepId, Step>,
): ReadonlyMap<StepId, readonly StepId[]> {
  const followers = new Map<StepId, StepId[]>();
  for (const step of steps) {
    for (const need of new Set(step.needs)) {
      if (!byId.has(need)) throw unknownNeed(step, need, byId);
      const list = followers.get(need);
      if (list === undefined) followers.set(need, [step.id]);
      else list.push(step.id);
    }
  }
  return followers;
}

function indexById<S extends Step>(steps: readonly S[]): ReadonlyMap<StepId, S> {
  const byId = new Map<StepId, S>();
  for (const step of steps) {
    if (byId.has(step.id))
      throw badPlan(`two steps are named '${step.id}'`, 'one step of each name', step.id);
    byId.set(step.id, step);
  }
  return byId;
}

function unknownNeed(step: Step, need: StepId, byId: ReadonlyMap<StepId, Step>): EngineError {
  const meant = nearest(need, byId.keys());
  const got = meant === undefined ? need : `${need} (nearest: ${meant})`;
  return badPlan(
    `the step '${step.id}' needs '${need}', which is no step of the plan`,
    'a step of the plan',
    got,
  );
}

function circle(steps: readonly Step[], done: ReadonlySet<StepId>): EngineError {
  const left = new Map(steps.filter((step) => !done.has(step.id)).map((step) => [step.id, step]));
  const trail: StepId[] = [];
  let id = left.keys().next().value as StepId;
  while (!trail.includes(id)) {
    trail.push(id);
    id = left.get(id)!.needs.find((need) => left.has(need)) as StepId;
  }
  const path = [...trail.slice(trail.indexOf(id)), id].join(' → ');
  return badPlan('steps need each other in a circle', 'an order', path);
}

function badPlan(message: string, expected: string, got: string): EngineError {
  return new EngineError({
    code: 'engine/bad-plan',
    message,
    expected,
    got,
    hint: 'This is a defect of the procedure, driver or stack that made the plan: please report it with the site file.',
  });
}

/** Numbers below a bound, taken out smallest first; adding and taking are cheap for plans of 100,000 steps. */
class IndexQueue {
  readonly #waiting: Uint8Array;
  #next = 0;
  #count = 0;

  constructor(bound: number) {
    this.#waiting = new Uint8Array(bound);
  }

  add(index: number): void {
    this.#waiting[index] = 1;
    this.#count++;
    this.#next = Math.min(this.#next, index);
  }

  take(): number | undefined {
    if (this.#count === 0) return undefined;
    while (this.#waiting[this.#next] === 0) this.#next++;
    this.#waiting[this.#next] = 0;
    this.#count--;
    return this.#next;
  }
}

/** Which step comes next: what it needs is done, its host is free, and not too many hosts are at work. */
import { followersOf } from './graph.ts';
import type { ResolvedStep, ResolvedSteps } from './resolve.ts';
import type { StepId } from './step.ts';
import type { StepResult } from './step-life.ts';

export interface Schedule {
  readonly steps: ResolvedSteps;
  /** Steps that need no work any more: skipped or verified before. */
  readonly settled: ReadonlySet<StepId>;
  readonly hostsAtOnce: number;
  /** Asked before each start; false from the first stop signal on. */
  mayStart(): boolean;
  live(step: ResolvedStep): Promise<StepResult>;
}

/**
 * Runs the steps, hosts side by side, on each host one at a time in the plan's order. After a failure (or a throw)
 * nothing is started any more; those under way end.
 * @returns how each step that was started ended
 * @throws what `live` threw first, after all that was under way has ended
 */
export async function runSchedule(o: Schedule): Promise<ReadonlyMap<StepId, StepResult>> {
  const lanes = new Lanes(o.steps, o.settled);
  const results = new Map<StepId, StepResult>();
  const underWay = new Set<Promise<void>>();
  let isStopping = false;
  let thrown: { error: unknown } | undefined;

  const start = (step: ResolvedStep): void => {
    const work = o
      .live(step)
      .then((result) => {
        results.set(step.id, result);
        if (result.end === 'changed' || result.end === 'unchanged') lanes.settle(step);
        else isStopping = true;
      })
      .catch((error: unknown) => {
        isStopping = true;
        thrown ??= { error };
      })
      .finally(() => {
        lanes.leave(step);
        underWay.delete(work);
      });
    underWay.add(work);
  };

  for (;;) {
    while (!isStopping && o.mayStart() && underWay.size < o.hostsAtOnce) {
      const step = lanes.next();
      if (step === undefined) break;
      start(step);
    }
    if (underWay.size === 0) break;
    await Promise.race(underWay);
  }
  if (thrown !== undefined) throw thrown.error;
  return results;
}

/** One lane a host (and one for the controller): the steps that are ready on it, in order. */
class Lanes {
  readonly #waits = new Map<StepId, number>();
  readonly #followers: ReadonlyMap<StepId, readonly StepId[]>;
  readonly #steps: ResolvedSteps;
  readonly #order: ReadonlyMap<StepId, number>;
  readonly #ready = new Map<string | undefined, ResolvedStep[]>();
  /** Hosts with ready steps and none under way, in the order in which they became so. */
  readonly #free = new Set<string | undefined>();
  readonly #busy = new Set<string | undefined>();

  constructor(steps: ResolvedSteps, settled: ReadonlySet<StepId>) {
    this.#steps = steps;
    this.#followers = followersOf(steps.ordered, steps.byId);
    this.#order = new Map(steps.ordered.map((step, index) => [step.id, index]));
    for (const step of steps.ordered) {
      if (settled.has(step.id)) continue;
      const waits = new Set(step.needs.filter((need) => !settled.has(need))).size;
      this.#waits.set(step.id, waits);
      if (waits === 0) this.#makeReady(step);
    }
  }

  /** The next step on a host that is free; its host is busy from now on. */
  next(): ResolvedStep | undefined {
    const [host] = this.#free;
    if (this.#free.size === 0) return undefined;
    this.#free.delete(host);
    this.#busy.add(host);
    return this.#ready.get(host)!.shift();
  }

  leave(step: ResolvedStep): void {
    this.#busy.delete(step.host);
    if ((this.#ready.get(step.host)?.length ?? 0) > 0) this.#free.add(step.host);
  }

  settle(step: ResolvedStep): void {
    for (const id of this.#followers.get(step.id) ?? []) {
      const waits = this.#waits.get(id);
      if (waits === undefined) continue;
      this.#waits.set(id, waits - 1);
      if (waits === 1) this.#makeReady(this.#steps.byId.get(id)!);
    }
  }

  #makeReady(step: ResolvedStep): void {
    const lane = this.#ready.get(step.host) ?? [];
    this.#ready.set(step.host, lane);
    const rank = this.#order.get(step.id)!;
    const at = lane.findLastIndex((other) => this.#order.get(other.id)! < rank) + 1;
    lane.splice(at, 0, step);
    if (!this.#busy.has(step.host)) this.#free.add(step.host);
  }
}

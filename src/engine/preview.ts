/** What a plan would do, asked of the hosts: every step's check, read-only, in a fixed order. */
import { type Digest, digestOf } from '../base/digest.ts';
import { type ErrorRecord, toErrorRecord } from '../base/errors.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import { limit } from '../base/limit.ts';
import type { Reason } from '../base/reason.ts';
import type { Engine } from './engine.ts';
import { patiently } from './patience.ts';
import type { Plan } from './plan.ts';
import { engineReasons } from './reasons.ts';
import { type ResolvedStep, resolveSteps } from './resolve.ts';
import type { Check, StepId } from './step.ts';
import { contextOf } from './step-context.ts';

/**
 * `later`: the answer depends on steps before it (a service whose unit file is not there yet), so that it is decided
 * then; `unknown`: the host could not be asked.
 */
export type Shown =
  | Check
  | { readonly state: 'later'; readonly because: Reason }
  | { readonly state: 'unknown'; readonly error: ErrorRecord };

export interface StepView {
  readonly step: ResolvedStep;
  readonly shown: Shown;
  /** Steps before it that would change something: its own answer may be another one by then. */
  readonly after: readonly StepId[];
  /** What `apply` holds the world against. */
  readonly digest: Digest;
}

export interface PlanView {
  readonly plan: Plan;
  readonly steps: readonly StepView[];
  /** How many steps would change something, or may. */
  readonly changes: number;
  readonly finals: readonly StepView[];
  readonly refused: readonly StepView[];
  readonly unknown: readonly StepView[];
}

/**
 * Runs the check of every step: hosts side by side, the steps of one host in order.
 * @throws EngineError for a plan that cannot be run; the signal's reason. An unreachable host is a value.
 */
export async function previewPlan(plan: Plan, engine: Engine, signal: AbortSignal): Promise<PlanView> {
  const { ordered } = resolveSteps(plan.steps, engine.kinds, engine.site);
  const hosts = limit(engine.hostsAtOnce);
  const answers = new Map<StepId, Shown>();
  const lanes = Map.groupBy(ordered, (step) => step.host);
  await Promise.all(
    [...lanes.values()].map((lane) =>
      hosts.run(async () => {
        const unreachable = await reach(lane[0]!, engine, signal);
        for (const step of lane) answers.set(step.id, unreachable ?? (await ask(step, engine, signal)));
      }, signal),
    ),
  );
  return toView(plan, ordered, answers);
}

/** Opens the way to a host once for all its steps, so that a host that is down is waited for once. */
async function reach(step: ResolvedStep, engine: Engine, signal: AbortSignal): Promise<Shown | undefined> {
  const { host } = step;
  if (host === undefined) return undefined;
  try {
    await patiently(engine, signal, () => engine.hosts.connect(host, signal));
    return undefined;
  } catch (error) {
    return toUnknown(error, engine, signal);
  }
}

async function ask(step: ResolvedStep, engine: Engine, signal: AbortSignal): Promise<Shown> {
  try {
    return await patiently(engine, signal, async () => {
      const ctx = await contextOf(step, engine, signal, refuseToAmend);
      return step.code.check(ctx, step.args);
    });
  } catch (error) {
    return toUnknown(error, engine, signal);
  }
}

function toUnknown(error: unknown, engine: Engine, signal: AbortSignal): Shown {
  throwIfAborted(signal);
  return { state: 'unknown', error: engine.secrets.redactIn(toErrorRecord(error)) };
}

function refuseToAmend(): never {
  throw new TypeError('check and capture only read: they may not amend an undo');
}

function toView(plan: Plan, ordered: readonly ResolvedStep[], answers: ReadonlyMap<StepId, Shown>): PlanView {
  const moving = new Map<StepId, readonly StepId[]>();
  const steps = ordered.map((step): StepView => {
    const after = [...new Set(step.needs.flatMap((need) => moving.get(need) ?? []))];
    const shown = decideLater(answers.get(step.id)!, after);
    const changes = shown.state === 'todo' || shown.state === 'later';
    // A step that changes stands for all before it; one that does not passes on what it waits for.
    moving.set(step.id, changes ? [step.id] : after);
    return { step, shown, after, digest: digestShown(shown) };
  });
  const which = (state: Shown['state']) => steps.filter(({ shown }) => shown.state === state);
  const changing = [...which('todo'), ...which('later')];
  return {
    plan,
    steps,
    changes: changing.length,
    finals: steps.filter((view) => view.step.final !== undefined && changing.includes(view)),
    refused: which('refused'),
    unknown: which('unknown'),
  };
}

/** Where steps before it will change something, a "no" or a failure of now says nothing about then. */
function decideLater(shown: Shown, after: readonly StepId[]): Shown {
  const isUnsettled = shown.state === 'refused' || (shown.state === 'unknown' && !isAboutHost(shown.error));
  if (after.length === 0 || !isUnsettled) return shown;
  return { state: 'later', because: engineReasons.of('engine/decided-later', { steps: after }) };
}

function isAboutHost(error: ErrorRecord): boolean {
  return error.code.startsWith('host/') || error.retryable;
}

/** What counts of an answer: whether something is to do, and what exactly. Sentences about why not do not. */
export function digestShown(shown: Shown): Digest {
  if (shown.state === 'todo') return digestOf({ state: 'todo', diff: shown.diff });
  return digestOf({ state: shown.state });
}

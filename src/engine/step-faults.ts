/** What the engine itself finds wrong with a step while it lives, and the undo as the journal keeps it. */
import type { Reason } from '../base/reason.ts';
import { Secret } from '../base/secret.ts';
import { EngineError } from './engine-error.ts';
import { movedReason } from './moved.ts';
import { engineReasons } from './reasons.ts';
import { type ResolvedStep, whereOf } from './resolve.ts';
import type { Check } from './step.ts';

type Render = (reason: Reason) => string;

/** The step's own "no", met during a run. */
export function refusedError(
  step: ResolvedStep,
  check: Extract<Check, { state: 'refused' }>,
  render: Render,
): EngineError {
  return new EngineError({
    code: 'engine/step-refused',
    message: 'the step refuses',
    where: whereOf(step),
    expected: 'a host on which the step can be done',
    got: render(check.because),
    hint: render(check.hint),
  });
}

/** Somebody else changed what the step is about between showing and doing. */
export function movedError(step: ResolvedStep, now: Check, render: Render): EngineError {
  return new EngineError({
    code: 'engine/world-moved',
    message: 'the host is no longer as it was when the plan was shown',
    where: whereOf(step),
    expected: 'what the plan showed for this step',
    got: render(movedReason(step, now)),
    hint: `${render(engineReasons.of('engine/plan-again'))}. If no person changed it, another step of this plan did: then that one belongs into the needs of this one.`,
  });
}

/**
 * A captured undo (or a patch to it) as the journal will give it back, so that a revert now and a revert after a
 * crash get the same.
 * @throws EngineError `engine/undo-not-data` for a Secret in it: it would come back as its reference
 */
export function asJournaled(captured: unknown, step: ResolvedStep): unknown {
  if (captured === undefined) return undefined;
  if (holdsSecret(captured))
    throw notData(step, 'a secret, which comes back from the journal as its reference');
  return JSON.parse(JSON.stringify(captured));
}

/** The undo in the form that the kind's `apply` and `revert` take; undefined for a final step. */
export function parseUndo(step: ResolvedStep, kept: unknown): unknown {
  if (step.reversible === undefined) return undefined;
  const parsed = step.reversible.schema.safeParse(kept);
  if (parsed.success) return parsed.data;
  throw notData(step, parsed.error.message);
}

function notData(step: ResolvedStep, got: string): EngineError {
  return new EngineError({
    code: 'engine/undo-not-data',
    message: 'what is needed to undo the step cannot be kept in the journal',
    where: whereOf(step),
    expected: `what the step kind '${step.kind}' declares as its undo, as plain data`,
    got,
    hint: `Nothing was done by this step on the strength of it. This is a defect of the step kind '${step.kind}': please report it.`,
  });
}

function holdsSecret(value: unknown): boolean {
  if (value instanceof Secret) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsSecret);
}

import { canonicalJson } from '../base/digest.ts';
import type { Evidence } from '../base/evidence.ts';
import type { Engine } from './engine.ts';
import { patiently } from './patience.ts';
import type { StepState } from './replay.ts';
import type { ResolvedStep } from './resolve.ts';
import { contextOf } from './step-context.ts';
import { asJournaled, parseUndo } from './step-faults.ts';

/**
 * Reverts one step to what was captured before it began, then captures again and holds the two against each other.
 * @returns `isProven` false where they differ, or where the state could not be captured any more
 */
export async function revertStep(
  engine: Engine,
  step: ResolvedStep,
  state: StepState,
  signal: AbortSignal,
): Promise<{ evidence: Evidence; isProven: boolean }> {
  const reversible = step.reversible!;
  const startMs = engine.clock.monotonicMs();
  const undo = parseUndo(step, state.undo);
  const context = () => contextOf(step, engine, signal, refuseToAmend);
  await patiently(engine, signal, async () => reversible.revert(await context(), undo, step.args));
  const now = await patiently(engine, signal, async () =>
    reversible.capture(await context(), step.args),
  ).then(
    (captured: unknown) => canonicalJson(asJournaled(captured, step) ?? null),
    () => undefined,
  );
  const isProven = now === canonicalJson(state.captured ?? null);
  const got = now === undefined ? 'could not be captured' : isProven ? 'as before' : 'differs';
  return {
    isProven,
    evidence: {
      asked: 'capture again, compare with what was captured before the step',
      got,
      expected: 'as before',
      at: engine.clock.now(),
      tookMs: engine.clock.monotonicMs() - startMs,
    },
  };
}

/** Whether a step that was cut has its effect on the host now; where it cannot be told, it counts as happened. */
export async function didHappen(engine: Engine, step: ResolvedStep, signal: AbortSignal): Promise<boolean> {
  try {
    const check = await patiently(engine, signal, async () =>
      step.code.check(await contextOf(step, engine, signal, refuseToAmend), step.args),
    );
    return check.state !== 'todo';
  } catch {
    return true;
  }
}

function refuseToAmend(): never {
  throw new TypeError('only apply may amend an undo');
}

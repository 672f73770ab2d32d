import { canonicalJson } from '../base/digest.ts';
import type { Evidence } from '../base/evidence.ts';
import { keepDrift } from './drift.ts';
import type { Engine } from './engine.ts';
import { patiently } from './patience.ts';
import { amended, type StepState } from './replay.ts';
import type { ResolvedStep } from './resolve.ts';
import type { StepContext } from './step.ts';
import { contextOf } from './step-context.ts';
import { asJournaled, parseUndo } from './step-faults.ts';

/**
 * Reverts one step to what was captured before it began, then looks again and holds the two against each other. What
 * somebody changed since is kept aside first.
 * @param amend journals a patch to the undo
 * @returns `isProven` false where they differ, or where the host could not be looked at any more
 */
export async function revertStep(
  engine: Engine,
  step: ResolvedStep,
  state: StepState,
  signal: AbortSignal,
  amend: StepContext['amendUndo'],
): Promise<{ evidence: Evidence; isProven: boolean }> {
  const reversible = step.reversible!;
  const startMs = engine.clock.monotonicMs();
  let kept = state.undo;
  const keeping = () =>
    contextOf(step, engine, signal, async (given) => {
      const patch = asJournaled(given, step) as typeof given;
      await amend(patch);
      kept = amended(kept, patch);
    });
  const places = await keepDrift(engine, step, kept, signal, keeping);
  const undo = parseUndo(step, kept);
  const context = () => contextOf(step, engine, signal, refuseToAmend);
  await patiently(engine, signal, async () => reversible.revert(await context(), undo, step.args));
  const look = patiently(engine, signal, async () => isBack(step, state, undo, await context()));
  const now = await look.catch(() => undefined);
  const isProven = now === true;
  const found = now === undefined ? 'could not be looked at' : isProven ? 'as before' : 'differs';
  const got = [found, ...places.map((place) => `changed since the run, kept: ${place}`)].join('; ');
  return {
    isProven,
    evidence: {
      asked: 'look again, compare with what was captured before the step',
      got,
      expected: 'as before',
      at: engine.clock.now(),
      tookMs: engine.clock.monotonicMs() - startMs,
    },
  };
}

async function isBack(
  step: ResolvedStep,
  state: StepState,
  undo: unknown,
  ctx: StepContext,
): Promise<boolean> {
  const reversible = step.reversible!;
  if (reversible.isBack !== undefined) return reversible.isBack(ctx, undo, step.args);
  const now = asJournaled(await reversible.capture(ctx, step.args), step);
  return canonicalJson(now ?? null) === canonicalJson(state.captured ?? null);
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
  throw new TypeError('a revert may not amend its undo');
}

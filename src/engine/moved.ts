/** Has the world moved since a plan was shown? Everything that has, at once. */

import { canonicalJson, digestOf } from '../base/digest.ts';
import type { Finding } from '../base/finding.ts';
import type { Reason } from '../base/reason.ts';
import type { Site } from '../site/model.ts';
import type { Plan } from './plan.ts';
import type { PlanView, Shown, StepView } from './preview.ts';
import { engineReasons } from './reasons.ts';
import type { ShownDigests } from './run-document.ts';
import type { Step } from './step.ts';

/**
 * Holds a kept plan against the one that the current site and facts give.
 * @returns which of procedure, site, facts and steps have moved; empty where the plan is as it was
 */
export function planMoved(kept: Plan, now: Plan, site: Pick<Site, 'file'>): readonly Finding[] {
  if (kept.digest === now.digest) return [];
  const found: Reason[] = [];
  const was = `${kept.procedure} ${canonicalJson(kept.request)}`;
  const is = `${now.procedure} ${canonicalJson(now.request)}`;
  if (was !== is) found.push(engineReasons.of('engine/procedure-moved', { was, is }));
  if (kept.site !== now.site) found.push(engineReasons.of('engine/site-moved', { file: site.file }));
  if (kept.facts !== now.facts) found.push(engineReasons.of('engine/facts-moved'));
  const steps = changedSteps(kept.steps, now.steps);
  if (steps.length > 0) found.push(engineReasons.of('engine/steps-moved', { steps }));
  return found.map((because) => toFinding(because));
}

/** Holds what the checks say now against what was shown. Nothing of the run has been done yet. */
export function worldMoved(view: PlanView, shown: ShownDigests): readonly Finding[] {
  return (
    view.steps
      // What could not be asked says nothing about having moved: `notReady` lists it.
      .filter(({ step, digest, shown: now }) => now.state !== 'unknown' && shown[step.id] !== digest)
      .map((view) => toFinding(movedReason(view.step, view.shown)))
  );
}

/** The sentence for a step whose check no longer says what was shown. */
export function movedReason(step: Step, now: Shown): Reason {
  const params = { step: step.id, host: step.host ?? 'localhost', is: summaryOf(now) };
  return engineReasons.of('engine/world-moved', params);
}

/** Steps that refuse or could not be asked, as findings: such a plan is not begun. */
export function notReady(view: PlanView): readonly Finding[] {
  const refused = view.refused.map(({ step, shown }): Finding => {
    const answer = shown as Extract<Shown, { state: 'refused' }>;
    return {
      rule: 'engine/step-refused',
      severity: 'error',
      because: engineReasons.of('engine/step-refused', { step: step.id, why: answer.because }),
      hint: answer.hint,
      ...(step.from === undefined ? {} : { position: step.from }),
    };
  });
  const unknown = view.unknown.map(({ step, shown }: StepView): Finding => {
    const { error } = shown as Extract<Shown, { state: 'unknown' }>;
    return {
      rule: error.code,
      severity: 'error',
      because: engineReasons.of('engine/step-unknown', { step: step.id, message: error.message }),
      hint: engineReasons.of('engine/said', { text: error.hint }),
    };
  });
  return [...refused, ...unknown];
}

/** An answer in a few words. */
function summaryOf(shown: Shown): string {
  if (shown.state === 'todo') return shown.diff.summary;
  if (shown.state === 'unknown') return shown.error.message;
  return shown.state;
}

function changedSteps(kept: readonly Step[], now: readonly Step[]): readonly string[] {
  const digests = (steps: readonly Step[]) =>
    new Map(steps.map(({ from: _from, ...step }) => [step.id, digestOf(step)]));
  const [before, after] = [digests(kept), digests(now)];
  const ids = new Set([...before.keys(), ...after.keys()]);
  return [...ids].filter((id) => before.get(id) !== after.get(id)).sort();
}

function toFinding(because: Reason): Finding {
  return { rule: because.code, severity: 'error', because, hint: engineReasons.of('engine/plan-again') };
}

import type { Context } from '../../app/context.ts';
import type { Finding } from '../../base/finding.ts';
import type { PlanView, StepView } from '../../engine/preview.ts';
import type { Diff } from '../../engine/step.ts';
import { findingJson } from '../refuse.ts';
import { diffText } from './diff.ts';

/** A previewed plan for scripts. */
export function planJson(
  view: PlanView,
  warnings: readonly Finding[],
  unsafe: readonly Finding[],
  context: Pick<Context, 'render'>,
): unknown {
  const { procedure, request, site, facts, digest } = view.plan;
  return {
    plan: { procedure, request, site, facts, digest },
    changes: view.changes,
    finals: view.finals.length,
    refused: view.refused.length,
    unknown: view.unknown.length,
    steps: view.steps.map((step) => stepJson(step, context)),
    warnings: warnings.map((found) => findingJson(found, context)),
    unsafe: unsafe.map((found) => findingJson(found, context)),
  };
}

/** Its lines as text: a script need not know the codes. */
function diffJson({ lines, ...diff }: Diff, render: Context['render']): Diff {
  return lines === undefined ? diff : { ...diff, text: diffText({ ...diff, lines }, render) };
}

function stepJson({ step, shown, after, digest }: StepView, { render }: Pick<Context, 'render'>): unknown {
  const { id, host, kind, needs, title, why, final, from } = step;
  return {
    id,
    host: host ?? null,
    kind,
    title: render(title),
    why: render(why),
    state: shown.state,
    ...('diff' in shown ? { diff: diffJson(shown.diff, render) } : {}),
    ...('because' in shown ? { because: render(shown.because), reason: shown.because } : {}),
    ...('hint' in shown ? { hint: render(shown.hint) } : {}),
    ...('error' in shown ? { error: shown.error } : {}),
    ...(final === undefined ? {} : { final: render(final) }),
    needs,
    after,
    digest,
    ...(from === undefined ? {} : { from }),
  };
}

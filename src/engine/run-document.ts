/** What is kept of a run beside its journal: the plan, and what was shown of it. */
import { z } from 'zod';
import type { Digest } from '../base/digest.ts';
import type { RunId } from '../store/journal.ts';
import { EngineError } from './engine-error.ts';
import { makePlan, type Plan } from './plan.ts';
import type { PlanView } from './preview.ts';
import type { StepId } from './step.ts';

/** Step → the digest of the check that was shown. */
export type ShownDigests = Readonly<Record<StepId, Digest>>;

export interface ShownPlan {
  readonly plan: Plan;
  readonly shown: ShownDigests;
}

const digest = z.templateLiteral(['sha256:', z.string()]);
const reasonParam: z.ZodType = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), reason]),
);
const reason = z.object({ code: z.string(), params: z.record(z.string(), reasonParam) });
const position = z.object({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  length: z.number().exactOptional(),
});
const step = z.strictObject({
  id: z.string(),
  kind: z.string(),
  host: z.string().exactOptional(),
  args: z.unknown().optional(),
  needs: z.array(z.string()),
  why: reason,
  from: position.exactOptional(),
});
const document = z.object({
  apiVersion: z.literal('holdfast/v1'),
  kind: z.literal('Plan'),
  plan: z.strictObject({
    procedure: z.string(),
    request: z.unknown().optional(),
    site: digest,
    facts: digest,
    steps: z.array(step),
    digest,
  }),
  shown: z.record(z.string(), digest),
});

/** The digests of a preview, as `plan -o` keeps them. */
export function shownDigests(view: PlanView): ShownDigests {
  return Object.fromEntries(view.steps.map(({ step: { id }, digest: shown }) => [id, shown]));
}

/**
 * A plan with what was shown, as data for a file.
 * @throws EngineError `engine/bad-plan` where a step holds what JSON cannot keep
 */
export function toDocument({ plan, shown }: ShownPlan, run?: RunId): unknown {
  const kept = {
    apiVersion: 'holdfast/v1',
    kind: 'Plan',
    ...(run === undefined ? {} : { run }),
    plan,
    shown,
  };
  const asRead = JSON.parse(JSON.stringify(kept)) as { plan: Plan };
  const changed = plan.steps.find(
    (own, index) => digestOfStep(own) !== digestOfStep(asRead.plan.steps[index]!),
  );
  if (changed === undefined) return kept;
  throw new EngineError({
    code: 'engine/bad-plan',
    message: `the arguments of the step '${changed.id}' are no plain data`,
    where: { step: changed.id },
    expected: 'strings, numbers, booleans, lists and objects',
    got: 'something that JSON does not give back as it was',
    hint: `This is a defect of what made the step (kind '${changed.kind}'): please report it.`,
  });
}

/**
 * Reads what `toDocument` made.
 * @param origin the file, for the error
 * @throws EngineError `engine/plan-unreadable` for another form, or where the plan does not match its digest
 */
export function fromDocument(value: unknown, origin: string): ShownPlan {
  const parsed = document.safeParse(value);
  if (!parsed.success) throw unreadable(origin, z.prettifyError(parsed.error));
  const { plan, shown } = parsed.data as { plan: Plan; shown: ShownDigests };
  const { digest: written, ...parts } = plan;
  if (makePlan(parts).digest !== written) throw unreadable(origin, 'steps that do not match their digest');
  const missing = plan.steps.find(({ id }) => shown[id] === undefined);
  if (missing !== undefined) throw unreadable(origin, `no word of what was shown of '${missing.id}'`);
  return { plan, shown };
}

function digestOfStep(own: Plan['steps'][number]): Digest {
  return makePlan({ procedure: '', request: null, site: 'sha256:', facts: 'sha256:', steps: [own] }).digest;
}

function unreadable(origin: string, got: string): EngineError {
  return new EngineError({
    code: 'engine/plan-unreadable',
    message: `this is no plan that can be applied: ${origin}`,
    expected: 'a file written by `holdfast plan -o`, unchanged',
    got,
    hint: 'Make it again with `holdfast plan -o <file>`; a plan is not to be edited by hand.',
  });
}

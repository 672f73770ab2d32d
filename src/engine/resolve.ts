import { z } from 'zod';
import type { Reason } from '../base/reason.ts';
import type { Registry } from '../base/registry.ts';
import type { HostName, Site } from '../site/model.ts';
import { EngineError } from './engine-error.ts';
import { inOrder } from './graph.ts';
import type { Reversible, Step, StepId, StepKind } from './step.ts';

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
export type AnyStepKind = StepKind<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: as above
export type AnyReversible = Reversible<any, any>;

/** A step with its kind, and arguments that its kind has accepted. */
export interface ResolvedStep extends Step {
  readonly code: AnyStepKind;
  readonly title: Reason;
  /** Why it cannot be undone; absent where it can, and then `reversible` is there. */
  readonly final?: Reason;
  readonly reversible?: AnyReversible;
}

/** The steps of a plan in a possible order; also by id. */
export interface ResolvedSteps {
  readonly ordered: readonly ResolvedStep[];
  readonly byId: ReadonlyMap<StepId, ResolvedStep>;
  /** Hosts that the steps touch, sorted. */
  readonly hosts: readonly HostName[];
  /** Whether some step acts on the machine that Holdfast runs on. */
  readonly onController: boolean;
}

/**
 * Finds each step's kind and parses its arguments, before anything is touched.
 * @throws EngineError `engine/bad-plan`, `engine/bad-args`, `engine/unknown-host`; UnknownNameError for a kind
 */
export function resolveSteps(
  steps: readonly Step[],
  kinds: Registry<AnyStepKind>,
  site: Pick<Site, 'hosts'>,
): ResolvedSteps {
  const ordered = inOrder(steps.map((step) => resolve(step, kinds, site)));
  const hosts = new Set(ordered.flatMap(({ host }) => (host === undefined ? [] : [host])));
  return {
    ordered,
    byId: new Map(ordered.map((step) => [step.id, step])),
    hosts: [...hosts].sort(),
    onController: ordered.some(({ host }) => host === undefined),
  };
}

function resolve(step: Step, kinds: Registry<AnyStepKind>, site: Pick<Site, 'hosts'>): ResolvedStep {
  const code = kinds.get(step.kind);
  const parsed = code.args.safeParse(step.args);
  if (!parsed.success) throw badArguments(step, z.prettifyError(parsed.error));
  if (step.host !== undefined && !site.hosts.has(step.host)) throw unknownHost(step, site);
  const args: unknown = parsed.data;
  const resolved = { ...step, args, code, title: code.title(args) };
  if ('final' in code.undo) return { ...resolved, final: code.undo.final };
  const final = code.finalFor?.(args);
  return final === undefined ? { ...resolved, reversible: code.undo } : { ...resolved, final };
}

function badArguments(step: Step, problem: string): EngineError {
  return new EngineError({
    code: 'engine/bad-args',
    message: `the kind '${step.kind}' does not take these arguments`,
    where: whereOf(step),
    expected: `what the step kind '${step.kind}' takes`,
    got: problem,
    hint: 'Plan again: the plan was changed by hand, or made by another version of Holdfast.',
  });
}

function unknownHost(step: Step, site: Pick<Site, 'hosts'>): EngineError {
  return new EngineError({
    code: 'engine/unknown-host',
    message: `the host '${step.host}' is not in the site file`,
    where: whereOf(step),
    expected: `one of ${[...site.hosts.keys()].join(', ')}`,
    got: String(step.host),
    hint: 'Put the host back into the site file, so that Holdfast knows how to reach it.',
  });
}

/** Where a step stands, for errors. */
export function whereOf(step: Step): { step: StepId; host?: HostName; position?: NonNullable<Step['from']> } {
  return {
    step: step.id,
    ...(step.host === undefined ? {} : { host: step.host }),
    ...(step.from === undefined ? {} : { position: step.from }),
  };
}

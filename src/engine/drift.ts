/** Found against what the run left: what people changed since, and how a rollback keeps what it overwrites. */
import type { Finding } from '../base/finding.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import { limit } from '../base/limit.ts';
import type { HostName } from '../site/model.ts';
import { announce } from './announce.ts';
import type { Engine } from './engine.ts';
import { patiently } from './patience.ts';
import { engineReasons } from './reasons.ts';
import type { StepState } from './replay.ts';
import type { ResolvedStep } from './resolve.ts';
import type { Drift, StepContext } from './step.ts';
import { contextOf } from './step-context.ts';
import { parseUndo } from './step-faults.ts';

/** A step whose revert would overwrite what was changed after it. */
export interface StepDrift {
  readonly step: ResolvedStep;
  readonly drift: readonly Drift[];
}

/** A step that is to go back, with what the journal says of it. */
export interface GoingBack {
  readonly step: ResolvedStep;
  readonly state: StepState;
}

/**
 * Looks for it on all hosts, side by side; only reads. What cannot be told does not keep a run from going back: it is
 * a warning, and all of it is kept when its turn comes.
 * @param todo last first
 */
export async function findDrift(
  engine: Engine,
  todo: readonly GoingBack[],
  signal: AbortSignal,
): Promise<readonly StepDrift[]> {
  const hosts = limit(engine.hostsAtOnce);
  const lanes = Map.groupBy(todo, ({ step }) => step.host);
  const found = await Promise.all(
    [...lanes.values()].map((lane) => hosts.run(() => findOnHost(engine, lane, signal), signal)),
  );
  const byStep = new Map(found.flat().map((each) => [each.step.id, each]));
  return todo.flatMap(({ step }) => byStep.get(step.id) ?? []);
}

async function findOnHost(
  engine: Engine,
  lane: readonly GoingBack[],
  signal: AbortSignal,
): Promise<readonly StepDrift[]> {
  const found: StepDrift[] = [];
  // Of two steps on one file the later one left what is there now; for the earlier one it only looks changed.
  const answered = new Set<string>();
  for (const { step, state } of lane) {
    const content = step.reversible?.content;
    if (content === undefined) continue;
    const all = await driftOf(engine, step, state.undo, signal);
    if (all === undefined) warnUnknown(engine, step);
    const own = all?.filter(({ name }) => !answered.has(name)) ?? [];
    if (own.length > 0) found.push({ step, drift: own });
    for (const name of content.names(step.args)) answered.add(name);
  }
  return found;
}

/** @returns undefined where it cannot be told */
async function driftOf(
  engine: Engine,
  step: ResolvedStep,
  kept: unknown,
  signal: AbortSignal,
): Promise<readonly Drift[] | undefined> {
  const content = step.reversible!.content!;
  try {
    const undo = parseUndo(step, kept);
    return await patiently(engine, signal, async () =>
      content.drift(await contextOf(step, engine, signal, refuseToAmend), undo, step.args),
    );
  } catch (error) {
    throwIfAborted(signal);
    engine.log.debug('could not tell what was changed since', { step: step.id, error });
    return undefined;
  }
}

/**
 * Keeps what the revert that comes next would overwrite, and says where: also what was changed since `findDrift`.
 * @param kept its undo, as the journal has it
 * @param contextFor opens the step's context, whose `amendUndo` is journaled
 * @returns the places, for the evidence
 */
export async function keepDrift(
  engine: Engine,
  step: ResolvedStep,
  kept: unknown,
  signal: AbortSignal,
  contextFor: () => Promise<StepContext>,
): Promise<readonly string[]> {
  const content = step.reversible?.content;
  if (content === undefined) return [];
  const drift = await driftOf(engine, step, kept, signal);
  const names = drift?.map(({ name }) => name) ?? content.names(step.args);
  const places: string[] = [];
  for (const name of names) {
    const place = await patiently(engine, signal, async () =>
      content.keep(await contextFor(), name, step.args),
    );
    if (place === undefined) continue;
    places.push(place);
    const because = engineReasons.of('engine/drift-kept', { name, host: hostOf(step), place });
    announce(engine, { type: 'warning', because, hint: engineReasons.of('engine/drift-kept-hint') });
  }
  return places;
}

/** The refusal's lines: one for each step. */
export function driftFindings(found: readonly StepDrift[]): readonly Finding[] {
  return found.map(({ step, drift }) => ({
    rule: 'engine/changed-since',
    severity: 'error',
    because: engineReasons.of('engine/changed-since', {
      step: step.id,
      host: hostOf(step),
      what: drift.map(({ diff }) => diff.summary),
    }),
    hint: engineReasons.of('engine/discard-changes'),
    ...(step.from === undefined ? {} : { position: step.from }),
  }));
}

function warnUnknown(engine: Engine, step: ResolvedStep): void {
  const because = engineReasons.of('engine/drift-unknown', { step: step.id, host: hostOf(step) });
  announce(engine, { type: 'warning', because, hint: engineReasons.of('engine/drift-unknown-hint') });
}

function hostOf(step: ResolvedStep): HostName {
  return step.host ?? 'localhost';
}

function refuseToAmend(): never {
  throw new TypeError('drift only reads: it may not amend an undo');
}

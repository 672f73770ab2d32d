/** Opens a kept run for going on or going back, and says what speaks against it. */
import { isHoldfastError } from '../base/errors.ts';
import type { Finding } from '../base/finding.ts';
import type { HostName } from '../site/model.ts';
import type { Journal, RunId } from '../store/journal.ts';
import type { Engine } from './engine.ts';
import { engineReasons } from './reasons.ts';
import { type RunState, replay } from './replay.ts';
import type { Refusal } from './report.ts';
import { fromDocument, type ShownPlan } from './run-document.ts';

export interface OpenedRun extends ShownPlan {
  readonly run: RunId;
  readonly state: RunState;
  readonly journal: Journal;
}

/** @throws StoreError, EngineError where what is kept cannot be read; a run that another process works on is a refusal */
export async function openRun(engine: Engine, run: RunId): Promise<OpenedRun | Refusal> {
  try {
    const { document, entries, journal } = await engine.runs.open(run);
    try {
      return { run, ...fromDocument(document, `run ${run}`), state: replay(entries), journal };
    } catch (error) {
      await journal[Symbol.asyncDispose]();
      throw error;
    }
  } catch (error) {
    if (!isHoldfastError(error) || error.code !== 'store/held') throw error;
    const because = engineReasons.of('engine/run-held', { message: error.message });
    const hint = engineReasons.of('engine/wait-for-it');
    return { refused: [{ rule: 'engine/run-held', severity: 'error', because, hint }] };
  }
}

/**
 * Runs that changed some of the same hosts later on. Going on with the older one, or going back, would undo what
 * they did without their journal knowing.
 */
export async function laterRuns(engine: Engine, opened: OpenedRun): Promise<readonly Finding[]> {
  const ours = changedHosts(opened, opened.state, 'planned');
  const later = (await engine.runs.list()).filter((run) => run > opened.run);
  const found: Finding[] = [];
  for (const run of later) {
    const seen = await engine.runs.look(run);
    const theirs = changedHosts(fromDocument(seen.document, `run ${run}`), replay(seen.entries), 'changed');
    const hosts = [...theirs].filter((host) => ours.has(host)).map((host) => host ?? 'localhost');
    if (hosts.length === 0) continue;
    found.push({
      rule: 'engine/later-run',
      severity: 'error',
      because: engineReasons.of('engine/later-run', { later: run, hosts: hosts.sort() }),
      hint: engineReasons.of('engine/roll-back-later-first', { later: run }),
    });
  }
  return found;
}

function changedHosts(
  { plan }: ShownPlan,
  state: RunState,
  which: 'planned' | 'changed',
): ReadonlySet<HostName | undefined> {
  const changed = new Set(state.begun.filter((id) => state.steps.get(id)?.status !== 'reverted'));
  const steps = plan.steps.filter((step) => which === 'planned' || changed.has(step.id));
  return new Set(steps.map((step) => step.host));
}

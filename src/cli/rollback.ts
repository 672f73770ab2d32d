/** `holdfast rollback`: puts back what a run did, in the reverse order. */
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import type { StepDrift } from '../engine/drift.ts';
import { hostsOf } from '../engine/plan.ts';
import { replay } from '../engine/replay.ts';
import { resolveSteps } from '../engine/resolve.ts';
import { rollbackRun } from '../engine/rollback.ts';
import { fromDocument } from '../engine/run-document.ts';
import type { SeenRun } from '../store/store.ts';
import type { Runner } from './command.ts';
import { conduct } from './conduct.ts';
import { findRun } from './find-run.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { openSite } from './open.ts';
import { addEngineOptions, type EngineOptions, openEngine } from './open-engine.ts';
import { renderDiff } from './render/diff.ts';
import { say } from './say.ts';

interface RollbackOptions extends EngineOptions {
  readonly yes?: boolean;
  readonly discardChanges?: boolean;
}

/** Adds the options. Exit 0: rolled back; otherwise as `apply`. */
export function configure(command: Command, run: Runner): void {
  addEngineOptions(command)
    .argument('[run]', 'which one (default: the newest that is not rolled back)')
    .option('-y, --yes', 'do not ask before it begins')
    .option(
      '--discard-changes',
      'go back also where somebody changed a file since; what is overwritten is kept aside',
    )
    .action(
      run(async (io, named: string | undefined, options: RollbackOptions) => rollback(io, named, options)),
    );
}

const WORDS = {
  back: {
    en: '{run}: to put back, last first ({count}):',
    zh: '{run}：将恢复 {count} 个步骤，后执行的先恢复：',
  },
  stays: { en: 'stays: {why}', zh: '保持现状：{why}' },
  ask: { en: 'Roll back?', zh: '是否回滚？' },
  drift: {
    en: 'changed after the run, and overwritten by the rollback (a copy is kept aside):',
    zh: '该次运行之后又被修改，回滚将覆盖这些修改（会另存一份）：',
  },
  askDrift: { en: 'Overwrite these changes?', zh: '是否覆盖这些修改？' },
  no: {
    en: 'not confirmed, nothing was touched (without a terminal: --yes)',
    zh: '未确认，未做任何改动（无终端时请加 --yes）',
  },
};

async function rollback(io: Io, named: string | undefined, options: RollbackOptions): Promise<ExitCode> {
  await using context = await openSite(io, options, 'hosts');
  const { runs } = openEngine(io, context, options);
  const run = await findRun(runs, named, 'rollback');
  const seen = await runs.look(run);
  const steps = whatGoesBack(io, context, seen);
  if (!options.json && steps.length > 0)
    io.err(`${[say(io, WORDS.back, { run, count: steps.length }), ...steps].join('\n')}\n`);
  if (steps.length > 0 && !options.yes && !(await io.confirm(say(io, WORDS.ask)))) {
    io.err(`${say(io, WORDS.no)}\n`);
    return exitCodes.refused;
  }
  // Its own signals in the sense of DESIGN §9: this process was started to go back.
  const signals = { stop: io.stop, abort: io.abort };
  const { plan } = fromDocument(seen.document, `run ${run}`);
  const discard = (found: readonly StepDrift[]) => mayOverwrite(io, context, found, options);
  return await conduct(io, context, options, hostsOf(plan).length, (engine) =>
    rollbackRun(run, { discard }, engine, signals),
  );
}

/** Shows what people changed since. `--yes` alone does not answer: it was said before anybody knew. */
async function mayOverwrite(
  io: Io,
  context: Context,
  found: readonly StepDrift[],
  { discardChanges, yes, json }: RollbackOptions,
): Promise<boolean> {
  if (!json) io.err(`${[say(io, WORDS.drift), ...driftLines(io, context, found)].join('\n')}\n`);
  if (discardChanges === true) return true;
  return !yes && !json && (await io.confirm(say(io, WORDS.askDrift)));
}

function driftLines(io: Io, context: Context, found: readonly StepDrift[]): string[] {
  return found.flatMap(({ step, drift }) => [
    `  ${step.host ?? ''} ${context.render(step.title)}`.replace(/^ {3}/, '  '),
    ...drift.flatMap(({ diff }) => renderDiff(io, diff.text ?? diff.summary)).map((line) => `    ${line}`),
  ]);
}

function whatGoesBack(io: Io, context: Context, { run, document, entries }: SeenRun): string[] {
  const { plan } = fromDocument(document, `run ${run}`);
  const state = replay(entries);
  const begun = plan.steps
    .filter(({ id }) => state.begun.includes(id))
    .map((step) => ({ ...step, needs: [] }));
  const { byId } = resolveSteps(begun, context.stepKinds, context.site);
  return state.begun
    .toReversed()
    .filter((id) => state.steps.get(id)?.status !== 'reverted')
    .map((id) => {
      const step = byId.get(id)!;
      const final =
        step.final === undefined ? '' : `  ! ${say(io, WORDS.stays, { why: context.render(step.final) })}`;
      return `  ${step.host ?? ''} ${context.render(step.title)}${final}`.replace(/^ {3}/, '  ');
    });
}

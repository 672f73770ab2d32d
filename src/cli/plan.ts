/** `holdfast plan`: what an apply would change, and what of it cannot be undone. Changes nothing. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import { previewPlan } from '../engine/preview.ts';
import { isRefusal, type Refusal } from '../engine/report.ts';
import { shownDigests, toDocument } from '../engine/run-document.ts';
import { checkSafety } from '../engine/safety.ts';
import { replaceFile } from '../store/durable.ts';
import { wrapFileError } from '../store/store-error.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { type MadePlan, makePlanOf } from './make-plan.ts';
import { openSite } from './open.ts';
import { addEngineOptions, type EngineOptions, openEngine } from './open-engine.ts';
import { linesOf, refuse } from './refuse.ts';
import { renderFindings } from './render/findings.ts';
import { planJson } from './render/plan-json.ts';
import { renderPlan } from './render/plan-tree.ts';
import { say } from './say.ts';
import { addSelectOptions, requestOf, type SelectOptions } from './select.ts';

/** How a plan is shown, and where it is kept. */
export interface ShowOptions extends EngineOptions {
  readonly out?: string;
  readonly all?: boolean;
}
interface PlanOptions extends ShowOptions, SelectOptions {}

/** Adds the options. Exit 0: nothing to change; 3: changes; 4: it cannot be applied as it stands. */
export function configure(command: Command, run: Runner): void {
  addSelectOptions(addEngineOptions(command))
    .option('-o, --out <file>', 'keep the plan, for `holdfast apply <file>`')
    .option('-a, --all', 'show also the steps that have nothing to do')
    .action(run(async (io, options: PlanOptions) => plan(io, options)));
}

const KEPT = {
  en: 'kept in {file}; apply it with: holdfast apply {file}',
  zh: '已保存到 {file}；执行：holdfast apply {file}',
};

async function plan(io: Io, options: PlanOptions): Promise<ExitCode> {
  await using context = await openSite(io, options);
  return await showMade(
    io,
    context,
    await makePlanOf(context, 'apply', requestOf(options), io.stop),
    options,
  );
}

/** Shows what a plan would change, and keeps it where that is asked for. */
export async function showMade(
  io: Io,
  context: Context,
  made: MadePlan | Refusal,
  options: ShowOptions,
): Promise<ExitCode> {
  const engine = openEngine(io, context, options);
  if (isRefusal(made)) return refuse(io, context, made, options.json);
  const view = await previewPlan(made.plan, engine, io.stop);
  const unsafe = checkSafety(view, context.site);
  const { render } = context;
  if (options.json) io.out(`${JSON.stringify(planJson(view, made.warnings, unsafe, context), null, 2)}\n`);
  else {
    io.out(renderPlan(io, view, { site: context.site, render, ...(options.all ? { all: true } : {}) }));
    const findings = [...made.warnings, ...unsafe];
    if (findings.length > 0) io.err(renderFindings(io, { findings, render, linesOf: linesOf(io) }));
  }
  if (view.refused.length > 0 || view.unknown.length > 0) return exitCodes.refused;
  if (options.out !== undefined) {
    await keep(resolve(io.cwd, options.out), toDocument({ plan: made.plan, shown: shownDigests(view) }));
    if (!options.json) io.err(`${say(io, KEPT, { file: options.out })}\n`);
  }
  return view.changes === 0 ? exitCodes.done : exitCodes.changes;
}

async function keep(path: string, document: unknown): Promise<void> {
  try {
    await replaceFile(path, `${JSON.stringify(document, null, 2)}\n`);
  } catch (error) {
    throw wrapFileError(error, 'keep the plan', path);
  }
}

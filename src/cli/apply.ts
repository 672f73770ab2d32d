/** `holdfast apply`: brings the site to what its file says, exactly as shown, or stops. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import { messageOf } from '../base/errors.ts';
import type { Finding } from '../base/finding.ts';
import { notReady, planMoved, worldMoved } from '../engine/moved.ts';
import { hostsOf } from '../engine/plan.ts';
import { type PlanView, previewPlan } from '../engine/preview.ts';
import { isRefusal, type Refusal } from '../engine/report.ts';
import { startRun } from '../engine/run.ts';
import { fromDocument, type ShownPlan, shownDigests } from '../engine/run-document.ts';
import { checkSafety, isOverridden } from '../engine/safety.ts';
import { StoreError, wrapFileError } from '../store/store-error.ts';
import type { Runner } from './command.ts';
import { conduct } from './conduct.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { type MadePlan, makePlanOf } from './make-plan.ts';
import { openSite } from './open.ts';
import { addEngineOptions, type EngineOptions, openEngine } from './open-engine.ts';
import { linesOf, refuse } from './refuse.ts';
import { renderFindings } from './render/findings.ts';
import { renderPlan } from './render/plan-tree.ts';
import { say } from './say.ts';
import { addSelectOptions, requestOf, type SelectOptions } from './select.ts';

/** How far a person is asked before a plan is carried out. */
export interface ConfirmOptions extends EngineOptions {
  readonly yes?: boolean;
  readonly acceptFinal?: boolean;
  readonly override?: readonly string[];
}
interface ApplyOptions extends ConfirmOptions, SelectOptions {}

/** Adds the options. Exit 0: done, or nothing to do; 1: stopped; 4: refused, locked or not confirmed; 130: interrupted. */
export function configure(command: Command, run: Runner): void {
  addSelectOptions(addEngineOptions(command))
    .argument('[plan]', 'a plan kept by `holdfast plan -o`; refused where the world has moved since')
    .option('-y, --yes', 'do not ask before it begins')
    .option('--accept-final', 'do not ask before steps that cannot be undone')
    .option('--override <codes...>', 'go past these safety findings')
    .action(run(async (io, path: string | undefined, options: ApplyOptions) => apply(io, path, options)));
}

const WORDS = {
  ask: { en: 'Apply this plan to {hosts}?', zh: '是否对 {hosts} 执行该计划？' },
  askFinal: {
    en: 'These cannot be undone: {steps}. Go on?',
    zh: '以下步骤不可逆：{steps}。是否继续？',
  },
  notConfirmed: {
    en: 'not confirmed, nothing was touched (without a terminal: --yes)',
    zh: '未确认，未做任何改动（无终端时请加 --yes）',
  },
  notFinal: {
    en: 'not confirmed, nothing was touched (without a terminal: --accept-final)',
    zh: '未确认，未做任何改动（无终端时请加 --accept-final）',
  },
  here: { en: 'this machine', zh: '本机' },
};

async function apply(io: Io, path: string | undefined, options: ApplyOptions): Promise<ExitCode> {
  await using context = await openSite(io, options);
  const kept = path === undefined ? undefined : await readPlan(io, path);
  const made = await planAgain(io, context, kept, options);
  return await applyMade(io, context, made, options, kept);
}

/** Shows a plan, asks, and carries it out. @param kept the plan that was shown earlier, where there is one */
export async function applyMade(
  io: Io,
  context: Context,
  made: MadePlan | Refusal,
  options: ConfirmOptions,
  kept?: ShownPlan,
): Promise<ExitCode> {
  if (isRefusal(made)) return refuse(io, context, made, options.json);
  const view = await previewPlan(made.plan, openEngine(io, context, options), io.stop);
  const shown = kept?.shown ?? shownDigests(view);
  const overrides = options.override ?? [];
  const unsafe = checkSafety(view, context.site).filter((found) => !isOverridden(found, overrides));
  const refused = [...worldMoved(view, shown), ...notReady(view), ...unsafe];
  if (!options.json) show(io, context, view, made.warnings);
  // Also where it was shown with changes: somebody has applied it already.
  if (view.steps.every((step) => step.shown.state === 'done')) return nothingToDo(io, options);
  if (refused.length > 0) return refuse(io, context, { refused }, options.json);
  const no = await ask(io, context, view, options);
  if (no !== undefined) {
    io.err(`${no}\n`);
    return exitCodes.refused;
  }
  const request = { plan: made.plan, shown, overrides };
  const signals = { stop: io.stop, abort: io.abort };
  const hosts = hostsOf(made.plan).length;
  return await conduct(io, context, options, hosts, (engine) => startRun(request, engine, signals));
}

/** The plan that site and facts give now; a kept one must be the same. */
async function planAgain(
  io: Io,
  context: Context,
  kept: ShownPlan | undefined,
  options: ApplyOptions,
): Promise<MadePlan | Refusal> {
  const procedure = kept?.plan.procedure ?? 'apply';
  const request = kept?.plan.request ?? requestOf(options);
  const made = await makePlanOf(context, procedure, request, io.stop);
  if (kept === undefined || isRefusal(made)) return made;
  const moved = planMoved(kept.plan, made.plan, context.site);
  return moved.length > 0 ? { refused: moved } : made;
}

async function readPlan(io: Io, path: string): Promise<ShownPlan> {
  let text: string;
  try {
    text = await readFile(resolve(io.cwd, path), 'utf8');
  } catch (error) {
    throw wrapFileError(error, 'read the plan', path);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StoreError({
      code: 'store/plan-unreadable',
      message: `this is no plan: ${path}`,
      expected: 'JSON written by `holdfast plan -o`',
      got: messageOf(cause),
      hint: 'Make it again with `holdfast plan -o <file>`. The site file is named by -f, not as an argument.',
      cause,
    });
  }
  return fromDocument(value, path);
}

function show(io: Io, context: Context, view: PlanView, warnings: readonly Finding[]): void {
  const { render, site } = context;
  io.out(renderPlan(io, view, { site, render }));
  if (warnings.length > 0) io.err(renderFindings(io, { findings: warnings, render, linesOf: linesOf(io) }));
}

function nothingToDo(io: Io, options: ConfirmOptions): ExitCode {
  if (options.json) io.out(`${JSON.stringify({ type: 'nothing-to-change' })}\n`);
  return exitCodes.done;
}

/** @returns the "no", or undefined where everything is confirmed */
async function ask(
  io: Io,
  context: Context,
  view: PlanView,
  options: ConfirmOptions,
): Promise<string | undefined> {
  const changing = view.steps.filter(({ shown }) => shown.state === 'todo' || shown.state === 'later');
  const hosts = [...new Set(changing.map(({ step }) => step.host ?? say(io, WORDS.here)))].join(', ');
  if (!options.yes && !(await io.confirm(say(io, WORDS.ask, { hosts })))) return say(io, WORDS.notConfirmed);
  if (view.finals.length === 0 || options.acceptFinal) return undefined;
  const steps = view.finals.map(({ step }) => `${step.id} (${context.render(step.final!)})`).join(', ');
  return (await io.confirm(say(io, WORDS.askFinal, { steps }))) ? undefined : say(io, WORDS.notFinal);
}

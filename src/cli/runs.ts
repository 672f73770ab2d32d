/** `holdfast runs`: what was done; `holdfast runs show <id>`: one run from its journal, with the evidence. */
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import { formatInstant } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Sentence } from '../base/reason.ts';
import { hostsOf, type Plan } from '../engine/plan.ts';
import { type RunState, replay } from '../engine/replay.ts';
import { fromDocument } from '../engine/run-document.ts';
import type { RunId } from '../store/journal.ts';
import type { RunStore, SeenRun } from '../store/store.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { openSite } from './open.ts';
import { addEngineOptions, type EngineOptions, openEngine } from './open-engine.ts';
import { paint } from './paint.ts';
import { renderTimeline } from './render/run-timeline.ts';
import { columns, widthOf } from './render/width.ts';
import { say } from './say.ts';

/** Adds the options and `show`. */
export function configure(command: Command, run: Runner): void {
  addEngineOptions(command).action(run(async (io, options: EngineOptions) => list(io, options)));
  addEngineOptions(command.command('show'))
    .description('one run from its journal, with the evidence')
    .argument('<run>', 'its id, as `holdfast runs` lists it')
    .action(
      run(async (io, id: string, _own: EngineOptions, own: Command) =>
        // Options before and after `show` mean the same.
        show(io, id, own.optsWithGlobals<EngineOptions>()),
      ),
    );
}

const WORDS = {
  none: { en: 'no runs yet', zh: '尚无运行记录' },
  head: { en: 'RUN|BEGUN|BY|WHAT|STEPS|HOSTS|OUTCOME', zh: '运行|开始时间|操作者|流程|步骤|主机|结果' },
  running: { en: 'under way (pid {pid})', zh: '进行中（pid {pid}）' },
  cut: { en: 'cut', zh: '已中断' },
  succeeded: { en: 'succeeded', zh: '成功' },
  reverted: { en: 'rolled back', zh: '已回滚' },
  stopped: { en: 'stopped', zh: '已停止' },
  unknown: { en: 'state unknown', zh: '状态未知' },
  unreadable: { en: 'cannot be read: {why}', zh: '无法读取：{why}' },
} satisfies Record<string, Sentence>;

type Status = 'running' | 'cut' | 'succeeded' | 'reverted' | 'stopped' | 'unknown';

interface Row {
  readonly run: RunId;
  readonly status: Status;
  readonly state: RunState;
  readonly plan: Plan;
  readonly pid?: number;
}

async function list(io: Io, options: EngineOptions): Promise<ExitCode> {
  await using context = await openSite(io, options, 'hosts');
  const { runs } = openEngine(io, context, options);
  const rows = await Promise.all((await runs.list()).map(async (run) => rowOf(runs, run)));
  if (options.json)
    io.out(
      `${JSON.stringify(
        rows.map((row) => ('plan' in row ? rowJson(row) : row)),
        null,
        2,
      )}\n`,
    );
  else if (rows.length === 0) io.err(`${say(io, WORDS.none)}\n`);
  else io.out(listed(io, [say(io, WORDS.head).split('|'), ...rows.map((row) => cells(io, row))]));
  return exitCodes.done;
}

async function show(io: Io, id: RunId, options: EngineOptions): Promise<ExitCode> {
  await using context = await openSite(io, options, 'hosts');
  const { runs } = openEngine(io, context, options);
  const seen = await runs.look(id);
  const row = toRow(seen);
  if (options.json) {
    const { entries } = seen;
    io.out(`${JSON.stringify({ ...rowJson(row), plan: row.plan, entries }, null, 2)}\n`);
    return exitCodes.done;
  }
  io.out(`${paint(io, 'bold', id)} ${row.plan.procedure} ${statusText(io, row)}\n`);
  io.out(
    renderTimeline(io, {
      entries: seen.entries,
      render: context.render,
      title: (step) => titleOf(context, row.plan, step),
    }),
  );
  return exitCodes.done;
}

/** A run that cannot be read is listed, not a reason to show none. */
async function rowOf(runs: RunStore, run: RunId): Promise<Row | { run: RunId; unreadable: string }> {
  try {
    return toRow(await runs.look(run));
  } catch (error) {
    return { run, unreadable: messageOf(error) };
  }
}

function toRow({ run, document, entries, holder }: SeenRun): Row {
  const { plan } = fromDocument(document, `run ${run}`);
  const state = replay(entries);
  const isHeld = holder !== undefined && holder.liveness !== 'dead';
  const status = isHeld ? 'running' : (state.outcome ?? 'cut');
  return { run, status, state, plan, ...(isHeld ? { pid: holder.pid } : {}) };
}

function counts({ state, plan }: Row): { done: number; total: number } {
  const done = [...state.steps.values()].filter(
    ({ status }) => status === 'verified' || status === 'skipped',
  );
  return { done: done.length, total: plan.steps.length };
}

function cells(io: Io, row: Row | { run: RunId; unreadable: string }): string[] {
  if ('unreadable' in row) return [row.run, say(io, WORDS.unreadable, { why: row.unreadable })];
  const { state, plan } = row;
  const { done, total } = counts(row);
  return [
    row.run,
    state.openedAt === undefined ? '-' : `${formatInstant(state.openedAt).slice(0, 19)}Z`,
    state.by === undefined ? '-' : `${state.by.user}@${state.by.host}`,
    plan.procedure,
    `${done}/${total}`,
    shorten(hostsOf(plan)),
    statusText(io, row),
  ];
}

function statusText(io: Io, { status, pid }: Row): string {
  return say(io, WORDS[status], { pid: pid ?? '' });
}

function shorten(names: readonly string[]): string {
  const shown = names.length === 0 ? ['-'] : names.slice(0, 3);
  return names.length > 3 ? `${shown.join(',')} +${names.length - 3}` : shown.join(',');
}

function rowJson(row: Row): Record<string, unknown> {
  const { run, status, state, plan, pid } = row;
  return {
    run,
    status,
    procedure: plan.procedure,
    digest: plan.digest,
    hosts: hostsOf(plan),
    ...counts(row),
    ...(state.by === undefined ? {} : { by: state.by }),
    ...(state.openedAt === undefined ? {} : { openedAt: formatInstant(state.openedAt) }),
    ...(state.closedAt === undefined ? {} : { closedAt: formatInstant(state.closedAt) }),
    ...(state.because === undefined ? {} : { because: state.because }),
    ...(pid === undefined ? {} : { pid }),
  };
}

function titleOf({ stepKinds, render }: Context, plan: Plan, id: string): string {
  const step = plan.steps.find((found) => found.id === id);
  const code = step === undefined ? undefined : stepKinds.find(step.kind);
  const parsed = code?.args.safeParse(step?.args);
  const title = parsed?.success ? render(code!.title(parsed.data)) : id;
  return step?.host === undefined ? title : `${title} (${step.host})`;
}

/** Where the terminal is too narrow, without the time: the id of a run begins with it. */
function listed(io: Io, rows: readonly (readonly string[])[]): string {
  const whole = columns(rows);
  const isTooWide = io.outIsTty && whole.some((line) => widthOf(line) > io.columns);
  const lines = isTooWide ? columns(rows.map((row) => (row.length > 2 ? row.toSpliced(1, 1) : row))) : whole;
  return lines.map((line) => `${line}\n`).join('');
}

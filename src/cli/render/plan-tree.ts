/** A plan as a tree by host: what each step would do, with its diff, and what cannot be undone. */
import type { Reason } from '../../base/reason.ts';
import type { PlanView, StepView } from '../../engine/preview.ts';
import type { Site } from '../../site/model.ts';
import { failureParts } from '../failure.ts';
import type { Io } from '../io.ts';
import { paint } from '../paint.ts';
import { say } from '../say.ts';
import { diffText, neutralise, renderDiff } from './diff.ts';
import { wrap } from './width.ts';

export interface PlanTreeOptions {
  readonly site: Site;
  render(reason: Reason): string;
  /** Also the steps that have nothing to do. */
  readonly all?: boolean;
}

/** Steps that are named as needed by another. */
const MOST_NEEDS = 2;

/** Of the bar at the left. */
const BAR_CELLS = 4;
/** What details stand under a step by, and what goes on below itself. */
const INDENT = '  ';
/** In less room nothing is broken. */
const NARROWEST = 30;

const WORDS = {
  here: { en: 'this machine', zh: '本机' },
  done: { en: '{count} as wanted', zh: '{count} 项已符合要求' },
  final: { en: 'final: {why}', zh: '不可逆：{why}' },
  refused: { en: 'refused: {why}', zh: '拒绝：{why}' },
  unknown: { en: 'could not be checked: {why}', zh: '无法检查：{why}' },
  after: { en: 'after {steps}', zh: '在 {steps} 之后' },
  afterMore: { en: 'after {steps} and {count} more', zh: '在 {steps} 及另外 {count} 个步骤之后' },
  nothing: {
    en: 'nothing to change: {steps} as wanted',
    zh: '无需变更：{steps} 个步骤均已符合要求',
  },
  nothingAtAll: {
    en: 'nothing to change: no stack or driver of this site plans a step on its hosts',
    zh: '无需变更：本站点没有需要在主机上执行步骤的栈或驱动',
  },
  summary: { en: '{changes} to change on {hosts}', zh: '{hosts}上共 {changes} 项变更' },
  change: { en: '{count} step', zh: '{count}' },
  changes: { en: '{count} steps', zh: '{count}' },
  host: { en: '{count} host', zh: '{count} 台主机' },
  hosts: { en: '{count} hosts', zh: '{count} 台主机' },
  finals: { en: '{count} cannot be undone', zh: '{count} 项不可逆' },
  refusals: { en: '{count} refused', zh: '{count} 项被拒绝' },
  unknowns: { en: '{count} could not be checked', zh: '{count} 项无法检查' },
};

/** The tree and a summary line; the same plan gives the same text. */
export function renderPlan(io: Io, view: PlanView, o: PlanTreeOptions): string {
  const byHost = Map.groupBy(view.steps, ({ step }) => step.host);
  // Hosts as in the site file, this machine last.
  const names = [...o.site.hosts.keys(), undefined].filter((name) => byHost.has(name));
  const blocks = names.map((name) => renderHost(io, name, byHost.get(name)!, o));
  return `${[...blocks.filter((block) => block !== ''), summary(io, view)].join('\n')}\n`;
}

function renderHost(
  io: Io,
  name: string | undefined,
  views: readonly StepView[],
  o: PlanTreeOptions,
): string {
  const isShown = (view: StepView): boolean => o.all === true || view.shown.state !== 'done';
  const shown = views.filter(isShown);
  const hidden = views.length - shown.length;
  if (shown.length === 0) return '';
  const items = shown.map((view) => renderStep(io, view, o));
  if (hidden > 0) items.push([paint(io, 'dim', `✓ ${say(io, WORDS.done, { count: hidden })}`)]);
  const title = paint(io, 'bold', name ?? say(io, WORDS.here));
  return `${[title, ...items.flatMap((lines, index) => branch(io, lines, index === items.length - 1))].join('\n')}\n`;
}

/** On a terminal what is too long goes on below itself, beside the bar: the tree stays a tree. */
function branch(io: Io, lines: readonly string[], isLast: boolean): string[] {
  const bar = isLast ? '   ' : '│  ';
  const [first = '', ...rest] = lines.flatMap((line) => broken(io, line));
  return [`${isLast ? '└─' : '├─'} ${first}`, ...rest.map((line) => `${bar} ${line}`.trimEnd())];
}

function broken(io: Io, line: string): string[] {
  const room = io.columns - BAR_CELLS;
  if (!io.outIsTty || room < NARROWEST) return [line];
  const [first = '', ...more] = wrap(line, room - INDENT.length);
  return [first, ...more.map((each) => `${INDENT}${each}`)];
}

function renderStep(io: Io, { step, shown, after }: StepView, o: PlanTreeOptions): string[] {
  const title = `${neutralise(o.render(step.title))}  ${paint(io, 'dim', step.id)}`;
  const details: string[] = [];
  const isChange = shown.state === 'todo' || shown.state === 'later';
  if (isChange && step.final !== undefined)
    details.push(paint(io, 'magenta', `! ${say(io, WORDS.final, { why: o.render(step.final) })}`));
  if (isChange && after.length > 0) details.push(paint(io, 'dim', afterLine(io, after)));
  switch (shown.state) {
    case 'done':
      return [`${paint(io, 'green', '✓')} ${title}`, ...indent([paint(io, 'dim', o.render(shown.because))])];
    case 'todo':
      return [
        `${paint(io, 'yellow', '~')} ${title}`,
        ...indent([...details, ...renderDiff(io, diffText(shown.diff, o.render))]),
      ];
    case 'later':
      return [
        `${paint(io, 'yellow', '?')} ${title}`,
        ...indent([...details, paint(io, 'dim', o.render(shown.because))]),
      ];
    case 'refused': {
      const why = say(io, WORDS.refused, { why: o.render(shown.because) });
      return [
        `${paint(io, 'red', '✗')} ${title}`,
        ...indent([paint(io, 'red', why), `→ ${o.render(shown.hint)}`]),
      ];
    }
    case 'unknown': {
      const { what, mend } = failureParts(io, shown.error);
      const why = say(io, WORDS.unknown, { why: neutralise(what) });
      return [`${paint(io, 'red', '✗')} ${title}`, ...indent([paint(io, 'red', why), `→ ${mend}`])];
    }
  }
}

/** Of many the last few: they stand right above, and the others come before them anyway. */
function afterLine(io: Io, after: readonly string[]): string {
  if (after.length <= MOST_NEEDS) return say(io, WORDS.after, { steps: after.join(', ') });
  const steps = after.slice(-MOST_NEEDS).join(', ');
  return say(io, WORDS.afterMore, { steps, count: after.length - MOST_NEEDS });
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `${INDENT}${line}`);
}

function summary(io: Io, view: PlanView): string {
  const { changes, finals, refused, unknown, steps } = view;
  const noes = [
    ...(refused.length > 0 ? [paint(io, 'red', say(io, WORDS.refusals, { count: refused.length }))] : []),
    ...(unknown.length > 0 ? [paint(io, 'red', say(io, WORDS.unknowns, { count: unknown.length }))] : []),
  ];
  const many = (one: keyof typeof WORDS, more: keyof typeof WORDS, count: number): string =>
    say(io, WORDS[count === 1 ? one : more], { count });
  if (steps.length === 0) return say(io, WORDS.nothingAtAll);
  if (changes === 0 && noes.length === 0)
    return say(io, WORDS.nothing, { steps: many('change', 'changes', steps.length) });
  const changing = steps.filter(({ shown }) => shown.state === 'todo' || shown.state === 'later');
  const hosts = new Set(changing.map(({ step }) => step.host)).size;
  const parts = [
    say(io, WORDS.summary, {
      changes: many('change', 'changes', changes),
      hosts: many('host', 'hosts', hosts),
    }),
    ...(finals.length > 0 ? [paint(io, 'magenta', say(io, WORDS.finals, { count: finals.length }))] : []),
    ...noes,
  ];
  return parts.join(io.language === 'zh' ? '，' : ', ');
}

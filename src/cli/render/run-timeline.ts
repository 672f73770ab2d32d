/** One run as its journal tells it: what happened when, with the evidence. */
import { formatInstant } from '../../base/clock.ts';
import { formatDuration } from '../../base/duration.ts';
import type { Reason, Sentence } from '../../base/reason.ts';
import type { Entry, Operator, Outcome } from '../../store/journal.ts';
import type { Io } from '../io.ts';
import { paint } from '../paint.ts';
import { say } from '../say.ts';
import { neutralise } from './diff.ts';
import { wrap } from './width.ts';

export interface TimelineOptions {
  readonly entries: readonly Entry[];
  render(reason: Reason): string;
  /** The sentence of a step and its host. */
  title(step: string): string;
}

const WORDS = {
  'run-opened': { en: 'begun by {who}', zh: '由 {who} 开始' },
  'run-resumed': { en: 'gone on with by {who}', zh: '由 {who} 继续' },
  'rollback-begun': { en: 'rollback begun by {who}', zh: '由 {who} 开始回滚' },
  'run-closed': { en: 'closed, {outcome}: {why}', zh: '结束，{outcome}：{why}' },
  'step-begun': { en: 'begun: {title}', zh: '开始：{title}' },
  'undo-amended': { en: 'undo amended: {keys}', zh: '补充恢复信息：{keys}' },
  'step-retried': { en: 'once more: {why}', zh: '重试：{why}' },
  'step-skipped': { en: 'nothing to do: {why}', zh: '无需执行：{why}' },
  'step-applied': { en: 'applied', zh: '已执行' },
  'step-verified': { en: 'verified', zh: '已验证' },
  'step-failed': { en: 'failed: {why}', zh: '失败：{why}' },
  'revert-begun': { en: 'putting back', zh: '开始恢复' },
  'revert-failed': { en: 'could not be put back: {why}', zh: '无法恢复：{why}' },
  'step-reverted': { en: 'put back', zh: '已恢复' },
} satisfies Record<Entry['type'], Sentence>;

const EVIDENCE = {
  asked: { en: 'asked: {text} ({took})', zh: '查询：{text}（{took}）' },
  got: { en: 'got: {text}', zh: '结果：{text}' },
  expected: { en: 'expected: {text}', zh: '期望：{text}' },
};

const OUTCOMES: Readonly<Record<Outcome, Sentence>> = {
  succeeded: { en: 'succeeded', zh: '成功' },
  reverted: { en: 'rolled back', zh: '已回滚' },
  stopped: { en: 'stopped', zh: '已停止' },
  unknown: { en: 'state unknown', zh: '状态未知' },
};

/** The time stands left of everything. */
const TIME_CELLS = 25;
/** In less room nothing is broken. */
const NARROWEST = 30;

/** The journal as lines, oldest first. */
export function renderTimeline(io: Io, o: TimelineOptions): string {
  const lines = o.entries.flatMap((entry) => {
    const { text, details } = tell(io, entry, o);
    const where = 'step' in entry ? `${entry.step} ` : '';
    const head = `${paint(io, 'bold', where)}${neutralise(text)}`;
    const [first = '', ...rest] = [head, ...details.map(neutralise)].flatMap((line) => broken(io, line));
    const time = paint(io, 'dim', formatInstant(entry.at));
    return [`${time} ${first}`, ...rest.map((line) => `${' '.repeat(TIME_CELLS)}${line}`)];
  });
  return `${lines.join('\n')}\n`;
}

/** On a terminal what is too long goes on beside the time, not below it. */
function broken(io: Io, line: string): string[] {
  const room = io.columns - TIME_CELLS;
  return io.outIsTty && room >= NARROWEST ? wrap(line, room) : [line];
}

function tell(io: Io, entry: Entry, o: TimelineOptions): { text: string; details: readonly string[] } {
  const word = (params: Record<string, string> = {}): string => say(io, WORDS[entry.type], params);
  switch (entry.type) {
    case 'run-opened':
    case 'run-resumed':
    case 'rollback-begun':
      return { text: word({ who: who(entry.by) }), details: [] };
    case 'run-closed':
      return {
        text: word({ outcome: say(io, OUTCOMES[entry.outcome]), why: o.render(entry.because) }),
        details: [],
      };
    case 'step-begun':
      return {
        text: word({ title: o.title(entry.step) }),
        details: entry.change === undefined ? [] : [entry.change],
      };
    case 'undo-amended':
      return { text: word({ keys: Object.keys(entry.patch).join(', ') }), details: [] };
    case 'step-retried':
    case 'step-skipped':
      return { text: word({ why: o.render(entry.because) }), details: [] };
    case 'step-failed':
    case 'revert-failed': {
      const { message, expected, got, hint, evidence } = entry.error;
      const details = [
        ...(expected === undefined ? [] : [say(io, EVIDENCE.expected, { text: expected })]),
        ...(got === undefined ? [] : [say(io, EVIDENCE.got, { text: got })]),
        ...(evidence === undefined
          ? []
          : evidence
              .trimEnd()
              .split('\n')
              .map((line) => `| ${line}`)),
        `→ ${hint}`,
      ];
      return { text: word({ why: message }), details: details.flatMap((line) => line.split('\n')) };
    }
    case 'step-verified':
    case 'step-reverted':
      return { text: word(), details: entry.evidence === undefined ? [] : evidenceLines(io, entry.evidence) };
    case 'step-applied':
    case 'revert-begun':
      return { text: word(), details: [] };
  }
}

function evidenceLines(
  io: Io,
  { asked, got, expected, tookMs }: NonNullable<Extract<Entry, { type: 'step-verified' }>['evidence']>,
): string[] {
  return [
    say(io, EVIDENCE.asked, { text: asked, took: formatDuration(tookMs) }),
    say(io, EVIDENCE.got, { text: got }),
    ...(expected === undefined || expected === got ? [] : [say(io, EVIDENCE.expected, { text: expected })]),
  ].flatMap((line) => line.split('\n'));
}

function who({ user, host, pid }: Operator): string {
  return `${user}@${host} (pid ${pid})`;
}

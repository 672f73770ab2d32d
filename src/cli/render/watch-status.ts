/** The one screen of `holdfast status` and of `holdfast watch` on a terminal. */
import { formatDuration } from '../../base/duration.ts';
import type { Reason } from '../../base/reason.ts';
import type { EndpointStatus, MemberStatus, WatchStatus } from '../../watch/status.ts';
import { failureLine } from '../failure.ts';
import type { Io } from '../io.ts';
import { paint } from '../paint.ts';
import { howLong, localTime } from './time.ts';
import { columns } from './width.ts';

/** One line of the last runs. */
export interface RunLine {
  readonly run: string;
  readonly outcome: string;
}

const CHANGES_SHOWN = 3;

/** The whole screen, with a newline at its end. */
export function renderStatus(
  io: Io,
  status: WatchStatus,
  render: (reason: Reason) => string,
  runs: readonly RunLine[] = [],
): string {
  const say = words[io.language];
  const lines = [headline(io, status), ''];
  for (const endpoint of status.endpoints) lines.push(...endpointLines(io, endpoint, status.at, render), '');
  if (status.endpoints.length === 0) lines.push(say.noEndpoints, '');
  if (runs.length > 0) {
    lines.push(say.runs, ...columns(runs.map((line) => [`  ${line.run}`, line.outcome])), '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function headline(io: Io, status: WatchStatus): string {
  const say = words[io.language];
  const { watcher } = status;
  const site = paint(io, 'bold', `${say.site} ${status.site}`);
  if (watcher === undefined) return `${site} · ${paint(io, 'yellow', say.notRunning)}`;
  const listening =
    watcher.listening.length === 0 ? '' : ` · ${say.listening} ${watcher.listening.join(', ')}`;
  const since = `${localTime(watcher.since)} (${howLong(watcher.since, status.at)})`;
  return `${site} · ${say.watched} ${watcher.pid} ${say.since} ${since}${listening}`;
}

function endpointLines(
  io: Io,
  endpoint: EndpointStatus,
  now: number,
  render: (reason: Reason) => string,
): string[] {
  const say = words[io.language];
  const title = [endpoint.dnsName, endpoint.driver, endpoint.policy].filter((part) => part !== undefined);
  const rows: string[][] = [];
  const { answer } = endpoint;
  if (answer !== undefined) {
    const since = `${say.since} ${localTime(answer.since)} (${howLong(answer.since, now)})`;
    const members = paint(io, 'bold', answer.members.join(', '));
    rows.push([`  ${say.answers}`, `${members}  ${since}, TTL ${formatDuration(answer.ttlMs)}`]);
    rows.push([`  ${say.because}`, render(answer.because)]);
  }
  for (const [label, text] of warnings(io, endpoint, now, render)) rows.push([`  ${label}`, text]);
  for (const text of probeWarnings(endpoint, render)) {
    rows.push([`  ${paint(io, 'yellow', say.warning)}`, paint(io, 'yellow', text)]);
  }
  rows.push([`  ${say.now}`, paint(io, isCalm(endpoint) ? 'green' : 'yellow', render(endpoint.now))]);
  return [
    `${paint(io, 'bold', endpoint.name)}  ${title.join(' · ')}`,
    ...columns(rows),
    ...columns(endpoint.members.map((member) => memberRow(io, member, now, render))),
    ...historyLines(io, endpoint),
  ];
}

/** What must not be overlooked. */
function warnings(
  io: Io,
  endpoint: EndpointStatus,
  now: number,
  render: (reason: Reason) => string,
): [string, string][] {
  const say = words[io.language];
  const lines: [string, string][] = [];
  const warn = (label: string, text: string): void => {
    lines.push([paint(io, 'red', label), paint(io, 'red', text)]);
  };
  const { override, frozen, trouble, drift } = endpoint;
  if (override !== undefined) {
    const until =
      override.until === undefined ? say.untilRelease : `${say.until} ${localTime(override.until)}`;
    warn(say.forced, `${override.members.join(', ')} (${override.by}, ${until})`);
  }
  if (frozen !== undefined) warn(say.frozen, failureLine(io, frozen));
  if (endpoint.stoodDownSince !== undefined) warn(say.stoodDown, localTime(endpoint.stoodDownSince));
  if (endpoint.allDownSince !== undefined) {
    const since = `${localTime(endpoint.allDownSince)} (${howLong(endpoint.allDownSince, now)})`;
    warn(say.allDown, `${say.since} ${since}`);
  }
  if (trouble !== undefined) warn(say.unpublished, failureLine(io, trouble));
  if (drift !== undefined) warn(say.drift, render(drift));
  if (endpoint.unsavedSince !== undefined)
    warn(say.unsaved, `${say.since} ${localTime(endpoint.unsavedSince)}`);
  return lines;
}

/** What probes warn of although the member is well. */
function probeWarnings(endpoint: EndpointStatus, render: (reason: Reason) => string): string[] {
  return endpoint.members.flatMap((member) =>
    member.probes.flatMap(({ name, last }) =>
      (last?.warnings ?? []).map((warning) => `${member.name} ${name}: ${render(warning)}`),
    ),
  );
}

function memberRow(io: Io, member: MemberStatus, now: number, render: (reason: Reason) => string): string[] {
  const say = words[io.language];
  const colour = member.status === 'up' ? 'green' : member.status === 'down' ? 'red' : 'yellow';
  const notes = [
    member.drained === undefined ? undefined : `${say.drained} ${member.drained.by}`,
    member.suppressedUntil === undefined
      ? undefined
      : `${say.suppressed} ${localTime(member.suppressedUntil)}`,
    member.status === 'up' ? evidenceOf(member) : trouble(member.because, render),
  ];
  return [
    `  ${member.active ? '●' : '○'} ${member.name}`,
    member.address,
    paint(io, colour, say[member.status]),
    howLong(member.since, now),
    notes.filter((note) => note !== undefined).join(' · '),
  ];
}

/** The name and the status stand in the same row already: here only the probe and what it said. */
function trouble(because: Reason, render: (reason: Reason) => string): string {
  const { probe, why } = because.params;
  const isNested = typeof why === 'object' && 'code' in why;
  return typeof probe === 'string' && isNested ? `${probe}: ${render(why)}` : render(because);
}

/** `tcp 2ms, registry 14ms`: that it was really asked. */
function evidenceOf(member: MemberStatus): string | undefined {
  const asked = member.probes.filter((probe) => probe.last !== undefined);
  if (asked.length === 0) return undefined;
  return asked.map((probe) => `${probe.name} ${formatDuration(probe.last?.tookMs ?? 0)}`).join(', ');
}

function historyLines(io: Io, endpoint: EndpointStatus): string[] {
  const say = words[io.language];
  const rows = endpoint.history
    .slice(0, CHANGES_SHOWN)
    .map((line) => [
      paint(io, 'dim', `  ${localTime(line.at)}`),
      paint(io, 'dim', say.kinds[line.kind]),
      paint(io, 'dim', `${line.from.join(', ') || '-'} → ${line.to.join(', ')}`),
    ]);
  return rows.length === 0 ? [] : [paint(io, 'dim', `  ${say.changes}`), ...columns(rows)];
}

const CALM: ReadonlySet<string> = new Set(['watch/active-well', 'watch/all-well', 'watch/steady']);

function isCalm(endpoint: EndpointStatus): boolean {
  return CALM.has(endpoint.now.code);
}

const en = {
  site: 'site',
  notRunning: 'no watcher runs: this is what the last one left',
  noEndpoints: 'This site has no endpoints.',
  watched: 'watched by pid',
  listening: 'listening on',
  since: 'since',
  until: 'until',
  untilRelease: 'until release',
  answers: 'answers',
  because: 'because',
  now: 'now',
  forced: 'FORCED',
  frozen: 'FROZEN',
  stoodDown: 'STOOD DOWN',
  allDown: 'ALL DOWN',
  unpublished: 'NOT PUBLISHED',
  unsaved: 'NOT SAVED',
  drift: 'DRIFT',
  warning: 'warning',
  drained: 'drained by',
  suppressed: 'flapping, passed over until',
  changes: 'last changes',
  runs: 'last runs',
  up: 'up',
  down: 'down',
  unknown: 'unknown',
  kinds: {
    first: 'first answer',
    adopted: 'taken over',
    failover: 'failover',
    switchover: 'switchover',
    failback: 'failback',
    membership: 'members',
    forced: 'forced',
    released: 'released',
    'site-changed': 'site changed',
  },
};
const zh: typeof en = {
  site: '站点',
  notRunning: '监视进程未运行：以下为其最后留下的状态',
  noEndpoints: '该站点没有端点。',
  watched: '监视进程 pid',
  listening: '监听',
  since: '自',
  until: '至',
  untilRelease: '直至解除',
  answers: '应答',
  because: '原因',
  now: '当前',
  forced: '强制应答',
  frozen: '已冻结',
  stoodDown: '已让位',
  allDown: '全部故障',
  unpublished: '未能发布',
  unsaved: '未能保存',
  drift: '漂移',
  warning: '警告',
  drained: '已摘除，操作者',
  suppressed: '频繁抖动，暂不使用至',
  changes: '最近变更',
  runs: '最近运行',
  up: '正常',
  down: '故障',
  unknown: '未知',
  kinds: {
    first: '首次应答',
    adopted: '接管现状',
    failover: '故障切换',
    switchover: '计划切换',
    failback: '回切',
    membership: '成员变化',
    forced: '强制应答',
    released: '解除强制',
    'site-changed': '站点变更',
  },
};
const words = { en, zh };

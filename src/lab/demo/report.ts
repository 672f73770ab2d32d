/** The table at the end: what a client saw, against what the runbook's settings would have meant. */
import { formatDuration } from '../../base/duration.ts';
import type { Language, Sentence } from '../../base/reason.ts';
import type { PhaseName, StoryResult } from './story.ts';
import { formatTable } from './timeline.ts';

/** From the runbook's zone file: `$TTL 1D`. */
const RUNBOOK_TTL_MS = 86_400_000;

const PHASES: Readonly<Record<PhaseName, Sentence>> = {
  steady: { en: 'all well', zh: '一切正常' },
  killed: { en: 'active server killed, failover', zh: '主用节点被杀，故障切换' },
  returned: { en: 'original back, parity, failback', zh: '原节点恢复，数据一致，切回' },
  switched: { en: 'planned switchover', zh: '计划内切换' },
};

/**
 * What the runbook's way would have meant, computed from its own figures and not measured: a resolver may keep the
 * old address for the whole TTL, and the zone is edited by a person.
 */
const RUNBOOK: Readonly<Record<PhaseName, Sentence>> = {
  steady: { en: '-', zh: '-' },
  killed: {
    en: `until a person edits the zone, then up to ${formatDuration(RUNBOOK_TTL_MS)}`,
    zh: `直到有人修改区域文件，此后最长 ${formatDuration(RUNBOOK_TTL_MS)}`,
  },
  returned: {
    en: `nobody checks parity: v0.2 is missing for up to ${formatDuration(RUNBOOK_TTL_MS)} or for good`,
    zh: '无人检查一致性：v0.2 缺失而不自知',
  },
  switched: {
    en: `both must serve for ${formatDuration(RUNBOOK_TTL_MS)} after the edit`,
    zh: `修改后 ${formatDuration(RUNBOOK_TTL_MS)} 内两个节点都必须在线`,
  },
};

const HEAD: readonly Sentence[] = [
  { en: 'what happened', zh: '事件' },
  { en: 'outage', zh: '中断' },
  { en: 'failed', zh: '失败请求' },
  { en: 'wrong answers', zh: '错误应答' },
  {
    en: 'by the runbook (computed from its TTL of 1D, not measured)',
    zh: '按手册操作（由其 1D 的 TTL 推算，非实测）',
  },
];

/** The table, ready to print. */
export function reportStory(result: StoryResult, language: Language): string {
  const rows = result.phases.map(({ name, seen }) => [
    PHASES[name][language],
    formatDuration(seen.longestOutageMs),
    `${seen.failedRequests} / ${seen.requests}`,
    String(seen.wrongAnswers),
    RUNBOOK[name][language],
  ]);
  return formatTable([HEAD.map((cell) => cell[language]), ...rows]);
}

/** What listens to a run while it goes on, and the words that all of the ways to show it share. */
import { formatBytes } from '../../base/bytes.ts';
import type { ErrorRecord } from '../../base/errors.ts';
import type { Reason, Sentence } from '../../base/reason.ts';
import type { EngineEvent } from '../../engine/events.ts';
import type { RunMode } from '../../engine/report.ts';
import type { StepProgress } from '../../engine/step.ts';

/** Listens to a run. */
export interface Progress {
  emit(event: EngineEvent): void;
  /** Puts the terminal back in order; nothing is written after it. */
  end(): Promise<void>;
}

export interface ProgressOptions {
  readonly json?: boolean | undefined;
  render(reason: Reason): string;
}

export const PROGRESS_WORDS = {
  here: { en: 'this machine', zh: '本机' },
  locked: { en: 'locked {hosts}', zh: '已锁定 {hosts}' },
  check: { en: 'checking', zh: '检查' },
  capture: { en: 'capturing', zh: '记录现状' },
  apply: { en: 'applying', zh: '执行' },
  verify: { en: 'verifying', zh: '验证' },
  reverting: { en: 'putting back', zh: '恢复' },
  revertingStep: { en: 'putting back: {title}', zh: '恢复：{title}' },
  skipped: { en: 'nothing to do: {why}', zh: '无需执行：{why}' },
  verified: { en: 'done in {took}: {got}', zh: '完成，用时 {took}：{got}' },
  failed: { en: 'failed: {why}', zh: '失败：{why}' },
  retrying: { en: 'attempt {attempt}, after: {why}', zh: '第 {attempt} 次尝试，此前：{why}' },
  cut: { en: 'cut', zh: '已中断' },
  reverted: { en: 'put back: {got}', zh: '已恢复：{got}' },
  left: { en: 'stays: {why}', zh: '保持现状：{why}' },
  notBegun: { en: 'not begun', zh: '未开始' },
} satisfies Record<string, Sentence>;

/** How a run begins, by what it is. */
export const STARTED: Readonly<Record<RunMode, Sentence>> = {
  apply: { en: 'run {run} begins, steps: {count}', zh: '运行 {run} 开始，步骤数：{count}' },
  resume: { en: 'run {run} goes on, steps left: {count}', zh: '运行 {run} 继续，剩余步骤：{count}' },
  rollback: {
    en: 'rollback of run {run} begins, steps to put back: {count}',
    zh: '运行 {run} 开始回滚，待恢复步骤：{count}',
  },
};

/** One line about an error, for progress; the whole of it comes at the end. */
export function briefly({ message, got }: ErrorRecord): string {
  return got === undefined ? message : `${message} (${got.split('\n')[0]})`;
}

/** `1.20 GiB / 3.40 GiB, 35 %, 210 MiB/s` */
export function progressLine({ doneBytes, totalBytes, bytesPerSecond }: StepProgress): string {
  const percent = totalBytes === 0 ? 100 : Math.min(100, Math.floor((doneBytes / totalBytes) * 100));
  return `${formatBytes(doneBytes)} / ${formatBytes(totalBytes)}, ${percent} %, ${formatBytes(bytesPerSecond)}/s`;
}

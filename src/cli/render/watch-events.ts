/** Events of the watcher as lines: for people without a terminal, and as JSON for machines. */
import { formatInstant } from '../../base/clock.ts';
import type { Language, Reason } from '../../base/reason.ts';
import type { WatchEvent } from '../../watch/watch-event.ts';

/** How to say things to the user: reasons as sentences, and the language of the words around them. */
export interface Say {
  readonly render: (reason: Reason) => string;
  readonly language: Language;
}

/** One line without its newline; undefined for what happens all the time (single probes, looks that found no drift). */
export function eventLine(event: WatchEvent, say: Say): string | undefined {
  const text = describe(event, say);
  if (text === undefined) return undefined;
  const endpoint = 'endpoint' in event ? ` ${event.endpoint}` : '';
  return `${formatInstant(event.at)}${endpoint} ${text}`;
}

/** The event as it is, with the sentence of its reason as `text`, so that a script need not know the codes. */
export function eventJson(event: WatchEvent, { render }: Say): string {
  const because = 'because' in event ? event.because : undefined;
  return JSON.stringify(because === undefined ? event : { ...event, text: render(because) });
}

function describe(event: WatchEvent, { render, language }: Say): string | undefined {
  const words = WORDS[language];
  switch (event.type) {
    case 'started':
      return words.started(event.listening.join(', '));
    case 'stopped':
      return words.stopped;
    case 'frozen':
      return words.frozen(event.error.message, event.error.hint);
    case 'changed':
    case 'standing':
    case 'member':
    case 'warned':
      return render(event.because);
    case 'published': {
      const { members, epoch } = event.answer;
      return words.published(members.join(', '), epoch, event.published.evidence.got);
    }
    case 'publish-failed':
      return words.notPublished(event.attempt, event.error.message, event.error.hint);
    case 'observe-failed':
      return words.unseen(event.error.message);
    case 'parity':
      return words.parity(event.candidate, event.fit, render(event.because));
    case 'command':
      return words.command(event.verb, event.by, event.outcome, render(event.because));
    case 'probed':
    case 'observed':
      return undefined;
  }
}

type Outcome = Extract<WatchEvent, { type: 'command' }>['outcome'];
const ZH_OUTCOMES: Readonly<Record<Outcome, string>> = {
  done: '完成',
  unchanged: '无变化',
  refused: '被拒绝',
};

const WORDS = {
  en: {
    started: (listening: string) => `started${listening === '' ? '' : `, listening on ${listening}`}`,
    stopped: 'stopped: the answers stay as they are',
    frozen: (message: string, hint: string) => `FROZEN ${message} → ${hint}`,
    published: (members: string, epoch: number, got: string) =>
      `published ${members} (epoch ${epoch}): ${got}`,
    notPublished: (attempt: number, message: string, hint: string) =>
      `NOT PUBLISHED (attempt ${attempt}) ${message} → ${hint}`,
    unseen: (message: string) => `what clients get cannot be seen: ${message}`,
    parity: (candidate: string, fit: boolean, why: string) =>
      `parity of ${candidate} ${fit ? 'holds' : 'does not hold'}: ${why}`,
    command: (verb: string, by: string, outcome: Outcome, why: string) =>
      `${verb} by ${by} ${outcome}: ${why}`,
  },
  zh: {
    started: (listening: string) => `已启动${listening === '' ? '' : `，监听 ${listening}`}`,
    stopped: '已停止：应答保持不变',
    frozen: (message: string, hint: string) => `已冻结 ${message} → ${hint}`,
    published: (members: string, epoch: number, got: string) => `已发布 ${members}（epoch ${epoch}）：${got}`,
    notPublished: (attempt: number, message: string, hint: string) =>
      `未能发布（第 ${attempt} 次）${message} → ${hint}`,
    unseen: (message: string) => `无法得知客户端得到的应答：${message}`,
    parity: (candidate: string, fit: boolean, why: string) =>
      `${candidate} 的内容${fit ? '齐全' : '不齐全'}：${why}`,
    command: (verb: string, by: string, outcome: Outcome, why: string) =>
      `${by} 的 ${verb} ${ZH_OUTCOMES[outcome]}：${why}`,
  },
};

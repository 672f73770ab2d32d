/** What a client saw, turned into figures. Pure. */

/** One request of a client: resolve the name, then fetch from the address. Times are monotonic. */
export interface Sample {
  readonly startedMs: number;
  readonly endedMs: number;
  readonly ok: boolean;
  /** The address the name resolved to, where it did. */
  readonly address?: string;
  /** True where the answer named an address that is no member, or no address at all. */
  readonly wrongAnswer: boolean;
  /** Why it failed, for people. */
  readonly error?: string;
}

export interface Outage {
  /** End of the last success before it. */
  readonly fromMs: number;
  /** End of the first success after it; undefined where there was none. */
  readonly toMs: number | undefined;
  readonly failedRequests: number;
}

export interface Seen {
  readonly requests: number;
  readonly failedRequests: number;
  readonly wrongAnswers: number;
  /** The longest gap between two successes that has a failure in it; 0 where nothing failed. */
  readonly longestOutageMs: number;
  /** False where the last outage had not ended. */
  readonly recovered: boolean;
}

/**
 * Outages in order. An outage is counted from the end of the last success to the end of the next one: what the
 * client went without, its own time-outs included.
 */
export function findOutages(samples: readonly Sample[]): Outage[] {
  const inOrder = [...samples].sort((a, b) => a.endedMs - b.endedMs);
  const outages: Outage[] = [];
  let lastGoodMs = inOrder[0]?.startedMs ?? 0;
  let failed = 0;
  for (const sample of inOrder) {
    if (!sample.ok) {
      failed++;
      continue;
    }
    if (failed > 0) outages.push({ fromMs: lastGoodMs, toMs: sample.endedMs, failedRequests: failed });
    failed = 0;
    lastGoodMs = sample.endedMs;
  }
  if (failed > 0) outages.push({ fromMs: lastGoodMs, toMs: undefined, failedRequests: failed });
  return outages;
}

/**
 * The figures of all requests that ended in a window of time. An outage that reaches into the window counts whole:
 * the last success before it may well lie before the window.
 */
export function summarise(samples: readonly Sample[], window: { fromMs: number; toMs: number }): Seen {
  const within = samples.filter((sample) => sample.endedMs >= window.fromMs && sample.endedMs < window.toMs);
  const before = samples.filter((sample) => sample.endedMs < window.toMs);
  const outages = findOutages(before).filter(({ toMs = window.toMs }) => toMs > window.fromMs);
  return {
    requests: within.length,
    failedRequests: within.filter((sample) => !sample.ok).length,
    wrongAnswers: within.filter((sample) => sample.wrongAnswer).length,
    longestOutageMs: Math.max(0, ...outages.map((outage) => (outage.toMs ?? window.toMs) - outage.fromMs)),
    recovered: outages.every((outage) => outage.toMs !== undefined),
  };
}

/**
 * Asks every member with every probe, again and again: each at its own interval with jitter, under one global limit,
 * never two of the same at once.
 */
import type { Clock } from '../base/clock.ts';
import { limit } from '../base/limit.ts';
import type { Logger } from '../base/log.ts';
import type { ProbeResult } from '../probes/probe.ts';
import { reasons } from './reasons.ts';

/** One probe of one member. */
export interface ProbeTask {
  /** For people: `registry/original/tcp`. */
  readonly name: string;
  /** Probes of one group are hurried together: the endpoint. */
  readonly group: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Runs it once. Rejects only where the signal aborts. */
  run(signal: AbortSignal): Promise<ProbeResult>;
  onResult(result: ProbeResult): Urgency;
}

/**
 * When to look again. `soon`: the verdict is in doubt, after half the interval. `all-soon`: the doubt is new, so the
 * rest of the group is asked now: whether somebody else can take over has to be known when the verdict falls.
 */
export type Urgency = 'usual' | 'soon' | 'all-soon';

export interface Observer extends AsyncDisposable {
  /** Probes under way, and waiting for the limit. */
  readonly running: number;
  readonly waiting: number;
}

/** Intervals vary by this much in both directions, so that many watchers and members do not march in step. */
const JITTER = 0.1;
/** The first round is spread over this at most: nobody wants to wait an interval of a minute for a first answer. */
const FIRST_ROUND_MS = 1_000;
/** A result later than its deadline by this was delayed by us: the process slept or the machine was starved. */
const STALL_MS = 1_000;

/** A task with its place in time. */
interface Slot {
  readonly task: ProbeTask;
  cancel: () => void;
  /** When it was, or is, to be asked next. */
  dueMs: number;
  startedMs: number;
  busy: boolean;
}

/** Starts at once; dispose it to stop (probes under way are aborted and their results dropped). */
export function startObserver(o: {
  tasks: readonly ProbeTask[];
  concurrency: number;
  clock: Clock;
  random: () => number;
  log: Logger;
  signal: AbortSignal;
}): Observer {
  const { clock } = o;
  const gate = limit(o.concurrency);
  const stopper = new AbortController();
  const signal = AbortSignal.any([o.signal, stopper.signal]);
  const slots = o.tasks.map(
    (task): Slot => ({ task, cancel: () => {}, dueMs: 0, startedMs: -Infinity, busy: false }),
  );
  const groups = Map.groupBy(slots, (slot) => slot.task.group);
  const underWay = new Set<Promise<void>>();

  const plan = (slot: Slot, dueMs: number): void => {
    slot.cancel();
    slot.dueMs = dueMs;
    if (signal.aborted) return;
    slot.cancel = clock.after(Math.max(0, dueMs - clock.monotonicMs()), () => begin(slot));
  };
  const begin = (slot: Slot): void => {
    slot.busy = true;
    const run = once(slot).finally(() => underWay.delete(run));
    underWay.add(run);
  };
  const once = async (slot: Slot): Promise<void> => {
    const { task } = slot;
    const queuedMs = clock.monotonicMs();
    slot.startedMs = queuedMs;
    let urgency: Urgency = 'usual';
    try {
      const result = await gate.run(() => {
        slot.startedMs = clock.monotonicMs();
        return task.run(signal);
      }, signal);
      const lateMs = clock.monotonicMs() - slot.startedMs - task.timeoutMs;
      urgency = task.onResult(lateMs > STALL_MS ? stalled(result) : result);
    } catch (error) {
      if (signal.aborted) return;
      o.log.error('a probe could not be run', { probe: task.name, error });
    }
    if (slot.startedMs - queuedMs > task.intervalMs) {
      o.log.warn('probing falls behind: raise watch.concurrency or the intervals', { probe: task.name });
    }
    slot.busy = false;
    const pace = (urgency === 'usual' ? 1 : 0.5) * (1 - JITTER + 2 * JITTER * o.random());
    // From when it was due, so that late timers do not add up; from its start where it was an interval late.
    const wasLate = slot.startedMs - slot.dueMs > task.intervalMs;
    plan(slot, (wasLate ? slot.startedMs : slot.dueMs) + task.intervalMs * pace);
    if (urgency === 'all-soon') for (const other of groups.get(task.group) ?? []) hurry(other, slot);
  };
  /** At most twice the usual rate, however often somebody stumbles. */
  const hurry = (other: Slot, by: Slot): void => {
    const restedMs = clock.monotonicMs() - other.startedMs;
    if (other !== by && !other.busy && restedMs >= other.task.intervalMs / 2)
      plan(other, clock.monotonicMs());
  };

  const startMs = clock.monotonicMs();
  for (const slot of slots) plan(slot, startMs + o.random() * Math.min(slot.task.intervalMs, FIRST_ROUND_MS));
  return {
    get running() {
      return gate.running;
    },
    get waiting() {
      return gate.waiting;
    },
    async [Symbol.asyncDispose]() {
      stopper.abort(new Error('the observer stopped'));
      for (const slot of slots) slot.cancel();
      await Promise.allSettled(underWay);
    },
  };
}

function stalled(result: ProbeResult): ProbeResult {
  if (result.status !== 'down') return result;
  return { ...result, status: 'unknown', because: reasons.of('watch/prober-stalled') };
}

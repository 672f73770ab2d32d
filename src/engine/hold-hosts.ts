/** Takes the locks of all hosts that a run changes, or says who has them; gives them back at the end. */
import { formatInstant } from '../base/clock.ts';
import { isHoldfastError, messageOf } from '../base/errors.ts';
import type { Finding } from '../base/finding.ts';
import type { HostName } from '../site/model.ts';
import type { RunId } from '../store/journal.ts';
import { livenessOf } from '../store/process-identity.ts';
import { announce } from './announce.ts';
import type { Engine } from './engine.ts';
import type { HostLock, LockRecord } from './lock.ts';
import { engineReasons } from './reasons.ts';
import { replay } from './replay.ts';
import { isRefusal, type Refusal } from './report.ts';
import { awaitStragglers } from './stragglers.ts';

/** How long giving the locks back may take: long enough for a slow host, short enough for a person who waits. */
const RELEASE_TIMEOUT_MS = 20_000;

export interface HeldHosts {
  /** Gives everything back; what cannot be is a warning that says what to do. Under a signal of its own. */
  release(): Promise<void>;
}

/**
 * Locks the hosts for a run: the first alone, the rest side by side, so that of two operators who want the same
 * hosts usually one gets all. All or nothing. Locks that this very run holds already (it was cut) are taken up.
 * Then it waits for commands that a Holdfast which is gone left running there.
 * @throws what keeps a host from being asked
 */
export async function holdHosts(
  engine: Engine,
  o: {
    run: RunId;
    hosts: readonly HostName[];
    onController: boolean;
    signal: AbortSignal;
  },
): Promise<HeldHosts | Refusal> {
  const controller = o.onController ? await holdController(engine, o.run) : undefined;
  if (controller !== undefined && isRefusal(controller)) return controller;
  const record: LockRecord = {
    run: o.run,
    by: engine.operator,
    since: engine.clock.now(),
    process: engine.process,
    runs: engine.runs.place,
  };
  const locks: HostLock[] = [];
  const release = () => giveBack(engine, locks, controller);
  try {
    const refused: Finding[] = [];
    const take = async (host: HostName): Promise<void> => {
      const lock = await takeOne(engine, host, record, o.signal);
      if ('refused' in lock) refused.push(lock.refused);
      else locks.push(lock);
    };
    const [first, ...rest] = o.hosts;
    if (first !== undefined) await take(first);
    if (refused.length === 0) await settleAll(rest.map(take));
    if (refused.length === 0) {
      const places = o.onController ? [...o.hosts, undefined] : o.hosts;
      refused.push(...(await awaitStragglers(engine, places, o.signal)));
    }
    if (refused.length === 0) {
      announce(engine, { type: 'hosts-locked', hosts: o.hosts });
      return { release };
    }
    await release();
    return { refused };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Waits for all of them, then throws the first failure: nothing may go on behind our back. */
async function settleAll(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function takeOne(
  engine: Engine,
  host: HostName,
  record: LockRecord,
  signal: AbortSignal,
): Promise<HostLock | { readonly refused: Finding }> {
  const answer = await engine.locks.take(host, record, signal);
  if ('taken' in answer) return answer.taken;
  const held = answer.held;
  if (held.record?.run === record.run && held.record.runs === record.runs) return held;
  if (!(await hasEnded(engine, held))) return { refused: refusalOf(engine, held) };
  await engine.locks.release(held, signal);
  const again = await engine.locks.take(host, record, signal);
  return 'taken' in again ? again.taken : { refused: refusalOf(engine, again.held) };
}

/** A lock that stayed behind although its run has ended, or never began: nobody needs it any more. */
async function hasEnded(engine: Engine, { record }: HostLock): Promise<boolean> {
  if (record === undefined || record.runs !== engine.runs.place) return false;
  if (livenessOf(record.process, engine.process) !== 'dead') return false;
  if (!(await engine.runs.list()).includes(record.run)) return true;
  const { entries, holder } = await engine.runs.look(record.run);
  const isWorkedOn = holder !== undefined && holder.liveness !== 'dead';
  const { phase } = replay(entries);
  return !isWorkedOn && (phase === 'closed' || phase === 'empty');
}

function refusalOf(engine: Engine, { host, file, record }: HostLock): Finding {
  const of = engineReasons.of;
  if (record === undefined) {
    return {
      rule: 'engine/locked',
      severity: 'error',
      because: of('engine/locked-unreadable', { host, file }),
      hint: of('engine/lock-release-by-hand', { host }),
    };
  }
  const { user, host: controller } = record.by;
  const liveness = livenessOf(record.process, engine.process);
  const hint = {
    alive: of('engine/lock-wait', { user }),
    dead: of('engine/lock-dead', { run: record.run, host }),
    elsewhere: of('engine/lock-elsewhere', { user, controller, host }),
  }[liveness];
  const since = formatInstant(record.since);
  const because = of('engine/locked', { host, user, controller, since, run: record.run });
  return { rule: 'engine/locked', severity: 'error', because, hint };
}

/** Steps without a host act from this machine: one run at a time does. */
async function holdController(engine: Engine, run: RunId): Promise<AsyncDisposable | Refusal> {
  try {
    return await engine.runs.lease('controller', `run ${run} of ${engine.operator.user}`);
  } catch (error) {
    if (!isHoldfastError(error) || error.code !== 'store/held') throw error;
    const because = engineReasons.of('engine/controller-locked', { message: error.message });
    const hint = engineReasons.of('engine/wait-for-it');
    return { refused: [{ rule: 'engine/locked', severity: 'error', because, hint }] };
  }
}

async function giveBack(
  engine: Engine,
  locks: readonly HostLock[],
  controller: AsyncDisposable | undefined,
): Promise<void> {
  const scope = new AbortController();
  const cancel = engine.clock.after(RELEASE_TIMEOUT_MS, () => scope.abort());
  await Promise.all(
    locks.map(async (lock) => {
      try {
        await engine.locks.release(lock, scope.signal);
      } catch (error) {
        const { host } = lock;
        announce(engine, {
          type: 'warning',
          because: engineReasons.of('engine/lock-left', { host, message: messageOf(error) }),
          hint: engineReasons.of('engine/lock-left-hint', { host }),
        });
      }
    }),
  );
  cancel();
  await controller?.[Symbol.asyncDispose]();
}

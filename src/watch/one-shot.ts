/**
 * A person's command, whether a watcher runs or not. A running one decides. Without one, this process takes the lease,
 * judges every member by its probes, decides by the same code, stores, publishes, and gives the lease back.
 */
import { openScope } from '../base/abort.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import type { Endpoint } from '../site/model.ts';
import type { LeaseHolder } from '../store/lease.ts';
import { linkToWatcher, type WatcherLink } from './control-client.ts';
import { currentWatcher } from './elect.ts';
import type { CommandOutcome } from './endpoint-watch.ts';
import type { Command } from './event.ts';
import { pickEndpoint } from './pick-endpoint.ts';
import { WatchError } from './watch-error.ts';
import { startWatcher, type Watcher } from './watcher.ts';
import type { WatcherOptions } from './watcher-options.ts';

/** A watcher that just starts has the lease before its socket. */
const LINK_PATIENCE_MS = 3_000;
const LINK_POLL_MS = 50;
/** Beyond what rise and fall need of the endpoint. */
const JUDGE_PATIENCE_MS = 2_000;

/** What depends on who is well. Force, release and undrain do not wait. */
const JUDGED_FIRST: ReadonlySet<Command['verb']> = new Set(['switch', 'failback', 'drain']);

export interface Carried {
  readonly outcome: CommandOutcome;
  /** Who decided: the running watcher, or this process. */
  readonly through: 'watcher' | 'one-shot';
}

/**
 * A link to the watcher that runs now; undefined where none does.
 * @throws WatchError `watch/control-silent` where one holds the lease but cannot be spoken to
 */
export async function reachWatcher(
  o: Pick<WatcherOptions, 'stateDir' | 'clock' | 'signal'>,
): Promise<WatcherLink | undefined> {
  const endMs = o.clock.monotonicMs() + LINK_PATIENCE_MS;
  for (;;) {
    const holder = await currentWatcher(o.stateDir);
    if (holder === undefined) return undefined;
    const link = await linkToWatcher(o.stateDir, o);
    if (link !== undefined) return link;
    if (o.clock.monotonicMs() >= endMs) throw silent(holder);
    await o.clock.sleep(LINK_POLL_MS, o.signal);
  }
}

/** Carries out a command, through the watcher where one runs. */
export async function carryOut(
  o: WatcherOptions,
  endpoint: string | undefined,
  command: Command,
  by: string,
): Promise<Carried> {
  const meant = pickEndpoint([...o.site.endpoints.values()], endpoint);
  const link = await reachWatcher(o);
  if (link !== undefined) {
    await using _hangUp = link;
    return { outcome: await link.command(meant.name, command, by), through: 'watcher' };
  }
  await using watcher = await startWatcher({ ...o, endpoints: [meant], automatic: false });
  if (JUDGED_FIRST.has(command.verb)) await judgeMembers(o, watcher, meant);
  return { outcome: await watcher.command(meant.name, command, by), through: 'one-shot' };
}

/** A member that cannot be judged in time is refused by the decision itself, with its reason. */
async function judgeMembers(o: WatcherOptions, watcher: Watcher, endpoint: Endpoint): Promise<void> {
  const rounds = Math.max(endpoint.rise, endpoint.fall) + 1;
  using scope = openScope(o.clock, {
    what: 'judging the members',
    timeoutMs: rounds * (endpoint.intervalMs + endpoint.timeoutMs) + JUDGE_PATIENCE_MS,
    parent: o.signal,
  });
  await watcher.judged(scope.signal).catch(() => throwIfAborted(o.signal));
}

function silent(holder: LeaseHolder): WatchError {
  return new WatchError({
    code: 'watch/control-silent',
    message: `${holder.holder} (pid ${holder.pid} on ${holder.machine}) holds the state folder but does not listen`,
    expected: 'its control socket',
    got: 'nobody there',
    hint:
      holder.liveness === 'elsewhere'
        ? `Run the command on ${holder.machine}, in the same container as the watcher.`
        : `It may be carrying out another command: try again. If it stays so, look at its log, or stop pid ${holder.pid}.`,
  });
}

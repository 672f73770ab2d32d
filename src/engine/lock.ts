/**
 * A lock on each host that a run changes, so that two operators cannot collide, whatever machines they work from.
 *
 * It is a file on the host that says who holds it, for which run, since when. It appears whole by ln(1) of a written
 * temporary, which fails where it is there already, and it outlives a kill -9 of Holdfast and a reboot of the host:
 * a run that was cut still owns what it half did. The run that it names may take it up again (`resume`, `rollback`
 * hold the run's own lease, so that there is only one of them); another run takes it over only where that run has
 * ended; anyone may remove it with `holdfast locks release`.
 */
import { z } from 'zod';
import type { Instant } from '../base/clock.ts';
import type { HostPool } from '../hosts/host.ts';
import type { HostName, Site } from '../site/model.ts';
import type { Operator, RunId } from '../store/journal.ts';
import { type ProcessIdentity, processIdentity } from '../store/process-identity.ts';
import { EngineError } from './engine-error.ts';
import { type LockScript, lookScript, parseLooked, releaseScript, takeScript } from './lock-script.ts';
import { parseStragglers, type Straggler, stragglersScript } from './stragglers.ts';

/** Tried in this order; the second is for users who are not root. */
export const LOCK_FILES = ['/var/lib/holdfast/.lock', '/var/lock/holdfast.lock'] as const;

const LOCK_TIMEOUT_MS = 30_000;

const lockRecord = z.object({
  run: z.string(),
  by: z.object({ user: z.string(), host: z.string(), pid: z.number() }),
  since: z.number(),
  process: processIdentity,
  /** The state folder whose run it is. */
  runs: z.string(),
});

export interface LockRecord {
  readonly run: RunId;
  readonly by: Operator;
  readonly since: Instant;
  readonly process: ProcessIdentity;
  readonly runs: string;
}

/** A lock found on a host. `record` is absent where it cannot be understood. */
export interface HostLock {
  readonly host: HostName;
  readonly file: string;
  readonly text: string;
  readonly record?: LockRecord;
}

export interface HostLocks {
  /** The lock on a host, or undefined. */
  look(host: HostName, signal: AbortSignal): Promise<HostLock | undefined>;
  /** Takes the lock; gives the one that is there where somebody was first. */
  take(
    host: HostName,
    record: LockRecord,
    signal: AbortSignal,
  ): Promise<{ taken: HostLock } | { held: HostLock }>;
  /** Removes exactly this lock. @returns false where it is no longer there */
  release(lock: HostLock, signal: AbortSignal): Promise<boolean>;
  /** Commands of any Holdfast at work on a host now (on this machine where none is named); see `stragglers.ts`. */
  stragglers(host: HostName | undefined, signal: AbortSignal): Promise<readonly Straggler[]>;
}

/**
 * Locks as files on the hosts of a site.
 * @param files where the lock may be, in order of preference; all operators must name the same
 */
export function hostLocks(
  hosts: HostPool,
  site: Pick<Site, 'hosts'>,
  files: readonly string[] = LOCK_FILES,
): HostLocks {
  const run = async (host: HostName | undefined, signal: AbortSignal, script: LockScript) => {
    const connection = host === undefined ? hosts.controller() : await hosts.connect(host, signal);
    const mayBeRoot = host !== undefined && site.hosts.get(host)?.sudo !== 'none';
    return connection.run(script.command, {
      timeoutMs: LOCK_TIMEOUT_MS,
      signal,
      ...(script.stdin === undefined ? {} : { stdin: script.stdin }),
      ...(mayBeRoot ? { as: 'root' } : {}),
    });
  };
  return {
    async look(host, signal) {
      const result = await run(host, signal, lookScript(files));
      const found = parseLooked(result.stdout);
      return found.state === 'held' ? toLock(host, found.file, found.text) : undefined;
    },
    async take(host, record, signal) {
      const text = JSON.stringify(record);
      const result = await run(host, signal, takeScript(files, record.run, text));
      const found = parseLooked(result.stdout);
      if (found.state === 'held') return { held: toLock(host, found.file, found.text) };
      if (found.state === 'taken') return { taken: { host, file: found.file, text, record } };
      throw impossible(host, files, result.stderr.trim() || result.stdout.trim());
    },
    async release(lock, signal) {
      const result = await run(lock.host, signal, releaseScript(lock.file, lock.text));
      const found = parseLooked(result.stdout);
      if (found.state === 'failed') throw impossible(lock.host, [lock.file], result.stderr.trim());
      return found.state === 'released';
    },
    async stragglers(host, signal) {
      return parseStragglers((await run(host, signal, { command: stragglersScript })).stdout);
    },
  };
}

function toLock(host: HostName, file: string, text: string): HostLock {
  const record = parseRecord(text);
  return { host, file, text, ...(record === undefined ? {} : { record }) };
}

function parseRecord(text: string): LockRecord | undefined {
  try {
    return lockRecord.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function impossible(host: HostName, files: readonly string[], got: string): EngineError {
  return new EngineError({
    code: 'engine/lock-impossible',
    message: 'the lock on the host can be neither made nor removed',
    where: { host },
    expected: `to write ${files.join(' or ')}`,
    got: got === '' ? 'no answer that could be understood' : got,
    hint: 'Let the user become root (`sudo:` in the site file), free the disk, or name a folder that the user may write with --lock-file; all operators must name the same.',
  });
}

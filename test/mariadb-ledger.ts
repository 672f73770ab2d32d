/**
 * Writers with a ledger: each commits row after row at an address, and notes what was acknowledged. Where a commit
 * fails they connect again and try the same row once more, as a client that retries once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openSession, ServerComplaint, type Session } from '../src/stacks/mariadb/wire/client.ts';

export interface LedgerLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface Ledger {
  /** Rows whose commit was acknowledged, with when, on the clock of `performance.now`. */
  readonly acknowledged: Map<string, number>;
  /** Rows that were not acknowledged at the second try either. */
  readonly failed: Set<string>;
  /** The longest time without an acknowledgement that ended or began after `sinceMs`. */
  longestSilenceMs(sinceMs: number): number;
  /** Whether rows have been acknowledged without a gap for this long. */
  isSteady(forMs: number): boolean;
  stop(): Promise<void>;
}

/** Commits wait for two disks; a busy machine has its pauses. */
const STEADY_GAP_MS = 500;
const TABLE = 'CREATE TABLE IF NOT EXISTS ledger.rows_of (id VARCHAR(64) PRIMARY KEY) ENGINE=InnoDB';

/** Makes the table, by an account that may. */
export async function prepareLedger(login: LedgerLogin): Promise<void> {
  using session = await openSession(login, AbortSignal.timeout(5_000));
  await session.query('CREATE DATABASE IF NOT EXISTS ledger');
  await session.query(TABLE);
}

/** All rows that a server holds. */
export async function rowsAt(login: LedgerLogin): Promise<Set<string>> {
  using session = await openSession(login, AbortSignal.timeout(20_000));
  const rows = await session.query('SELECT id FROM ledger.rows_of');
  return new Set(rows.map(({ id }) => id as string));
}

export interface Writers {
  readonly count: number;
  /**
   * From a commit that failed to the second try; the tries after that come at once. A client that waits long is patient
   * with connections, too.
   */
  readonly retryMs: number;
  /** Of each writer between two commits. */
  readonly pauseMs: number;
  /** How long one waits for a commit before it gives the session up. */
  readonly patienceMs: number;
}

/** Starts the writers. */
export function startLedger(login: LedgerLogin, o: Writers): Ledger {
  const { retryMs, pauseMs, patienceMs } = o;
  const connectMs = Math.max(150, retryMs * 3);
  const acknowledged = new Map<string, number>();
  const failed = new Set<string>();
  const times: number[] = [];
  const stopping = new AbortController();
  const run = Date.now().toString(36);
  const work = Array.from({ length: o.count }, (_, writer) =>
    write(`${run}-${writer}`, {
      login,
      retryMs,
      pauseMs,
      connectMs,
      patienceMs,
      acknowledged,
      failed,
      times,
      signal: stopping.signal,
    }),
  );
  return {
    acknowledged,
    failed,
    longestSilenceMs(sinceMs) {
      let longest = 0;
      let before = times.findLast((at) => at <= sinceMs) ?? sinceMs;
      for (const at of times) {
        if (at <= sinceMs) continue;
        longest = Math.max(longest, at - before);
        before = at;
      }
      return Math.max(longest, performance.now() - before);
    },
    isSteady(forMs) {
      const now = performance.now();
      const recent = times.filter((at) => at > now - forMs);
      const gaps = [now - forMs, ...recent, now];
      return gaps.every((at, index) => index === 0 || at - (gaps[index - 1] as number) < STEADY_GAP_MS);
    },
    async stop() {
      stopping.abort();
      await Promise.all(work);
    },
  };
}

interface Work {
  readonly login: LedgerLogin;
  readonly retryMs: number;
  readonly pauseMs: number;
  readonly connectMs: number;
  readonly patienceMs: number;
  readonly acknowledged: Map<string, number>;
  readonly failed: Set<string>;
  readonly times: number[];
  readonly signal: AbortSignal;
}

async function write(name: string, work: Work): Promise<void> {
  let session: Session | undefined;
  for (let row = 0; !work.signal.aborted; row++) {
    if (work.pauseMs > 0) await sleep(work.pauseMs);
    const id = `${name}-${row}`;
    for (let attempt = 0; ; attempt++) {
      try {
        session = await commit(session, id, work);
        work.acknowledged.set(id, performance.now());
        work.times.push(performance.now());
        break;
      } catch (error) {
        session?.[Symbol.dispose]();
        session = undefined;
        if (attempt === 1) work.failed.add(id);
        if (work.signal.aborted) return;
        // Refused at once (read-only) or cut off: the address is on its way.
        const isRefusal = error instanceof ServerComplaint;
        await sleep(attempt === 0 ? work.retryMs : isRefusal ? 20 : 5);
      }
    }
  }
  session?.[Symbol.dispose]();
}

/** A row that is there already was committed by the try whose answer got lost. */
async function commit(open: Session | undefined, id: string, work: Work): Promise<Session> {
  const session = open ?? (await connect(work));
  const timer = setTimeout(() => {
    session[Symbol.dispose]();
  }, work.patienceMs);
  try {
    await session.query(`INSERT INTO ledger.rows_of VALUES ('${id}')`);
  } catch (error) {
    session[Symbol.dispose]();
    if (!(error instanceof ServerComplaint) || error.number !== 1062) throw error;
    return await connect(work);
  } finally {
    clearTimeout(timer);
  }
  return session;
}

/** The limit is for the login alone: a session that stands may stay. */
async function connect({ login, connectMs }: Work): Promise<Session> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), connectMs);
  try {
    return await openSession(login, limit.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** The ledger's process in a lab, as an object. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Lab } from '../src/lab/lab.ts';
import type { Writers } from './mariadb-ledger.ts';
import { MARIADB_VIP } from './mariadb-pair.ts';
import { until } from './until.ts';

export interface LabLedger extends AsyncDisposable {
  /** Waits until commits are acknowledged without a gap. */
  steady(): Promise<void>;
  /** From here on the silence counts. */
  mark(): Promise<void>;
  silenceMs(): Promise<number>;
  failed(): Promise<string[]>;
  count(): Promise<number>;
  /** Rows that were acknowledged and that a server does not hold. */
  missingAt(address: string): Promise<string[]>;
  stop(): Promise<void>;
}

const STEADY_MS = 1_000;

export interface LedgerOptions extends Partial<Writers> {
  /** Where they write; default: the pair's address. */
  readonly at?: string;
  readonly password?: string;
}

/**
 * Starts the writers at the pair's address. By default four, as patient clients have it: a second to the second try, and
 * no pause between two commits; a pause is for where it takes long, so that the lab is not busy with writing.
 */
export async function labLedger(lab: Lab, o: LedgerOptions = {}): Promise<LabLedger> {
  const { at = MARIADB_VIP, password = 'app-secret', count = 4, retryMs = 1_000, pauseMs = 0 } = o;
  const { patienceMs = Math.max(700, retryMs * 3) } = o;
  const writers: Writers = { count, retryMs, pauseMs, patienceMs };
  const program = join(import.meta.dirname, 'mariadb-client.ts');
  const [command = '', ...args] = lab.inside([
    process.execPath,
    program,
    at,
    password,
    JSON.stringify(writers),
  ]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  const tell = async (line: string): Promise<unknown> => {
    child.stdin.write(`${line}\n`);
    const { value: answer, done } = await lines.next();
    if (done === true) throw new Error(`the ledger's process ended before it answered '${line}'`);
    const { value, error } = JSON.parse(answer) as { value: unknown; error?: string };
    if (error !== undefined) throw new Error(`${line}: ${error}`);
    return value;
  };
  // One question at a time: answers come in their order.
  const ask = (line: string): Promise<unknown> => {
    const next = last.then(() => tell(line));
    last = next.catch(() => {});
    return next;
  };
  return {
    async steady() {
      await until(
        async () => (await ask(`steady ${STEADY_MS}`)) === true,
        'commits are acknowledged steadily',
        30_000,
      );
    },
    mark: async () => void (await ask('mark')),
    silenceMs: async () => (await ask('silence')) as number,
    failed: async () => (await ask('failed')) as string[],
    count: async () => (await ask('count')) as number,
    missingAt: async (address) => (await ask(`missing ${address}`)) as string[],
    stop: async () => void (await ask('stop')),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

/** A process inside a lab's network that keeps a ledger at an address; told and asked a line at a time. */
import { createInterface } from 'node:readline';
import { type LedgerLogin, prepareLedger, rowsAt, startLedger, type Writers } from './mariadb-ledger.ts';

const [host = '', password = '', writers = '{}'] = process.argv.slice(2);
const login: LedgerLogin = { host, port: 3306, user: 'cloudpods', password };
await prepareLedger(login);
const ledger = startLedger(login, JSON.parse(writers) as Writers);
let sinceMs = performance.now();

const answers: Readonly<Record<string, (argument: string) => Promise<unknown> | unknown>> = {
  steady: (forMs) => ledger.isSteady(Number(forMs)),
  mark: () => {
    sinceMs = performance.now();
    return sinceMs;
  },
  silence: () => ledger.longestSilenceMs(sinceMs),
  failed: () => [...ledger.failed],
  count: () => ledger.acknowledged.size,
  stop: () => ledger.stop(),
  /** Those acknowledged before the question and not there now. */
  missing: async (address) => {
    const known = [...ledger.acknowledged.keys()];
    const there = await rowsAt({ ...login, host: address });
    return known.filter((id) => !there.has(id));
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [verb = '', argument = ''] = line.split(' ');
  try {
    console.log(JSON.stringify({ value: (await answers[verb]?.(argument)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
process.exit(0);

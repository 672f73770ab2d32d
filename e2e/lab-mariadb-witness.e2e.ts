/**
 * A MariaDB pair with a third host as its witness: whatever is cut off from whatever, at most one of the two goes on, and
 * nothing that was acknowledged to the four writers is lost.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labMissing, nothingToDo, type TestLab } from '../test/lab.ts';
import { labLedger } from '../test/mariadb-lab.ts';
import { MARIADB_SITE, rejoin, startMariadbLab, statusOf, waitForPair } from '../test/mariadb-pair.ts';
import { titleOf } from '../test/title-of.ts';
import { until } from '../test/until.ts';

const LIMIT_MS = 240_000;
const LONG = { forMs: 120_000 };
const SITE = MARIADB_SITE.replace('  db2: 10.78.1.12\n', '  db2: 10.78.1.12\n  w1: 10.78.1.13\n').replace(
  '    availability:',
  '    witness: w1\n    availability:',
);
const NODES = ['db1', 'db2'] as const;
const ADDRESSES = { db1: '10.78.1.11', db2: '10.78.1.12' } as const;

describe.skipIf(labMissing !== undefined)(titleOf('a MariaDB pair with a witness', labMissing), () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startMariadbLab('mariadb-witness', { site: SITE });
    const { code, stderr } = await lab.program.run('apply', '-y', '--accept-final', '--lab');
    expect(code, stderr).toBe(0);
    await waitForPair(lab, 'db1');
    await waitForHolder('-');
  }, LIMIT_MS);
  afterAll(async () => await lab?.down());

  async function waitForHolder(holder: string): Promise<void> {
    const isHolder = async () =>
      (await lab.exec('w1', 'cat /var/lib/holdfast-witness/e-*[0-9a-f]')).stdout === `${holder}\n`;
    await until(isHolder, `the witness says ${holder}`, 30_000);
  }
  async function waitForOneWriter(): Promise<(typeof NODES)[number]> {
    let writers: (typeof NODES)[number][] = [];
    const isOne = async () => {
      const states = await Promise.all(NODES.map((node) => statusOf(lab, node)));
      writers = NODES.filter((_, at) => states[at]?.readonly === '0');
      return writers.length === 1 && states.some(({ state }) => state === 'alone');
    };
    await until(isOne, 'one of the two writes, alone', 30_000);
    return writers[0] as (typeof NODES)[number];
  }

  test(
    'lets a node ask who may go on alone, and do nothing else; a second apply changes nothing',
    async () => {
      const other = `sed 's/ "\\$1" / "cat \\/etc\\/passwd" /' /etc/holdfast/mariadb/db/witness >/tmp/other && sh /tmp/other`;
      expect(await lab.exec('db1', other)).toMatchObject({ code: 2, stdout: '' });
      await nothingToDo(lab);
    },
    LIMIT_MS,
  );

  test(
    'goes on with one node when the two cannot see each other, and has it all on both afterwards',
    async () => {
      await using ledger = await labLedger(lab);
      await ledger.steady();
      const cut = await lab.fault('db1', { kind: 'isolate', from: ['db2'] }, LONG);
      const writer = await waitForOneWriter();
      await waitForHolder(writer);
      await ledger.steady();
      expect(await ledger.missingAt(ADDRESSES[writer])).toEqual([]);
      await cut[Symbol.asyncDispose]();
      await rejoin(lab, writer === 'db1' ? 'db2' : 'db1');
      await waitForPair(lab, writer);
      await waitForHolder('-');
      await ledger.steady();
      for (const node of NODES)
        await expect.poll(() => ledger.missingAt(ADDRESSES[node]), { timeout: 20_000 }).toEqual([]);
      if (writer === 'db2') await moveTo('db1');
    },
    LIMIT_MS,
  );

  test(
    'goes on with the standby when the primary is cut off from everybody, and the primary acknowledges nothing meanwhile',
    async () => {
      await using ledger = await labLedger(lab);
      await ledger.steady();
      const cut = await lab.fault('db1', { kind: 'isolate' }, LONG);
      await waitForHolder('db2');
      await ledger.steady();
      // A client on its side of the cut.
      const insert = "INSERT INTO ledger.rows_of VALUES ('from-the-cut-off-side')";
      const client = `MYSQL_PWD=app-secret timeout 10 mariadb -h ${ADDRESSES.db1} -u cloudpods -e "${insert}"`;
      expect((await lab.exec('db1', client)).code).not.toBe(0);
      await until(async () => (await statusOf(lab, 'db1')).readonly === '1', 'db1 is fenced', 20_000);
      await cut[Symbol.asyncDispose]();
      await rejoin(lab, 'db1');
      await waitForPair(lab, 'db2');
      await waitForHolder('-');
      expect(await ledger.missingAt(ADDRESSES.db2)).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'is switched while the witness is away; without standby and witness it stops, until the witness is back',
    async () => {
      const from = (await statusOf(lab, 'db1')).readonly === '0' ? 'db1' : 'db2';
      const to = from === 'db1' ? 'db2' : 'db1';
      await lab.powerOff('w1');
      await using ledger = await labLedger(lab);
      await ledger.steady();
      await moveTo(to);
      await ledger.steady();
      expect(await ledger.failed()).toEqual([]);
      await lab.powerOff(from);
      await until(async () => (await statusOf(lab, to)).readonly === '1', `${to} is fenced`, 20_000);
      const stopped = await ledger.count();
      await lab.powerOn('w1');
      await waitForHolder(to);
      await ledger.steady();
      expect(await ledger.count()).toBeGreaterThan(stopped);
      expect(await ledger.missingAt(ADDRESSES[to])).toEqual([]);
      await lab.powerOn(from);
      await rejoin(lab, from);
      await waitForPair(lab, to);
    },
    LIMIT_MS,
  );

  async function moveTo(node: string): Promise<void> {
    const { code, stderr } = await lab.program.run('switch', 'db', node, '--lab');
    expect(code, stderr).toBe(0);
    await waitForPair(lab, node);
  }
});

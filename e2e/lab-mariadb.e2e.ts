/**
 * The MariaDB pair on two lab hosts: built from nothing, then every way to lose the primary under four writers that keep
 * a ledger of what was acknowledged to them. Nothing acknowledged may be missing afterwards.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labMissing, nothingToDo, type TestLab } from '../test/lab.ts';
import { startWatch } from '../test/lab-watch.ts';
import { type LabLedger, labLedger } from '../test/mariadb-lab.ts';
import { MARIADB_SITE, rejoin, startMariadbLab, statusOf, waitForPair } from '../test/mariadb-pair.ts';
import { titleOf } from '../test/title-of.ts';
import { until } from '../test/until.ts';

const LIMIT_MS = 240_000;

describe.skipIf(labMissing !== undefined)(titleOf('a MariaDB pair in the lab', labMissing), () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startMariadbLab('mariadb');
  }, LIMIT_MS);
  afterAll(async () => await lab.down());

  test(
    'is built from nothing, and a second apply changes nothing',
    async () => {
      const first = await lab.program.run('apply', '-y', '--accept-final', '--lab');
      expect(first.stderr).not.toContain('repl-secret');
      expect(first.code, first.stderr).toBe(0);
      await waitForPair(lab, 'db1');
      await nothingToDo(lab);
    },
    LIMIT_MS,
  );

  test(
    'shows no password in any process, and lets the replication account in from the peer only',
    async () => {
      const { stdout } = await lab.exec('db1', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "');
      expect(stdout).not.toMatch(/(repl|app|watch)-secret/);
      const users = await lab.exec('db1', [
        'mariadb',
        '-N',
        '-e',
        "SELECT Host FROM mysql.user WHERE User='holdfast_repl' ORDER BY 1",
      ]);
      expect(users.stdout).toBe('10.78.1.11\n10.78.1.12\n');
    },
    LIMIT_MS,
  );

  test(
    'loses no acknowledged commit when the primary loses its power, and takes it back as a standby with what only it had saved',
    async () => {
      await using ledger = await labLedger(lab);
      await ledger.steady();
      await lab.powerOff('db1');
      await until(async () => (await statusOf(lab, 'db2')).readonly === '0', 'db2 is primary', 10_000);
      await ledger.steady();
      const missing = await ledger.missingAt('10.78.1.12');
      expect(missing).toEqual([]);
      await ledger.stop();
      await lab.powerOn('db1');
      await rejoin(lab, 'db1');
      await waitForPair(lab, 'db2');
      // Level is what it has received; it may still be applying it.
      await expect.poll(() => ledger.missingAt('10.78.1.11'), { timeout: 20_000 }).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'loses no acknowledged commit when the server is killed',
    async () => {
      await waitForPair(lab, 'db2');
      await using ledger = await labLedger(lab);
      await ledger.steady();
      await lab.exec('db2', 'kill -9 $(pidof mariadbd)');
      await until(async () => (await statusOf(lab, 'db1')).readonly === '0', 'db1 is primary', 10_000);
      await ledger.steady();
      expect(await ledger.missingAt('10.78.1.11')).toEqual([]);
      await ledger.stop();
      await rejoin(lab, 'db2');
      await waitForPair(lab, 'db1');
    },
    LIMIT_MS,
  );

  test(
    'loses no acknowledged commit when the primary is cut off from everybody, and there is one primary when the cable is back',
    async () => {
      await waitForPair(lab, 'db1');
      await using ledger = await labLedger(lab);
      await ledger.steady();
      await lab.fault('db1', { kind: 'isolate' }, { forMs: LIMIT_MS });
      await until(async () => (await statusOf(lab, 'db2')).readonly === '0', 'db2 is primary', 10_000);
      await ledger.steady();
      expect(await ledger.missingAt('10.78.1.12')).toEqual([]);
      await lab.heal();
      await until(async () => (await statusOf(lab, 'db1')).readonly === '1', 'db1 is fenced', 10_000);
      await ledger.steady();
      expect(await ledger.missingAt('10.78.1.12')).toEqual([]);
      await ledger.stop();
      await rejoin(lab, 'db1');
      await waitForPair(lab, 'db2');
    },
    LIMIT_MS,
  );

  test(
    'is switched on purpose without a failed commit for a client that tries once more after a second',
    async () => {
      await waitForPair(lab, 'db2');
      await using ledger: LabLedger = await labLedger(lab);
      await ledger.steady();
      const { code, stderr } = await lab.program.run('switch', 'db', 'db1', '--lab');
      expect(code, stderr).toBe(0);
      await until(async () => (await statusOf(lab, 'db1')).readonly === '0', 'db1 is primary', 10_000);
      await ledger.steady();
      expect(await ledger.failed()).toEqual([]);
      expect(await ledger.missingAt('10.78.1.11')).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'under a watcher goes back to the preferred primary by itself, once that is level, and loses nothing on the way back',
    async () => {
      lab.site(MARIADB_SITE.replace('failback: manual', 'failback: { after: 5s }'));
      const { code, stderr } = await lab.program.run('apply', '-y', '--lab');
      expect(code, stderr).toBe(0);
      await waitForPair(lab, 'db1');
      const watch = await startWatch(lab);
      await using stack = new AsyncDisposableStack();
      stack.defer(async () => {
        watch.child.kill('SIGTERM');
        await watch.ended;
      });
      await using ledger = await labLedger(lab, { pauseMs: 20 });
      await ledger.steady();

      await lab.exec('db1', 'systemctl stop mariadb');
      await until(async () => (await statusOf(lab, 'db2')).readonly === '0', 'db2 is primary', 20_000);
      await ledger.steady();
      await lab.exec('db1', 'systemctl start mariadb');
      const isPrimaryAgain = async (): Promise<boolean> => {
        const { state = '', readonly } = await statusOf(lab, 'db1');
        // What was on its way when it stopped may be here alone: then it is no standby without `apply`.
        if (/^(diverged|broken)/.test(state)) await rejoin(lab, 'db1');
        return readonly === '0';
      };
      await until(isPrimaryAgain, 'db1 is primary again', 120_000);
      await ledger.steady();

      expect(await ledger.failed()).toEqual([]);
      expect(await ledger.missingAt('10.78.1.11')).toEqual([]);
      await ledger.stop();
      await waitForPair(lab, 'db1');
    },
    LIMIT_MS,
  );
});

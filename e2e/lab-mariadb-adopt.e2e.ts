/**
 * A pair made by the Cloudpods runbook, in use, taken over: what is wrong with it is said first, then only what differs
 * is changed, under writers who keep a ledger of what was acknowledged to them. Afterwards it fails over as one of ours.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labMissing, type TestLab } from '../test/lab.ts';
import { type LabLedger, labLedger } from '../test/mariadb-lab.ts';
import { startMariadbLab, statusOf, waitForPair } from '../test/mariadb-pair.ts';
import { buildRunbookPair, RUNBOOK_PASSWORD } from '../test/mariadb-runbook.ts';
import { titleOf } from '../test/title-of.ts';
import { until } from '../test/until.ts';

const LIMIT_MS = 240_000;
/** What it takes for the writers on the other side of a restart, on a machine with much to do. */
const LONGEST_SILENCE_MS = 20_000;

describe.skipIf(labMissing !== undefined)(titleOf('a pair made by the runbook', labMissing), () => {
  let lab: TestLab;
  let ledger: LabLedger;
  beforeAll(async () => {
    lab = await startMariadbLab('adopt', { password: RUNBOOK_PASSWORD });
    await buildRunbookPair(lab);
    // Both take writes: somebody was once connected to the wrong one.
    for (const [host, name] of [
      ['db1', 'one'],
      ['db2', 'two'],
    ] as const)
      await sql(
        host,
        `CREATE DATABASE IF NOT EXISTS ${name}; CREATE TABLE ${name}.t (id INT AUTO_INCREMENT PRIMARY KEY, v INT); INSERT INTO ${name}.t (v) VALUES (1), (2), (3)`,
      );
    ledger = await labLedger(lab, { password: RUNBOOK_PASSWORD, retryMs: 20, pauseMs: 20 });
    await ledger.steady();
  }, LIMIT_MS);
  afterAll(async () => {
    await ledger?.[Symbol.asyncDispose]();
    await lab?.down();
  }, LIMIT_MS);

  /** A host that becomes standby cuts off whoever is logging in; root, too, tries again then. */
  const sql = async (host: string, statement: string): Promise<string> => {
    let said = '';
    await until(
      async () => {
        const { code, stdout } = await lab.exec(host, ['mariadb', '-N', '-e', statement]);
        said = stdout.trim();
        return code === 0;
      },
      `${host} runs ${statement}`,
      10_000,
    );
    return said;
  };

  test(
    'is judged by plan before anything is changed',
    async () => {
      const { code, stdout, stderr } = await lab.program.run('plan', '--lab');
      expect(code, stderr).toBe(3);
      for (const host of ['db1', 'db2'])
        for (const found of [
          `${host}:/etc/mysql/mariadb.conf.d/99-runbook.cnf`,
          `mariadb/file-position ${host}`,
          `mariadb/asynchronous ${host}`,
          `mariadb/not-durable ${host}: sync_binlog`,
          `mariadb/past-read-only ${host}: root@%`,
          `mariadb/past-read-only ${host}: cloudpods@%`,
          `mariadb/anywhere ${host}: repl@%`,
          `${host}:/etc/keepalived/keepalived.conf:5:1 error keepalived/port-only`,
        ])
          expect(stderr).toContain(found);
      expect(stderr).toContain('mariadb/both-write');
      expect(stdout).toContain('file and position of db1 → GTID');
      expect(stdout).not.toMatch(/auth_pass test/);
    },
    LIMIT_MS,
  );

  test(
    'is taken over while clients write: without a copy, without a row lost, and a second apply changes nothing',
    async () => {
      await ledger.mark();
      const applied = await lab.program.run('apply', '-y', '--accept-final', '--lab');
      expect(applied.code, applied.stderr).toBe(0);
      await ledger.steady();
      expect(await ledger.silenceMs()).toBeLessThan(LONGEST_SILENCE_MS);
      await ledger.stop();
      await waitForPair(lab, 'db1');
      expect(await ledger.missingAt('10.78.1.11')).toEqual([]);
      await expect.poll(() => ledger.missingAt('10.78.1.12'), { timeout: 60_000 }).toEqual([]);
      for (const host of ['db1', 'db2'])
        for (const name of ['one', 'two'])
          expect(await sql(host, `SELECT COUNT(*) FROM ${name}.t`)).toBe('3');
      expect((await lab.exec('db2', 'ls /var/lib/holdfast/mariadb/db')).stdout).not.toContain('before-seed');

      const users = await sql('db2', "SELECT CONCAT(User, '@', Host) FROM mysql.user ORDER BY 1");
      expect(users.split('\n')).toEqual([
        'cloudpods@10.78.1.0/255.255.255.0',
        'holdfast_repl@10.78.1.11',
        'holdfast_repl@10.78.1.12',
        'holdfast_watch@10.78.1.0/255.255.255.0',
        'mariadb.sys@localhost',
        'mysql@localhost',
        'repl@%',
        'root@localhost',
      ]);
      const again = await lab.program.run('plan', '--lab');
      expect(again.code, again.stdout).toBe(0);
      expect(again.stderr).not.toContain('error mariadb/');
    },
    LIMIT_MS,
  );

  test(
    'fails over as one of ours when its primary is killed',
    async () => {
      await using writers = await labLedger(lab, { password: RUNBOOK_PASSWORD });
      await writers.steady();
      await lab.exec('db1', 'kill -9 $(pidof mariadbd)');
      await until(async () => (await statusOf(lab, 'db2')).readonly === '0', 'db2 is primary', 20_000);
      await writers.steady();
      expect(await writers.missingAt('10.78.1.12')).toEqual([]);
    },
    LIMIT_MS,
  );
});

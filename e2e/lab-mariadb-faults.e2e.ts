/**
 * What may happen to a MariaDB pair besides losing its primary, under writers who keep a ledger of what was acknowledged
 * to them: both hosts away, a full disk, a clock that is wrong, a standby that went its own way, and a primary under
 * `availability: stop`. Nothing acknowledged may be missing, and nobody may lead who lacks some of it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labMissing, type TestLab } from '../test/lab.ts';
import { type LabLedger, labLedger } from '../test/mariadb-lab.ts';
import { MARIADB_SITE, startMariadbLab, statusOf } from '../test/mariadb-pair.ts';
import { titleOf } from '../test/title-of.ts';
import { until } from '../test/until.ts';

const LIMIT_MS = 240_000;
const ADDRESSES = { db1: '10.78.1.11', db2: '10.78.1.12' } as const;
type Host = keyof typeof ADDRESSES;
const HOSTS = ['db1', 'db2'] as const;
const otherOf = (host: Host): Host => (host === 'db1' ? 'db2' : 'db1');
/** So that the lab is not busy with writing. */
const PACE = { pauseMs: 10, retryMs: 50 };

describe.skipIf(labMissing !== undefined)(titleOf('a MariaDB pair in bad weather', labMissing), () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startMariadbLab('mariadb-faults');
    await apply();
  }, LIMIT_MS);
  afterAll(async () => await lab?.down(), LIMIT_MS);

  const apply = async (): Promise<void> => {
    const { code, stderr } = await lab.program.run('apply', '-y', '--accept-final', '--lab');
    expect(code, stderr).toBe(0);
  };
  const sql = async (host: Host, statement: string): Promise<string> => {
    const { code, stdout, stderr } = await lab.exec(host, ['mariadb', '-N', '-e', statement]);
    expect(code, stderr).toBe(0);
    return stdout.trim();
  };
  const leads = async (host: Host): Promise<void> =>
    await until(async () => (await statusOf(lab, host)).readonly === '0', `${host} is primary`, 40_000);
  /** Who leads, once the other is level with it. */
  const ledBy = async (): Promise<readonly [primary: Host, standby: Host]> => {
    let primary: Host = 'db1';
    await until(
      async () => {
        const states = await Promise.all(HOSTS.map(async (host) => (await statusOf(lab, host)).state));
        primary = states[0] === 'together' ? 'db1' : 'db2';
        // What only one host has is not taken up again without a word: that is `apply`'s.
        if (states.some((state) => /^(diverged|broken)/.test(state ?? ''))) await apply();
        return [...states].sort().join() === 'level,together';
      },
      'one leads and the other is level',
      // With a copy of the data, where one has to begin again.
      180_000,
    );
    return [primary, otherOf(primary)];
  };
  const waits = async (host: Host): Promise<void> => {
    await until(async () => (await statusOf(lab, host)).state === 'waiting', `${host} waits`, 40_000);
    await mayNotLead(host);
  };
  /** Its agent says so, nobody writes on it, and nobody reads there at the address, though no other host has it. */
  const mayNotLead = async (host: Host): Promise<void> => {
    expect((await lab.exec(host, '/etc/holdfast/mariadb/db/role check')).code).toBe(3);
    await until(async () => (await statusOf(lab, host)).vip === 'FAULT', `${host} does not have the address`);
    expect((await statusOf(lab, host)).readonly).toBe('1');
  };
  /** Level is what the standby has received; it may still be applying it. */
  const bothHoldAll = async (ledger: LabLedger): Promise<void> => {
    await ledBy();
    for (const host of HOSTS)
      await expect.poll(() => ledger.missingAt(ADDRESSES[host]), { timeout: 20_000 }).toEqual([]);
  };

  test(
    'after both hosts were away the one that led last leads again, and the other waits for it',
    async () => {
      const [primary, standby] = await ledBy();
      await using ledger = await labLedger(lab, PACE);
      await ledger.steady();
      await lab.powerOff(standby);
      await ledger.steady();
      await ledger.stop();
      await lab.powerOff(primary);

      await lab.powerOn(standby);
      await waits(standby);
      await lab.powerOn(primary);
      await leads(primary);
      await bothHoldAll(ledger);
    },
    LIMIT_MS,
  );

  test(
    'after both lost their power at once none leads alone, and together they do, with all that was acknowledged',
    async () => {
      const [primary, standby] = await ledBy();
      await using ledger = await labLedger(lab, PACE);
      await ledger.steady();
      await Promise.all([lab.powerOff(primary), lab.powerOff(standby)]);
      await ledger.stop();

      await lab.powerOn(primary);
      await waits(primary);
      await lab.powerOn(standby);
      await bothHoldAll(ledger);
    },
    LIMIT_MS,
  );

  test(
    'a primary whose disk fills up gives its role away while it still can',
    async () => {
      const [primary, standby] = await ledBy();
      await using ledger = await labLedger(lab, PACE);
      await ledger.steady();
      const leave64MiB =
        'fallocate -l $(($(df -P /var/lib/mysql | awk "NR == 2 { print \\$4 }") - 65536))KiB /var/lib/mysql/filler';
      await using filler = new AsyncDisposableStack();
      filler.defer(async () => void (await lab.exec(primary, 'rm /var/lib/mysql/filler')));
      expect((await lab.exec(primary, leave64MiB)).code).toBe(0);
      await leads(standby);
      await ledger.steady();
      expect(await ledger.missingAt(ADDRESSES[standby])).toEqual([]);
      await until(async () => (await statusOf(lab, primary)).vip === 'FAULT', `${primary} stays away`);
      await until(async () => (await statusOf(lab, primary)).readonly === '1', `${primary} is fenced`);
      await filler.disposeAsync();
      await ledger.stop();
      await bothHoldAll(ledger);
    },
    LIMIT_MS,
  );

  test(
    'a clock that is wrong by days changes no role, and does not stand in the way of a failover',
    async () => {
      const [, behind] = await ledBy();
      const byMs = -5 * 86_400_000;
      await using _skew = await lab.fault(behind, { kind: 'clock-skew', unit: 'mariadb', byMs });
      const [primary, standby] = await ledBy();
      await using ledger = await labLedger(lab, PACE);
      await ledger.steady();
      await lab.exec(primary, 'kill -9 $(pidof mariadbd)');
      await leads(standby);
      await ledger.steady();
      expect(await ledger.missingAt(ADDRESSES[standby])).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'a standby that cannot apply what it received says so, does not lead without it, and is mended by apply',
    async () => {
      const [primary, standby] = await ledBy();
      await using ledger = await labLedger(lab, PACE);
      await ledger.steady();
      await sql(standby, "SET sql_log_bin=0; INSERT INTO ledger.rows_of VALUES ('twice')");
      await sql(primary, "INSERT INTO ledger.rows_of VALUES ('twice')");
      await until(
        async () => (await statusOf(lab, standby)).state === 'broken by error 1062',
        `${standby} says that it is broken`,
      );
      const verified = await lab.program.run('verify', '--lab');
      expect(verified.code).toBe(1);
      expect(verified.stdout).toContain("Duplicate entry 'twice'");

      await lab.exec(primary, 'systemctl kill -s KILL mariadb; systemctl stop mariadb');
      await until(async () => (await statusOf(lab, standby)).peerheard === '1', 'nobody answers there');
      await mayNotLead(standby);
      await lab.exec(primary, 'systemctl start mariadb');
      await leads(primary);
      await ledger.steady();
      await ledger.stop();
      await apply();
      await bothHoldAll(ledger);
    },
    LIMIT_MS,
  );

  test(
    'under availability: stop a primary without its standby acknowledges nothing, and a standby takes over as fast',
    async () => {
      lab.site(MARIADB_SITE.replace('availability: continue', 'availability: stop'));
      await apply();
      const [primary, standby] = await ledBy();
      await using ledger = await labLedger(lab, PACE);
      await ledger.steady();
      await lab.powerOff(standby);
      const before = await ledger.count();
      // Longer than `ackTimeout`, after which it would go on alone under `continue`.
      await lab.run('sleep 5');
      expect(await ledger.count()).toBeLessThanOrEqual(before + 4);
      await lab.powerOn(standby);
      await ledger.steady();
      await ledBy();

      await lab.powerOff(primary);
      await leads(standby);
      await ledger.steady();
      expect(await ledger.missingAt(ADDRESSES[standby])).toEqual([]);
    },
    LIMIT_MS,
  );
});

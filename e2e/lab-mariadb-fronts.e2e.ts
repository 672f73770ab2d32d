/**
 * HAProxy and nginx in front of a MariaDB pair: two proxies with an address of their own, whose member is the pair's
 * address. Writers go through the front, and lose nothing when the primary or the proxy that they go through dies.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labMissing, type TestLab } from '../test/lab.ts';
import { labLedger } from '../test/mariadb-lab.ts';
import {
  MARIADB_SITE,
  MARIADB_VIP,
  rejoin,
  startMariadbLab,
  statusOf,
  waitForPair,
} from '../test/mariadb-pair.ts';
import { titleOf } from '../test/title-of.ts';
import { until } from '../test/until.ts';

const LIMIT_MS = 240_000;
const FRONT = '10.78.1.60';
const KINDS = ['haproxy', 'nginx'] as const;

function siteWith(kind: (typeof KINDS)[number]): string {
  return MARIADB_SITE.replace(
    '  db2: 10.78.1.12\n',
    '  db2: 10.78.1.12\n  p1: 10.78.1.21\n  p2: 10.78.1.22\n',
  ).replace(
    'endpoints:\n',
    `endpoints:
  front:
    addresses: [${FRONT}]
    driver: { kind: ${kind}, ports: [3306], proxies: [p1, p2] }
    members: [{ host: db1, address: ${MARIADB_VIP} }]
    probes: [{ kind: tcp, port: 3306 }]
    interval: 500ms
    timeout: 500ms
`,
  );
}

describe.skipIf(labMissing !== undefined)(titleOf('a proxy in front of a MariaDB pair', labMissing), () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startMariadbLab('mariadb-fronts', { site: siteWith('haproxy') });
  }, LIMIT_MS);
  afterAll(async () => await lab?.down());

  test.each(KINDS)(
    '%s leads writers to whoever is primary, and nothing acknowledged is lost',
    async (kind) => {
      lab.site(siteWith(kind));
      const { code, stderr } = await lab.program.run('apply', '-y', '--accept-final', '--lab');
      expect(code, stderr).toBe(0);
      const from = (await statusOf(lab, 'db2')).readonly === '0' ? 'db2' : 'db1';
      const to = from === 'db1' ? 'db2' : 'db1';
      await waitForPair(lab, from);
      await using ledger = await labLedger(lab, { at: FRONT });
      await ledger.steady();
      await lab.exec(from, 'kill -9 $(pidof mariadbd)');
      await until(async () => (await statusOf(lab, to)).readonly === '0', `${to} is primary`, 20_000);
      await ledger.steady();
      await lab.powerOff('p1');
      await until(
        async () => (await lab.exec('p2', 'ip -o addr')).stdout.includes(FRONT),
        'p2 has the front',
        20_000,
      );
      await ledger.steady();
      expect(await ledger.missingAt(to === 'db1' ? '10.78.1.11' : '10.78.1.12')).toEqual([]);
      await ledger.stop();
      await lab.powerOn('p1');
      await rejoin(lab, from);
    },
    LIMIT_MS,
  );
});

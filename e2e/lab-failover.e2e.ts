/**
 * Failover of a DNS endpoint as its clients see it: `holdfast watch --lab` answers on the controller, a third host asks
 * and fetches all the time with curl and the resolver of its C library, and the active host loses power, network and
 * breath.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../src/lab/faults/kinds.ts';
import { labMissing, startLab, type TestLab } from '../test/lab.ts';
import type { Running } from '../test/program.ts';
import { titleOf } from '../test/title-of.ts';
import { until } from '../test/until.ts';

const LIMIT_MS = 120_000;
const PATIENCE_MS = 60_000;
const NAME = 'www.example.test';
const DNS = '10.72.1.53';
const SITE = `
access: { user: root }
hosts:
  original: 10.72.1.11
  standby: 10.72.1.12
  client: 10.72.2.21
endpoints:
  www:
    name: ${NAME}
    driver: { kind: dns-embedded, listen: [${DNS}] }
    members: [original, standby]
    probes: [{ kind: http, port: 80 }]
    interval: 200ms
    timeout: 300ms
    ttl: 1s
    holdDown: 1s
    failback: manual
`;
const SERVE = `
rm /etc/nginx/sites-enabled/default
echo 'server { listen 80; return 200 "$hostname\\n"; }' >/etc/nginx/conf.d/who.conf
systemctl enable --now nginx`;
/** One line for each try: milliseconds, and who answered, or nothing. */
const CLIENT = `
echo 'nameserver ${DNS}' >/etc/resolv.conf; echo 'options timeout:1 attempts:1' >>/etc/resolv.conf
ask='while :; do who=$(curl -s -m 0.5 http://${NAME}/); echo "$(date +%s%3N) $who"; sleep 0.05; done'
setsid --fork sh -c "$ask" >/root/seen 2>&1 </dev/null`;

interface Try {
  readonly atMs: number;
  /** Empty where nobody answered. */
  readonly who: string;
}

const outages: string[] = [];

describe.skipIf(labMissing !== undefined)(titleOf('a DNS endpoint in the lab', labMissing), () => {
  let lab: TestLab;
  let watcher: Running;
  beforeAll(async () => {
    lab = await startLab({ site: SITE, name: 'failover' });
    for (const host of ['original', 'standby']) await lab.exec(host, SERVE);
    await lab.exec('client', CLIENT);
    watcher = lab.program.start('watch', '--lab=failover');
  }, LIMIT_MS);
  afterAll(async () => {
    watcher?.child.kill('SIGTERM');
    await watcher?.ended;
    await lab?.down();
    console.info(outages.join('\n'));
  }, LIMIT_MS);

  const seen = async (): Promise<Try[]> => {
    const { stdout } = await lab.exec('client', ['cat', '/root/seen']);
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => ({ atMs: Number(line.split(' ')[0]), who: line.split(' ')[1] ?? '' }));
  };
  const follows = async (who: string): Promise<void> =>
    await until(async () => (await seen()).at(-1)?.who === who, `the client gets ${who}`, PATIENCE_MS);

  test.each<{ title: string; fault: Fault }>([
    { title: 'powered off', fault: { kind: 'kill' } },
    { title: 'isolated', fault: { kind: 'isolate' } },
    { title: 'paused', fault: { kind: 'pause' } },
  ])(
    'gives its clients the standby when the active host is $title, and the original when it is asked for',
    {
      timeout: LIMIT_MS,
    },
    async ({ title, fault }) => {
      await follows('original');
      const before = (await seen()).length;

      const begun = await lab.fault('original', fault, { forMs: LIMIT_MS });
      await follows('standby');
      const during = (await seen()).slice(before);
      expect(during.filter(({ who }) => !['', 'original', 'standby'].includes(who))).toEqual([]);
      const first = during.findIndex(({ who }) => who === 'standby');
      expect(during.slice(first).filter(({ who }) => who === 'original')).toEqual([]);
      const last = during.slice(0, first).findLast(({ who }) => who === 'original');
      const outageMs = (during[first]?.atMs ?? 0) - (last?.atMs ?? during[0]?.atMs ?? 0);
      outages.push(
        `active host ${title}: ${outageMs} ms between the last answer of the original and the first of the standby`,
      );

      await begun.end();
      // By hand: the third failover within minutes counts as flapping, and a failback by itself would wait.
      await until(
        async () => (await lab.program.run('failback', '--lab=failover')).code === 0,
        'the original is well',
        PATIENCE_MS,
      );
      await follows('original');
    },
  );
});

/**
 * A name that fails over, on real hosts: BIND made from nothing as the runbook has it, BIND and Knot that belong to
 * somebody else and take updates, two members with nginx, and a client that asks as every program does. The watcher
 * runs beside them while members lose power, network and breath, BIND is off or killed, and a person edits the zone.
 */
import { expect, onTestFinished } from 'vitest';
import { describeLab, type Operator } from '../test/lab-story.ts';
import { makeTsigKey } from '../test/named.ts';
import { until } from '../test/until.ts';

const HOSTS = `
bind: 10.63.0.53
knot: 10.63.0.54
original: 10.63.0.11
standby: 10.63.0.12
client: 10.63.0.21
`;
/** The runbook's zone, and its reverse zone for the addresses of the lab. */
const ZONE = 'tinder-node-server.com';
const REVERSE = '0.63.10.in-addr.arpa';
const NAME = `www.${ZONE}`;
const FILE = `/etc/bind/${ZONE}.zone`;
const ADDRESS = { original: '10.63.0.11', standby: '10.63.0.12' };
type Member = keyof typeof ADDRESS;
const PATIENCE_MS = 60_000;
/** Longer than a story: a fault ends where the story ends it. */
const LONG = { forMs: 600_000 };
/** Nobody uses the members yet: they may be touched at the same time. */
const FIRST_TIME = ['--override', 'engine/all-members-at-once'];
const key = makeTsigKey('holdfast', 'hmac-sha256');

const endpoint = (name: string, dnsName: string, driver: string): string => `  ${name}:
    name: ${dnsName}
    driver: ${driver}
    members: [original, standby]
    probes: [{ kind: http, port: 8080 }]
    interval: 500ms
    timeout: 500ms
    ttl: 1s
    holdDown: 1s
    failback: manual
`;
const BIND_ENDPOINT = endpoint(
  'www',
  NAME,
  `{ kind: dns-bind, server: bind, zone: ${ZONE}, zoneFile: ${FILE}, reverse: [{ zone: ${REVERSE}, zoneFile: /etc/bind/${ZONE}.local }] }`,
);
const updated = (name: string, server: string, zone: string, more = ''): string =>
  endpoint(
    name,
    `app.${zone}`,
    `{ kind: dns-update, server: ${server}, zone: ${zone}, key: { name: holdfast, secret: 'env:KEY' }${more} }`,
  );
const STACKS = `stacks:
  web:
    kind: baseline
    hosts: [original, standby]
    files: [{ path: /etc/nginx/conf.d/who.conf, content: "server { listen 8080; return 200 $hostname; }\\n", restart: nginx }]
    services: [nginx]
  clients:
    kind: baseline
    hosts: client
    files: [{ path: /etc/resolv.conf, content: "nameserver 10.63.0.53\\noptions timeout:1 attempts:2\\n" }]
`;

/** A zone that its owner made by hand, as BIND and Knot read it. */
const emptyZone = `\\$TTL 1h
@ IN SOA ns.example.com. hostmaster.example.com. ( 1 1h 15m 1w 1h )
@ IN NS ns.example.com.
other IN A 10.63.0.99
`;
const BIND_OF_OTHERS = `
cat >/etc/bind/keys.conf <<END
key "${key.name}" { algorithm ${key.algorithm}; secret "${key.secret}"; };
END
chown root:bind /etc/bind/keys.conf; chmod 640 /etc/bind/keys.conf
cat >/var/lib/bind/bind.test.zone <<END
${emptyZone}END
chown bind:bind /var/lib/bind/bind.test.zone
cat >/etc/bind/others.conf <<END
include "/etc/bind/keys.conf";
zone "bind.test" { type primary; file "/var/lib/bind/bind.test.zone";
  update-policy { grant holdfast name app.bind.test. A AAAA; grant holdfast name _holdfast.app.bind.test. TXT; }; };
END
echo 'include "/etc/bind/others.conf";' >>/etc/bind/named.conf.local
rndc reconfig
`;
const KNOT_OF_OTHERS = `
umask 027
cat >/etc/knot/knot.conf <<END
server:
    listen: 10.63.0.54@53
key:
  - id: ${key.name}
    algorithm: ${key.algorithm}
    secret: ${key.secret}
acl:
  - id: updates
    key: ${key.name}
    action: update
template:
  - id: default
    storage: /var/lib/knot
    file: "%s.zone"
zone:
  - domain: knot.test
    acl: updates
END
cat >/var/lib/knot/knot.test.zone <<END
${emptyZone}END
chown -R knot:knot /etc/knot/knot.conf /var/lib/knot
systemctl enable --quiet --now knot
`;

describeLab('a name that fails over', { name: 'dns', hosts: HOSTS }, (stories) => {
  const { story, on } = stories;
  const short = async (server: string, ...question: string[]): Promise<string> =>
    (await on('client', ['dig', '+short', `@${server}`, ...question])).trim();
  /** What a program on the client gets: by the resolver of its C library, and then over HTTP by the name. */
  const clientGets = async (): Promise<string> => {
    const { stdout } = await stories.lab.exec('client', `getent ahostsv4 ${NAME} | awk '{ print $1; exit }'`);
    return stdout.trim();
  };
  const site = (operator: Operator, ...more: string[]): void => {
    operator.program.env.KEY = key.secret;
    operator.site(`endpoints:\n${BIND_ENDPOINT}${more.join('')}${STACKS}`);
  };

  story(
    'BIND from nothing serves the zones of the runbook, forward and reverse, and again is nothing',
    async (operator) => {
      site(operator);
      expect(await on('bind', 'systemctl is-enabled named || true')).toBe('disabled\n');
      const { stdout } = await operator.expects(3, 'plan');
      const shown = stdout.replaceAll(/^[ │]*\+/gm, '');
      expect(shown).toContain(
        `zone "${ZONE}" IN {\n    type master;\n    file "${FILE}";\n    allow-update { none; };\n};\n`,
      );
      expect(shown).toContain(
        `zone "${REVERSE}" IN {\n    type master;\n    file "/etc/bind/${ZONE}.local";\n    allow-update { none; };\n};\n`,
      );
      const careful = await operator.expects(4, 'apply', '--yes');
      expect(careful.stderr).toContain('the plan may interrupt all members of the endpoint www');
      await operator.expects(0, 'apply', '--yes', ...FIRST_TIME);

      await on('bind', 'named-checkconf -z /etc/bind/named.conf');
      expect(await short('10.63.0.53', NAME)).toBe(ADDRESS.original);
      expect(await short('10.63.0.53', '-x', ADDRESS.original)).toBe(`${NAME}.`);
      expect(await short('10.63.0.53', ZONE, 'NS')).toBe(`ns.${ZONE}.`);
      expect(await short('10.63.0.53', `ns.${ZONE}`)).toBe('10.63.0.53');
      expect(await clientGets()).toBe(ADDRESS.original);
      expect(await on('client', `curl -sS http://${NAME}:8080/`)).toBe('original');
      const again = await operator.expects(0, 'apply', '--yes');
      expect(again.stdout).toContain('nothing to change');
      await operator.expects(0, 'verify');
    },
  );

  story(
    'the name follows the members through power cuts, a cut cable and a frozen host; BIND comes back to what was decided',
    async (operator) => {
      const { lab } = stories;
      site(operator, updated('app', 'bind', 'bind.test'), updated('repo', 'knot', 'knot.test'));
      await operator.expects(0, 'apply', '--yes', ...FIRST_TIME, '--endpoints', 'www');
      await on('bind', BIND_OF_OTHERS);
      await on('knot', KNOT_OF_OTHERS);
      await operator.expects(0, 'apply', '--yes', ...FIRST_TIME);
      const watch = operator.start('watch', '--json');
      onTestFinished(() => void watch.child.kill('SIGKILL'));

      // A server that is off answers nothing.
      const asks = async (server: string, name: string): Promise<string> =>
        (await lab.exec('client', ['dig', '+short', '+tries=1', `@${server}`, name])).stdout.trim();
      const answers = async (): Promise<string[]> => [
        await clientGets(),
        await asks('10.63.0.53', 'app.bind.test'),
        await asks('10.63.0.54', 'app.knot.test'),
      ];
      const follows = async (member: Member): Promise<void> => {
        const wanted = Array<string>(3).fill(ADDRESS[member]).join();
        let got: string[] = [];
        await until(
          async () => {
            got = await answers();
            return got.join() === wanted;
          },
          `every name leads to ${member}`,
          PATIENCE_MS,
        ).catch((error: Error) => {
          throw new Error(`${error.message}; the last answers were ${got.join()}`);
        });
        expect(await on('client', `curl -sS http://${NAME}:8080/`)).toBe(member);
      };
      // The reverse zone is a file of its own, and told after the forward one.
      const pointsBack = async (member: Member, other: Member): Promise<void> => {
        for (const [one, wanted] of [
          [member, `${NAME}.`],
          [other, ''],
        ] as const)
          await expect
            .poll(() => short('10.63.0.53', '-x', ADDRESS[one]), { timeout: PATIENCE_MS })
            .toBe(wanted);
      };
      const failBack = async (): Promise<void> => {
        for (const name of ['www', 'app', 'repo'])
          await until(
            async () => (await operator.run('failback', name)).code === 0,
            `${name} may fail back`,
            PATIENCE_MS,
          );
        await follows('original');
      };
      await follows('original');

      await lab.powerOff('original');
      await follows('standby');
      await pointsBack('standby', 'original');

      await on(
        'bind',
        `sed -i 's/^\\(.*\\); serial/\\1; serial, by hand/' ${FILE} && printf 'git IN A 10.63.0.77 ; asked for by the team\\n' >>${FILE} && rndc reload ${ZONE}`,
      );
      await lab.powerOn('original');
      await failBack();
      await pointsBack('original', 'standby');
      expect(await on('bind', `cat ${FILE}`)).toMatch(
        /; serial, by hand.*git IN A 10\.63\.0\.77 ; asked for by the team/s,
      );
      await on('bind', `named-checkzone ${ZONE} ${FILE}`);
      expect(await short('10.63.0.53', 'other.bind.test'), "the owner's record").toBe('10.63.0.99');

      const cut = await lab.fault('original', { kind: 'isolate' }, LONG);
      await follows('standby');
      await cut.end();

      await lab.powerOff('bind');
      await until(
        async () => (await operator.run('failback', 'www')).stderr.includes('not published'),
        'the failback is decided, and BIND is not there to be told',
        PATIENCE_MS,
      );
      await lab.powerOn('bind');
      await failBack();
      await on('bind', 'systemctl kill --signal KILL named');
      await follows('original');

      const pause = await lab.fault('original', { kind: 'pause' }, LONG);
      await follows('standby');
      await pause.end();
      const status = await operator.expects(0, 'status');
      expect(status.stdout).not.toContain('NOT PUBLISHED');
      watch.child.kill('SIGTERM');
      expect((await watch.ended).code).toBe(0);
      expect(await clientGets(), 'without a watcher the name stays').toBe(ADDRESS.standby);
    },
    300_000,
  );
});

/** The pure half: facts, findings, configuration, accounts, rules and the order of a plan. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noFacts } from '../../../test/facts.ts';
import { siteOf } from '../../../test/site.ts';
import { renderReason } from '../../base/reason.ts';
import type { FactQuery, Facts } from '../../hosts/fact.ts';
import type { Site, StackSpec } from '../../site/model.ts';
import { accountsOf, hostPattern } from './accounts.ts';
import { duplicatesIn } from './duplicate-keys.ts';
import { type MariadbState, stateOf } from './facts.ts';
import { findingsOf } from './findings.ts';
import { mariadb } from './index.ts';
import { pairOf } from './pair.ts';
import { reasons } from './reasons.ts';
import { mariadbRules } from './rules/rules.ts';
import type { MariadbSpec } from './schema.ts';
import { bufferPoolOf, serverConf } from './server-conf.ts';

const SITE = `
hosts: { db1: 10.0.0.1, db2: 10.0.0.2 }
endpoints:
  db: { addresses: [10.0.0.9], driver: keepalived, members: [db1, db2] }
stacks:
  db:
    kind: mariadb
    endpoint: db
    availability: continue
    replication: { password: env:REPL }
    platform: { user: cloudpods, password: env:APP, networks: [10.127.10.0/24] }
`;

function open(text = SITE): { site: Site; stack: StackSpec<MariadbSpec> } {
  const site = siteOf(text);
  return { site, stack: site.stacks.get('db') as StackSpec<MariadbSpec> };
}

const EMPTY: MariadbState = {
  version: { text: '10.11.19', major: 10, minor: 11 },
  isRunning: true,
  isAsked: true,
  variables: {},
  slave: {},
  accounts: [],
  noPassword: [],
  pastReadOnly: [],
  lead: undefined,
  dataBytes: 0,
  conf: [],
};

function found(states: Readonly<Record<string, Partial<MariadbState>>>): Facts {
  return {
    ...noFacts,
    get: <T, A>({ host, kind }: FactQuery<T, A>) =>
      kind.name === 'mariadb-state' && states[host] !== undefined
        ? ({ ...EMPTY, ...states[host] } as T)
        : undefined,
  };
}

describe("the runbook's my.cnf", () => {
  test('has max_connections twice, 300 and 1000, and nothing else', () => {
    const text = [
      '[mysqld]',
      'skip_name_resolve #取消域名解析',
      'max_connections = 300',
      'replicate-ignore-db = information_schema',
      'replicate-ignore-db = performance_schema',
      'max-connections = 1000',
      '[mysqld_safe]',
      'log-error=/var/log/mariadb/mariadb.log',
    ].join('\n');
    expect(duplicatesIn(text)).toEqual([{ key: 'max_connections', lines: [3, 6] }]);
  });

  test('is found on a host with the line numbers, the replication by file and position, and what may log in', () => {
    const { site, stack } = open();
    const runbook: Partial<MariadbState> = {
      conf: [{ path: '/etc/my.cnf', text: '[mysqld]\nmax_connections = 300\nmax_connections = 1000\n' }],
      variables: { server_id: '1', auto_increment_offset: '1', read_only: 'OFF', sync_binlog: '0' },
      slave: { Using_Gtid: 'No' },
      accounts: ['root@%', 'cloudpods@%', 'repl@%', 'root@localhost'],
      pastReadOnly: ['root@%', 'cloudpods@%'],
    };
    const facts = found({ db1: runbook, db2: { ...runbook, conf: [] } });
    const findings = findingsOf(site, stack, facts);
    expect(new Set(findings.map(({ rule }) => rule))).toEqual(
      new Set([
        'mariadb/duplicate-key',
        'mariadb/file-position',
        'mariadb/asynchronous',
        'mariadb/not-durable',
        'mariadb/past-read-only',
        'mariadb/anywhere',
        'mariadb/same-server-id',
        'mariadb/same-offset',
        'mariadb/both-write',
      ]),
    );
    const [first] = findings;
    expect(renderReason(first!.because, [reasons], 'en')).toContain('max_connections 2 times (lines 2, 3)');
    expect(first?.position).toEqual({ file: 'db1:/etc/my.cnf', line: 3, column: 1 });
    const left = findings.filter(({ hint }) => typeof hint === 'object' && hint.code === 'mariadb/by-hand');
    expect(left.map(({ because }) => because.params?.account)).toEqual(['repl@%', 'repl@%']);
  });

  test('is what the drop-in says, without the mistakes', () => {
    const { site, stack } = open();
    const pair = pairOf(site, stack);
    const conf = pair.nodes.map((node) => serverConf(stack.spec, node, pair.paths, 'debian', '512M'));
    expect(conf[0]).toContain('server_id = 1\nauto_increment_increment = 2\nauto_increment_offset = 1');
    expect(conf[1]).toContain('server_id = 2\nauto_increment_increment = 2\nauto_increment_offset = 2');
    for (const text of conf) {
      expect(duplicatesIn(text)).toEqual([]);
      for (const line of [
        'max_connections = 1000',
        'max_binlog_size = 1G',
        'slave_net_timeout = 10',
        'expire_logs_days = 30',
        'read_only = 1',
        'sync_binlog = 1',
        'rpl_semi_sync_master_wait_point = AFTER_SYNC',
        'rpl_semi_sync_master_timeout = 3000',
        'gtid_strict_mode = 1',
        'log_slave_updates = 1',
      ])
        expect(text).toContain(`\n${line}\n`);
    }
  });
});

test('under stop a commit waits for good', () => {
  const { site, stack } = open(SITE.replace('availability: continue', 'availability: stop'));
  const pair = pairOf(site, stack);
  const conf = serverConf(stack.spec, pair.nodes[0], pair.paths, 'redhat', '1G');
  expect(conf).toContain('rpl_semi_sync_master_timeout = 4294967295');
  expect(conf).toContain('/var/log/mariadb/slow-query.log');
});

test('the buffer pool is half of the smaller host, and never less than the server’s own default', () => {
  expect(bufferPoolOf([8 * 2 ** 30, 4 * 2 ** 30])).toBe('2048M');
  expect(bufferPoolOf([2 ** 20])).toBe('128M');
  expect(bufferPoolOf([])).toBe('128M');
});

test('the replication account is for each peer’s address, over TLS; the platform’s for its network, without a way past read-only', () => {
  const { site, stack } = open();
  const accounts = accountsOf(stack.spec, pairOf(site, stack), undefined);
  expect(accounts.map(({ user, host, tls }) => [user, host, tls])).toEqual([
    ['holdfast_repl', '10.0.0.1', true],
    ['holdfast_repl', '10.0.0.2', true],
    ['cloudpods', '10.127.10.0/255.255.255.0', false],
  ]);
  const privileges = accounts.flatMap(({ grants }) => grants.flatMap((grant) => grant.privileges));
  expect(privileges.filter((one) => /SUPER|READ.ONLY|ALL/.test(one))).toEqual([]);
});

test.each([
  ['10.0.0.0/24', '10.0.0.0/255.255.255.0'],
  ['10.1.2.3/16', '10.1.0.0/255.255.0.0'],
  ['192.168.1.7', '192.168.1.7'],
  ['192.168.1.7/32', '192.168.1.7'],
  ['0.0.0.0/0', '0.0.0.0/0.0.0.0'],
])('the network %s is %s to MariaDB', (network, pattern) => {
  expect(hostPattern(network)).toBe(pattern);
});

test('what a host says becomes facts; positions do not count for the digest of a plan', () => {
  const { kind, args } = stateOf('db1', '/etc/holdfast/mariadb/db');
  const conf = Buffer.from('[mysqld]\nport=3306\n').toString('base64');
  const state = kind.parse(
    `version mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu\nconf /etc/my.cnf ${conf}\nrunning\nasked
var server_id 1\nvar gtid_binlog_pos 0-1-7\nvar read_only ON\nslave Using_Gtid No\nslave Last_SQL_Error Error 'x y'
account root@localhost\nopen @db1\npast root@%\nlead 3 db2\ndata 1024\t/var/lib/mysql\n`,
    args,
  );
  expect(state.version).toEqual({ text: '10.11.19', major: 10, minor: 11 });
  expect(state.conf).toEqual([{ path: '/etc/my.cnf', text: '[mysqld]\nport=3306\n' }]);
  expect(state.slave).toEqual({ Using_Gtid: 'No', Last_SQL_Error: "Error 'x y'" });
  expect([state.lead, state.dataBytes, state.noPassword, state.pastReadOnly]).toEqual([
    { epoch: 3, node: 'db2' },
    1_048_576,
    ['@db1'],
    ['root@%'],
  ]);
  const moved = { ...state, variables: { ...state.variables, gtid_binlog_pos: '0-1-99' } };
  expect(kind.stable?.(moved)).toEqual(kind.stable?.(state));
  expect(kind.parse('', args)).toMatchObject({ version: undefined, isRunning: false, isAsked: false });
});

describe('the plan', () => {
  const steps = (facts: Facts) => {
    const { site, stack } = open();
    return mariadb.plan(site, stack, facts, { kind: 'build' });
  };

  test('is one after the other, the standby first, the pair proven last', () => {
    const ids = steps(noFacts).map(({ id }) => id);
    const at = (id: string) => ids.indexOf(id);
    expect(at('db/db2/config')).toBeLessThan(at('db/db1/config'));
    expect(at('db/db1/agent-runs')).toBeLessThan(at('db/db1/lead'));
    expect(at('db/db1/accounts')).toBeLessThan(at('db/db2/seed'));
    expect(at('db/db2/together')).toBe(ids.length - 2);
    expect(ids.at(-1)).toBe('db/db1/harden');
    expect(ids).not.toContain('db/db2/adopt');
    expect(
      steps(noFacts)
        .slice(1)
        .every(({ needs }, index) => needs.join() === ids[index]),
    ).toBe(true);
  });

  test('follows the facts: after a failover the second member leads, and the first is restarted first', () => {
    const lead = { epoch: 4, node: 'db2' };
    const ids = steps(found({ db1: { lead: { epoch: 3, node: 'db1' } }, db2: { lead } })).map(({ id }) => id);
    expect(ids).toContain('db/db2/accounts');
    expect(ids.indexOf('db/db1/config')).toBeLessThan(ids.indexOf('db/db2/config'));
    expect(ids.at(-2)).toBe('db/db1/together');
  });

  describe('of a pair made by hand', () => {
    const slave = { Master_Host: '10.0.0.1', Using_Gtid: 'No' };
    const byHand = { db1: { slave }, db2: { slave } };

    test('keeps the address where it is, restarts the primary once as it begins to lead, and adopts before accounts change', () => {
      const planned = steps(found(byHand));
      const ids = planned.map(({ id }) => id);
      const at = (id: string) => ids.indexOf(id);
      const kindOf = (id: string) => planned[at(id)]?.kind;
      expect(at('db/db2/address-stays')).toBeGreaterThan(-1);
      expect(at('db/db2/address-stays')).toBeLessThan(at('db/db2/config'));
      expect([kindOf('db/db2/config'), kindOf('db/db1/config')]).toEqual(['service-config', 'file']);
      expect(planned[at('db/db1/lead')]?.args).toMatchObject({ restart: true });
      expect(at('db/db1/lead')).toBeLessThan(at('db/db2/adopt'));
      expect(at('db/db2/adopt')).toBeLessThan(at('db/db1/accounts'));
      expect(ids.at(-1)).toBe('db/db1/harden');
    });

    test('lets the one lead that has the address', () => {
      const states = found(byHand);
      const vip = [{ address: '10.0.0.9' }];
      const facts: Facts = {
        ...states,
        get: <T, A>(query: FactQuery<T, A>) =>
          query.kind.name === 'addresses' && query.host === 'db2' ? (vip as T) : states.get(query),
      };
      const ids = steps(facts).map(({ id }) => id);
      expect(ids).toContain('db/db2/lead');
      expect(ids).toContain('db/db1/adopt');
    });

    test('is refused where its replication is broken, because each may hold what the other lacks', () => {
      const broken = { slave: { ...slave, Last_SQL_Error: 'Duplicate entry' } };
      expect(() => steps(found({ ...byHand, db1: broken }))).toThrow('each may hold rows');
    });
  });

  test('is refused where a database runs that does not let root in: it may hold anything', () => {
    expect(() => steps(found({ db1: { isAsked: false } }))).toThrow('does not let its root in');
  });

  test('holds no password, only references', () => {
    expect(JSON.stringify(steps(noFacts))).toContain('env:REPL');
  });

  test('refuses a server that knows no GTID, such as that of CentOS 7', () => {
    const version = { text: '5.5.68', major: 5, minor: 5 };
    expect(() => steps(found({ db2: { version } }))).toThrow('knows no GTID');
  });
});

describe('the rules', () => {
  const hits = (text: string) => {
    const { site } = open(text);
    return mariadbRules.flatMap((rule) =>
      [...rule.check(site)].map(({ path }) => `${rule.id} ${path.join('.')}`),
    );
  };

  test('find nothing in a good file', () => expect(hits(SITE)).toEqual([]));

  test('find a name that a controller moves, and a third member', () => {
    expect(hits(SITE.replace('driver: keepalived', 'name: db.test, driver: dns-embedded'))).toEqual([
      'HF401 stacks.db.endpoint',
    ]);
    expect(hits(SITE.replace('members: [db1, db2]', 'members: [db1]'))).toEqual(['HF401 stacks.db']);
  });

  test('find one password for two accounts, and a network as wide as a country', () => {
    expect(hits(SITE.replace('env:APP', 'env:REPL'))).toEqual(['HF402 stacks.db.platform.password']);
    expect(hits(SITE.replace('10.127.10.0/24', '0.0.0.0/0'))).toEqual([
      'HF403 stacks.db.platform.networks.0',
    ]);
  });

  test('find a witness that is one of the two, or that the nodes cannot ask', () => {
    const withWitness = (witness: string, hosts = ''): string =>
      SITE.replace('db2: 10.0.0.2', `db2: 10.0.0.2${hosts}`).replace(
        'endpoint: db\n',
        `endpoint: db\n    witness: ${witness}\n`,
      );
    expect(hits(withWitness('db2'))).toEqual(['HF404 stacks.db.witness']);
    expect(hits(withWitness('w1', ', w1: { address: 10.0.0.3, transport: local }'))).toEqual([
      'HF404 stacks.db.witness',
    ]);
    expect(hits(withWitness('w1', ', w1: 10.0.0.3'))).toEqual([]);
  });
});

test('the role agent is a script that a POSIX shell can read', () => {
  const { status, stderr } = spawnSync('dash', ['-n', join(import.meta.dirname, 'agent', 'role.sh')]);
  expect(stderr.toString()).toBe('');
  expect(status).toBe(0);
});

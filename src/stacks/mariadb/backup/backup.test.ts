import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noFacts } from '../../../../test/facts.ts';
import { siteOf } from '../../../../test/site.ts';
import { renderReason } from '../../../base/reason.ts';
import type { FactQuery, Facts } from '../../../hosts/fact.ts';
import type { StackSpec } from '../../../site/model.ts';
import { accountsOf } from '../accounts.ts';
import { mariadb } from '../index.ts';
import { pairOf } from '../pair.ts';
import type { MariadbSpec } from '../schema.ts';
import { checkAge } from './age-check.ts';
import { type Backup, type Backups, backupsOn } from './fact.ts';
import { backupScript } from './files.ts';
import { backupReasons } from './reasons.ts';
import { parseDrill } from './restore.ts';
import { type BackupSpec, backupSpec, oldestMs, timerLines } from './schema.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 1_800_000_000_000;

const site = siteOf(`
hosts: { db1: 10.0.0.1, db2: 10.0.0.2 }
endpoints:
  db: { addresses: [10.0.0.9], driver: keepalived, members: [db1, db2] }
stacks:
  db: { kind: mariadb, endpoint: db, availability: continue, replication: { password: env:REPL } }
`);
const pair = pairOf(site, site.stacks.get('db') as StackSpec<MariadbSpec>);

function backup(hoursAgo: number): Backup {
  return {
    id: `${hoursAgo} hours ago`,
    role: 'standby',
    version: '10.11.19',
    gtid: '0-1-7',
    beganMs: NOW_MS - hoursAgo * HOUR_MS,
    tookMs: 2_000,
    bytes: 10,
    dataBytes: 100,
  };
}

function check(spec: Partial<BackupSpec>, of: Readonly<Record<string, Partial<Backups>>>) {
  const facts: Facts = {
    ...noFacts,
    unreachable: new Map([['db2', 'no route']]),
    get: <T, A>({ host }: FactQuery<T, A>) =>
      of[host] && ({ nowMs: NOW_MS, whole: [], failed: undefined, ...of[host] } as T),
  };
  const found = checkAge({ ...backupSpec.parse({}), ...spec }, pair, facts);
  const say = (reason: (typeof found)['because']): string => renderReason(reason, [backupReasons], 'en');
  return { ...found, said: say(found.because), warned: found.warnings.map(say) };
}

describe('verify and the backups', () => {
  test('the newest one counts, on whichever host it is', () => {
    const found = check({}, { db1: { whole: [backup(50)] }, db2: { whole: [backup(90), backup(3)] } });
    expect(found).toMatchObject({ ok: true, host: 'db2', warned: [] });
    expect(found.said).toBe('the newest good backup is 3h old, on db2');
  });

  test('one that is older than twice the interval fails, or than what the file says', () => {
    expect(check({}, { db1: { whole: [backup(47)] }, db2: {} }).ok).toBe(true);
    expect(check({}, { db1: { whole: [backup(49)] }, db2: {} }).ok).toBe(false);
    expect(check({ oldest: HOUR_MS }, { db1: { whole: [backup(2)] }, db2: {} }).ok).toBe(false);
  });

  test('none at all fails, and a host that could not be asked is said', () => {
    const found = check({}, { db1: {} });
    expect(found).toMatchObject({ ok: false, said: 'there is no good backup on either host' });
    expect(found.warned[0]).toBe('db2 could not be asked for its backups: no route');
  });

  test('an attempt that failed is a warning while the one before is young', () => {
    const failed = { atMs: NOW_MS - HOUR_MS, said: 'no space' };
    const found = check({}, { db1: {}, db2: { whole: [backup(20)], failed } });
    expect(found).toMatchObject({ ok: true, warned: ['db2: the last backup failed 1h ago: no space'] });
  });
});

test('a day and a time, or an interval, become a timer; twice the interval is the default age', () => {
  expect(timerLines(backupSpec.parse({ at: '04:15' }))).toContain('OnCalendar=*-*-* 04:15:00');
  expect(timerLines(backupSpec.parse({ every: '6h' }))).toContain('OnUnitActiveSec=21600s');
  expect(oldestMs(backupSpec.parse({ every: '6h' }))).toBe(12 * HOUR_MS);
  expect(backupSpec.safeParse({ every: '6h', at: '04:15' }).success).toBe(false);
});

describe('a plan', () => {
  const stepsOf = (more: string, facts = noFacts) => {
    const made = siteOf(`
hosts: { db1: 10.0.0.1, db2: 10.0.0.2 }
endpoints:
  db: { addresses: [10.0.0.9], driver: keepalived, members: [db1, db2] }
stacks:
  db: { kind: mariadb, endpoint: db, availability: continue, replication: { password: env:REPL }, ${more} }
`);
    const stack = made.stacks.get('db') as StackSpec<MariadbSpec>;
    return mariadb.plan(made, stack, facts, { kind: 'build' });
  };
  const isInstalled = (more: string): boolean =>
    JSON.stringify(stepsOf(more).find(({ kind }) => kind === 'package')?.args).includes('"mariadb-backup"');

  test('has a timer on both hosts, and ends with a first backup on the standby', () => {
    const steps = stepsOf('backup: {}');
    const timers = steps.filter(({ id }) => id.endsWith('/backup-runs')).map(({ host }) => host);
    expect(timers).toEqual(['db2', 'db1']);
    expect(steps.at(-1)).toMatchObject({ kind: 'mariadb-first-backup', host: 'db2' });
    expect(stepsOf('seed: dump').map(({ kind }) => kind)).not.toContain('mariadb-first-backup');
  });

  test('stops the timers of a host that still has them, where the file asks for no backups any more', () => {
    const facts: Facts = {
      ...noFacts,
      get: <T, A>({ host, kind }: FactQuery<T, A>) =>
        kind.name === 'mariadb-backups' ? ({ isSetUp: host === 'db1' } as T) : undefined,
    };
    const last = stepsOf('seed: dump', facts).filter(({ id }) => id.endsWith('/no-backup'));
    expect(last).toMatchObject([
      { kind: 'service', host: 'db1', args: { wanted: 'stopped', enabled: false } },
    ]);
  });

  test('installs mariadb-backup where it is used, and not where a dump is asked for', () => {
    expect(isInstalled('seed: backup')).toBe(true);
    expect(isInstalled('seed: dump')).toBe(false);
    expect(isInstalled('seed: dump, backup: {}')).toBe(true);
  });
});

test('the monitor may read the databases that it compares, and no other whose name is alike', () => {
  const { spec } = siteOf(`
hosts: { db1: 10.0.0.1, db2: 10.0.0.2 }
endpoints:
  db: { addresses: [10.0.0.9], driver: keepalived, members: [db1, db2] }
stacks:
  db:
    kind: mariadb
    endpoint: db
    availability: continue
    replication: { password: env:REPL }
    monitor: { password: env:WATCH, networks: [10.0.0.0/24], checksums: [my_shop.a, my_shop.b, c.*] }
`).stacks.get('db') as StackSpec<MariadbSpec>;
  const monitor = accountsOf(spec, pair, undefined).find(({ user }) => user === 'holdfast_watch');
  expect(monitor?.grants.map(({ on }) => on)).toEqual(['*.*', 'holdfast.*', '`my\\_shop`.*', '`c`.*']);
});

describe('what a drill on a host prints', () => {
  const lines = [
    'id a',
    'gtid 0-1-7',
    'ms-read 10',
    'ms-unpack 640',
    'tables 33',
    'table shop.a rows 7 checksum 12',
  ];

  test('is read as phases and findings where all is well', () => {
    expect(parseDrill([...lines, 'whole yes', ''].join('\n'))).toEqual({
      phases: [
        { name: 'read', tookMs: 10 },
        { name: 'unpack', tookMs: 640 },
      ],
      found: [
        { name: 'gtid', value: '0-1-7' },
        { name: 'tables', value: '33' },
        { name: 'table', value: 'shop.a rows 7 checksum 12' },
      ],
    });
  });

  test('is broken where it says so, and nothing at all where it ends in the middle', () => {
    expect(parseDrill([...lines, 'broken shop.b is not in it'].join('\n'))?.broken).toBe(
      'shop.b is not in it',
    );
    expect(parseDrill(lines.join('\n'))).toBeUndefined();
  });
});

describe('the script on the host', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-backup-'));
    for (const name of ['bin', 'run', 'state', 'home', 'data']) mkdirSync(join(folder, name));
    place('backup', backupScript().replace(' PATH=', ` PATH=${folder}/bin:`));
    place('role', '#!/bin/sh\nprintf "%s\\n" "role standby" "state level"\n');
    // A server of two words and a tool whose backup is a few bytes: what is tried is what stands around them.
    place(
      'bin/mariadb',
      `#!/bin/sh\ncase "$*" in *"BINLOG_GTID_POS('bin.000007', 4711)"*) echo 0-1-42 ;; *) printf '%s\\t%s\\n' ${folder}/data 10.11.19 ;; esac\n`,
    );
    place(
      'bin/mariadb-backup',
      `#!/bin/sh\necho files\necho "MySQL binlog position: filename 'bin.000007', position '4711', GTID of the last change '0-1-40'" >&2\n[ ! -e ${folder}/fails ] || exit 1\necho 'completed OK!' >&2\n`,
    );
    settings(3, 0);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const place = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  };
  const settings = (keep: number, keepS: number): void => {
    const lines = [
      `me=db2 home=${folder}/home run=${folder}/run state=${folder}/state keep=${keep} keep_s=${keepS}`,
    ];
    writeFileSync(join(folder, 'backup-settings'), `${lines.join('\n')}\n`);
  };
  const run = (verb: string) => spawnSync(join(folder, 'backup'), [verb], { encoding: 'utf8' });
  const older = (id: string, began: number): void => {
    mkdirSync(join(folder, 'home', id));
    writeFileSync(join(folder, 'home', id, 'about'), `id ${id}\nbegan ${began}\nbytes 10\n`);
  };
  const there = (): string[] => readdirSync(join(folder, 'home')).sort();
  const list = (): Backups => backupsOn('db2', folder).kind.parse(run('list').stdout, { etc: folder });

  test('makes one with its position, size and checksum, and lists it', () => {
    expect(run('run').status).toBe(0);
    const [made] = list().whole;
    expect(made).toMatchObject({ role: 'standby', gtid: '0-1-42', version: '10.11.19' });
    const data = join(folder, 'home', made?.id ?? '', 'data.xb.gz');
    const about = readFileSync(join(folder, 'home', made?.id ?? '', 'about'), 'utf8');
    const sum = spawnSync('sha256sum', [data], { encoding: 'utf8' }).stdout.split(' ')[0];
    expect(about).toContain(`sha256 ${sum}`);
    expect(spawnSync('gzip', ['-dc', data], { encoding: 'utf8' }).stdout).toBe('files\n');
  });

  test('one that fails leaves the older ones and nothing of its own, and says so until one succeeds', () => {
    older('20200101T000000Z', 1_577_836_800);
    writeFileSync(join(folder, 'fails'), '');
    expect(run('run').status).toBe(1);
    expect(there()).toEqual(['20200101T000000Z']);
    expect(list().failed?.said).toContain('mariadb-backup did not end well');
    rmSync(join(folder, 'fails'));
    run('run');
    expect(list().failed).toBeUndefined();
  });

  test('what was cut is removed by the next, and is never listed', () => {
    mkdirSync(join(folder, 'home/.part-20200101T000000Z'));
    mkdirSync(join(folder, 'home/20200102T000000Z'));
    expect(list().whole).toEqual([]);
    run('run');
    expect(there().filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('keeps as many as it is told, the newest', () => {
    for (const day of [1, 2, 3, 4]) older(`2020010${day}T000000Z`, 1_577_836_800 + day);
    run('run');
    expect(list().whole.map(({ id }) => id.slice(0, 8))).toMatchObject(['20200103', '20200104', {}]);
  });

  test('age takes older ones, but never the last good one', () => {
    settings(100, 60);
    older('20200101T000000Z', 1_577_836_800);
    writeFileSync(join(folder, 'fails'), '');
    run('run');
    expect(there()).toEqual(['20200101T000000Z']);
    rmSync(join(folder, 'fails'));
    run('run');
    expect(list().whole.map(({ id }) => id.startsWith('2020'))).toEqual([false]);
  });

  test('a primary leaves it to a standby that follows, and makes it when alone', () => {
    place('role', '#!/bin/sh\nprintf "%s\\n" "role primary" "state together"\n');
    expect(run('run').status).toBe(0);
    expect(there()).toEqual([]);
    place('role', '#!/bin/sh\nprintf "%s\\n" "role primary" "state alone"\n');
    run('run');
    expect(list().whole).toHaveLength(1);
  });
});

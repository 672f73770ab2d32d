/**
 * What goes wrong at night, with the real program and a real sshd: disks that are full or read-only on either side, a
 * service that does not start, a journal that was cut or damaged, a site file that is broken. Each time: the exit code,
 * a message that says where and what to do, nothing lost, and resume or rollback work afterwards.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openProgram, type Program } from '../test/program.ts';
import { type Machine, machineMissing, startMachine } from '../test/sshd-machine.ts';
import { until } from '../test/until.ts';

/** A disk that is nearly nothing, and one that the kernel has remounted after an error. */
const DISKS = `mkdir /srv/small /srv/frozen
mount -t tmpfs -o size=64k none /srv/small
mount -t tmpfs none /srv/frozen
echo old >/srv/frozen/conf
mount -o remount,ro /srv/frozen`;

const suite = machineMissing === undefined ? describe : describe.skip;

let box: Machine;
let program: Program;

const site = (baseline: string): string => `apiVersion: holdfast/v1
kind: Site
metadata: { name: weather }
hosts:
  box: { address: ${box.sshd.address}, port: ${box.sshd.port}, identity: ${box.sshd.identity}, knownHosts: ${box.sshd.knownHosts} }
stacks:
  base:
    kind: baseline
    hosts: box
${baseline}
`;
const FIRST = '{ path: /srv/first, content: "1\\n" }';
const simple = `    files: [${FIRST}]`;
const isOn = (path: string): boolean => existsSync(box.path(path));

/** The message of the one failure: where it was, and what to do. */
function expectFailure(stderr: string, step: string, code: string): void {
  expect(stderr).toMatch(new RegExp(`^error: .*\\(host box, step ${step}, .*site\\.yaml:\\d+:\\d+\\)$`, 'm'));
  expect(stderr).toMatch(new RegExp(`^ {2}→ [A-Z].*\\[${code}\\]$`, 'm'));
  const [run] = program.runs().slice(-1);
  expect(stderr).toContain(`to go on:   holdfast resume ${run}`);
  expect(stderr).toContain(`to go back: holdfast rollback ${run}`);
}

suite(`bad weather${machineMissing === undefined ? '' : ` (${machineMissing})`}`, () => {
  beforeAll(async () => {
    box = await startMachine({
      address: '127.0.0.6',
      setup: DISKS,
      units: { 'web.service': ['/srv/web.conf'] },
    });
  });
  afterAll(() => box?.[Symbol.asyncDispose]());
  beforeEach(() => {
    program = openProgram();
  });
  afterEach(() => program[Symbol.dispose]());

  test('a full disk on the host: the old file stays; with room again, resume goes on', async () => {
    const big = '0123456789'.repeat(10_000);
    writeFileSync(box.path('/srv/small/big'), 'old\n');
    program.site(site(`    files: [${FIRST}, { path: /srv/small/big, content: "${big}" }]`));
    const { code, stderr } = await program.run('apply', '--yes');
    expect(code, stderr).toBe(1);
    expectFailure(stderr, 'base/box/file/srv/small/big', 'host/disk-full');
    expect(stderr).toContain('the old file is untouched');
    expect(execFileSync('ls', ['-A', box.path('/srv/small')], { encoding: 'utf8' })).toBe('big\n');
    expect(readFileSync(box.path('/srv/small/big'), 'utf8')).toBe('old\n');

    const inBox = (...args: string[]) => execFileSync('nsenter', ['-t', `${box.sshd.pid}`, '-m', ...args]);
    inBox('mount', '-o', 'remount,size=1m', '/srv/small');
    const resumed = await program.run('resume');
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(readFileSync(box.path('/srv/small/big'), 'utf8')).toBe(big);
    expect((await program.run('rollback', '--yes')).code).toBe(0);
    expect(readFileSync(box.path('/srv/small/big'), 'utf8')).toBe('old\n');
    expect(isOn('/srv/first')).toBe(false);
  }, 60_000);

  test('a read-only file system on the host: what was never changed does not keep the rollback from going on', async () => {
    program.site(site(`    files: [${FIRST}, { path: /srv/frozen/conf, content: "new\\n" }]`));
    const { code, stderr } = await program.run('apply', '--yes');
    expect(code, stderr).toBe(1);
    expectFailure(stderr, 'base/box/file/srv/frozen/conf', 'host/read-only');
    expect(isOn('/srv/first')).toBe(true);
    const back = await program.run('rollback', '--yes');
    expect(back.code, back.stderr).toBe(0);
    expect(isOn('/srv/first')).toBe(false);
  }, 60_000);

  test('a service that does not start: its last journal lines are shown, and the rollback leaves it as it was', async () => {
    writeFileSync(box.path('/srv/web.conf'), 'fine\n');
    program.site(site('    services: [web]'));
    expect((await program.run('apply', '--yes')).code).toBe(0);
    program.site(
      site('    files: [{ path: /srv/web.conf, content: "broken\\n", restart: web }]\n    services: [web]'),
    );
    const { code, stderr } = await program.run('apply', '--yes');
    expect(code, stderr).toBe(1);
    expectFailure(stderr, 'base/box/config/web.service', 'step/unit-failed');
    expect(stderr).toContain(
      '  | 2026-08-22T10:00:00+0800 standby web[4711]: [emerg] unknown directive "broken"',
    );
    const shown = await program.run('runs', 'show', program.runs()[1] ?? '');
    expect(shown.stdout).toContain('unknown directive "broken"');
    const back = await program.run('rollback', '--yes');
    expect(back.code, back.stderr).toBe(0);
    expect(readFileSync(box.state('units/web.service/active'), 'utf8')).toBe('active\n');
    expect(readFileSync(box.state('units/web.service/loaded'), 'utf8')).toBe('fine\n');
  }, 60_000);

  describe('a full disk under the state folder of the controller', () => {
    let disk: ChildProcess;
    let full: Program;
    const state = '/srv/holdfast-state';
    const outside = (path: string): string => `/proc/${disk.pid}/root${state}/${path}`;

    beforeEach(async () => {
      const setup = `mount -t tmpfs none /srv && mkdir ${state} && mount -t tmpfs -o size=128k none ${state} && echo ready && exec sleep 1000`;
      disk = spawn('unshare', ['-m', '--propagation', 'private', 'sh', '-c', setup], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(disk.stdout as NodeJS.ReadableStream, 'data');
      full = openProgram({ stateDir: state, within: ['nsenter', '-t', `${disk.pid}`, '-m'] });
    });
    afterEach(() => {
      full[Symbol.dispose]();
      disk.kill('SIGKILL');
    });
    /** Leaves not one page. */
    const fill = (): void => {
      try {
        writeFileSync(outside('hog'), Buffer.alloc(1024 * 1024));
      } catch {
        // This is what was wanted.
      }
    };

    test('before it begins: nothing is touched', async () => {
      full.site(site(simple));
      fill();
      const { code, stderr } = await full.run('apply', '--yes');
      expect(code, stderr).toBe(1);
      expect(stderr).toMatch(/^ {2}→ Free space .*\[store\/disk-full\]$/m);
      expect(isOn('/srv/first')).toBe(false);
      rmSync(outside('hog'));
      expect((await full.run('locks')).stderr, 'the lock was given back').toContain('no host is locked');
      expect((await full.run('apply', '--yes')).code).toBe(0);
      expect((await full.run('rollback', '--yes')).code).toBe(0);
    }, 60_000);

    test('in the middle: nothing is begun that is not in the journal, and resume goes on', async () => {
      const files = [1, 2, 3, 4, 5, 6, 7, 8].map(
        (n) => `{ path: /srv/f${n}, content: "${'x'.repeat(600)}" }`,
      );
      full.site(
        site(`    files: [${files.join(', ')}]
    commands:
      - name: wait
        stage: prepare
        run: [sh, -c, 'touch /srv/begun; while [ ! -e /srv/go ]; do sleep 0.1; done; touch /srv/waited']
        creates: /srv/waited
        undo: [rm, -f, /srv/waited, /srv/begun, /srv/go]
      - { name: ${'long-name-'.repeat(20)}a, run: [touch, /srv/a], creates: /srv/a, undo: [rm, -f, /srv/a] }
      - { name: ${'long-name-'.repeat(20)}b, run: [touch, /srv/b], creates: /srv/b, undo: [rm, -f, /srv/b] }
      - { name: ${'long-name-'.repeat(20)}c, run: [touch, /srv/c], creates: /srv/c, undo: [rm, -f, /srv/c] }
      - { name: ${'long-name-'.repeat(20)}d, run: [touch, /srv/d], creates: /srv/d, undo: [rm, -f, /srv/d] }
      - { name: ${'long-name-'.repeat(20)}e, run: [touch, /srv/e], creates: /srv/e, undo: [rm, -f, /srv/e] }
      - { name: ${'long-name-'.repeat(20)}f, run: [touch, /srv/f], creates: /srv/f, undo: [rm, -f, /srv/f] }`),
      );
      const running = full.start('apply', '--yes');
      await until(() => isOn('/srv/begun') || running.child.exitCode !== null);
      fill();
      writeFileSync(box.path('/srv/go'), '');
      const { code, stderr } = await running.ended;
      expect(code, stderr).toBe(1);
      expect(stderr).toMatch(/^ {2}→ Free space .*`holdfast resume`.*\[store\/disk-full\]$/m);
      rmSync(outside('hog'));
      const resumed = await full.run('resume');
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(isOn('/srv/f')).toBe(true);
      const back = await full.run('rollback', '--yes');
      expect(back.code, back.stderr).toBe(0);
      expect(['a', 'b', 'f', 'f1', 'f8', 'waited'].map((name) => isOn(`/srv/${name}`))).not.toContain(true);
    }, 90_000);
  });

  test('a journal cut in its last entry is read without it; damaged in the middle, it is refused', async () => {
    program.site(site(simple));
    expect((await program.run('apply', '--yes')).code).toBe(0);
    const file = program.journalFile();
    const whole = readFileSync(file);
    const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1;
    // `journal-file.test.ts` cuts at every byte.
    for (const cut of [0, whole.length - lastLine - 1]) {
      writeFileSync(file, whole.subarray(0, lastLine + cut));
      const listed = await program.run('runs');
      expect(listed.stdout, `cut after ${cut} bytes`).toMatch(/ 1\/1 +box +cut$/m);
    }
    const resumed = await program.run('resume');
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)).toContain('"succeeded"');

    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, lines.with(1, '{"at":17\0\0\0').join('\n'));
    for (const way of ['resume', 'rollback'] as const) {
      const refused = await program.run(way, ...(way === 'rollback' ? ['--yes'] : []));
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(`${file}:2:1`);
      expect(refused.stderr).toMatch(/^ {2}→ .*[Rr]estore it from a backup.*\[store\/journal-torn\]$/m);
      expect(refused.stderr, 'no control characters on the terminal').not.toContain('\0');
    }
    expect((await program.run('runs')).stdout).toContain('cannot be read');
    writeFileSync(file, lines.join('\n'));
    expect((await program.run('rollback', '--yes')).code).toBe(0);
    expect(isOn('/srv/first')).toBe(false);
  }, 90_000);

  test('a broken site file: every mistake with its line, nothing is touched; runs, locks and the rollback work all the same', async () => {
    program.site(site(simple));
    expect((await program.run('apply', '--yes')).code).toBe(0);
    program.site(site('    fils: []\n    sysctl: 5'));
    for (const command of [['plan'], ['apply', '--yes']]) {
      const { code, stderr } = await program.run(...command);
      expect(code, stderr).toBe(2);
      expect(stderr).toMatch(/site\.yaml:10:5 error .*fils/);
      expect(stderr).toMatch(/site\.yaml:11:\d+ error/);
    }
    expect(isOn('/srv/first')).toBe(true);
    const [newest = ''] = program.runs().slice(-1);
    const hint = /^warning: of .*site\.yaml only hosts and access were read.* mistakes \(2\)/m;
    for (const [says, ...command] of [
      [newest, 'runs'],
      ['/srv/first', 'runs', 'show', newest],
      ['no host is locked', 'locks'],
      ['box is not locked', 'locks', 'release', 'box'],
    ] as const) {
      const { code, stdout, stderr } = await program.run(...command);
      expect(code, stderr).toBe(0);
      expect(stdout + stderr).toContain(says);
      expect(stderr).toMatch(hint);
    }
    const back = await program.run('rollback', '--yes');
    expect(back.code, back.stderr).toBe(0);
    expect(back.stderr).toMatch(hint);
    expect(isOn('/srv/first')).toBe(false);
  }, 60_000);

  test('a file that is no YAML, or has a mistake in its hosts, still refuses the rollback: the way there is unknown', async () => {
    program.site(site(simple));
    expect((await program.run('apply', '--yes')).code).toBe(0);
    for (const text of [
      site('    files: [{'),
      site(simple).replace('address:', 'adress:'),
      site(simple).replace('kind: baseline', 'kind: baselin').replace('box:', 'box: { labels: 5 }\n  rest:'),
    ]) {
      program.site(text);
      const { code, stderr } = await program.run('rollback', '--yes');
      expect(code, stderr).toBe(2);
      expect(stderr).toMatch(/site\.yaml:\d+:\d+ error/);
    }
    expect(isOn('/srv/first')).toBe(true);
    program.site(site(simple));
    expect((await program.run('rollback', '--yes')).code).toBe(0);
  }, 60_000);

  test('a run that was stopped, and a broken site file: resume says that the file has changed, and goes on when told to', async () => {
    const blocked = site(
      `    files: [${FIRST}]\n    commands: [{ name: gate, run: [test, -e, /srv/gate], creates: /srv/gate, undo: ['true'] }]`,
    );
    program.site(blocked);
    expect((await program.run('apply', '--yes')).code).toBe(1);
    program.site(`${blocked}stakcs: {}\n`);
    const refused = await program.run('resume');
    expect(refused.code, refused.stderr).toBe(4);
    expect(refused.stderr).toContain('has changed since this run was planned');
    expect(refused.stderr).toMatch(/only hosts and access were read.* mistakes \(1\)/);
    writeFileSync(box.path('/srv/gate'), '');
    const resumed = await program.run('resume', '--accept-moved-site');
    expect(resumed.code, resumed.stderr).toBe(0);
    expect((await program.run('rollback', '--yes')).code).toBe(0);
    rmSync(box.path('/srv/gate'));
  }, 60_000);
});

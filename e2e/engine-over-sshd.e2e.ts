/**
 * A change from beginning to end with the real program, over real sshd processes on machines of their own: plan, apply,
 * drift, rollback; plans kept in a file; crashes of the program and of its connections; Ctrl-C; two operators.
 */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openProgram, type Program, type Running } from '../test/program.ts';
import { type Machine, machineMissing, startMachine } from '../test/sshd-machine.ts';
import { until } from '../test/until.ts';

let one: Machine;
let two: Machine;
let program: Program;

const startOne = (address: string): Promise<Machine> =>
  startMachine({
    address,
    units: { 'web.service': ['/srv/web/web.conf'] },
    packages: { haproxy: '2.6.12-1' },
  });

const hosts = (): string =>
  Object.entries({ one, two })
    .map(
      ([name, { sshd }]) =>
        `  ${name}: { address: ${sshd.address}, port: ${sshd.port}, identity: ${sshd.identity}, knownHosts: ${sshd.knownHosts} }`,
    )
    .join('\n');

const site = (baseline: string, more = ''): string => `apiVersion: holdfast/v1
kind: Site
metadata: { name: pair }
hosts:
${hosts()}
stacks:
  base:
    kind: baseline
    hosts: ${more === '' ? 'all' : 'one'}
${baseline}${more}`;

const whole = `
    packages: [haproxy]
    sysctl: { kernel.msgmax: 9000 }
    directories:
      - { path: /srv/data, mode: '0750', owner: daemon }
    files:
      - { path: /srv/data/motd, content: "Welcome\\n" }
      - { path: /srv/legacy, absent: true }
      - { path: /srv/token, contentFrom: 'env:TOKEN' }
      - { path: /srv/web/web.conf, content: "port 8080\\n", reload: web }
    services: [web]
    commands:
      - { name: init, run: [touch, /srv/initialised], creates: /srv/initialised, undo: [rm, -f, /srv/initialised] }
    hostsFile:
      entries: [{ address: 192.0.2.1, names: [repo.example.com] }]
`;
/** Beside `whole` on the first host: the second one has only to have a file. */
const little = `
  little:
    kind: baseline
    hosts: two
    files: [{ path: /srv/motd, content: "Welcome\\n" }]
`;
/** A file, then a command that waits until the test lets it go on, then another. */
const waiting = `
    files:
      - { path: /srv/motd, content: "Welcome\\n" }
    commands:
      - name: wait
        run: [sh, -c, 'touch /srv/begun; while [ ! -e /srv/go ]; do sleep 0.1; done; touch /srv/waited']
        creates: /srv/waited
        undo: [rm, -f, /srv/waited]
      - { name: last, run: [touch, /srv/last], creates: /srv/last, undo: [rm, -f, /srv/last] }
`;

function layOut(machine: Machine): void {
  execFileSync('find', [machine.path('/srv'), '-mindepth', '1', '-delete']);
  execFileSync('rm', ['-rf', machine.path('/var/lib/holdfast')]);
  mkdirSync(machine.path('/srv/web'));
  writeFileSync(machine.path('/srv/web/web.conf'), 'port 80\n', { mode: 0o640 });
  writeFileSync(machine.path('/srv/legacy'), 'nobody needs it\n');
  chmodSync(machine.path('/srv/legacy'), 0o604);
  execFileSync('chown', ['daemon:games', machine.path('/srv/legacy')]);
}

/** What a rollback has to bring back: bytes, modes and owners, what systemd, the kernel and apt say. */
function picture(machine: Machine): unknown {
  const files = readdirSync(machine.path('/srv'), { recursive: true, withFileTypes: true })
    .filter(({ name }) => !/\.holdfast-(old|discarded)-/.test(name))
    .map((entry) => {
      const path = `${entry.parentPath}/${entry.name}`;
      const { mode, uid, gid } = statSync(path);
      return [
        path.slice(machine.path('').length),
        mode,
        uid,
        gid,
        entry.isFile() ? readFileSync(path, 'latin1') : '',
      ];
    });
  return {
    files: files.sort(),
    hosts: readFileSync(machine.path('/etc/hosts'), 'utf8'),
    dropIns: readdirSync(machine.path('/etc/sysctl.d')).sort(),
    msgmax: execFileSync('nsenter', ['-t', `${machine.sshd.pid}`, '-i', 'cat', '/proc/sys/kernel/msgmax'], {
      encoding: 'utf8',
    }).trim(),
    packages: readdirSync(machine.state('installed')),
    unit: ['active', 'enabled'].map((key) =>
      readFileSync(machine.state(`units/web.service/${key}`), 'utf8').trim(),
    ),
    lock: existsSync(machine.path('/var/lib/holdfast/.lock')),
  };
}

/** What a rollback has kept of a file that somebody changed. */
function discarded(machine: Machine, folder: string, name: string): string {
  const kept = readdirSync(machine.path(folder)).find((each) =>
    each.startsWith(`.${name}.holdfast-discarded-`),
  );
  return readFileSync(machine.path(`${folder}/${kept}`), 'utf8');
}

const suite = machineMissing === undefined ? describe : describe.skip;

suite(`over sshd${machineMissing === undefined ? '' : ` (${machineMissing})`}`, () => {
  beforeAll(async () => {
    [one, two] = await Promise.all([startOne('127.0.0.2'), startOne('127.0.0.3')]);
  });
  afterAll(async () => {
    await one?.[Symbol.asyncDispose]();
    await two?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    program = openProgram();
    program.env.TOKEN = 'correct horse battery staple';
    for (const machine of [one, two]) layOut(machine);
  });
  afterEach(() => {
    for (const machine of [one, two]) writeFileSync(machine.path('/srv/go'), '');
    program[Symbol.dispose]();
  });

  /** Waits until the command of `waiting` is at work on both hosts. */
  const atWork = (running: Running) =>
    until(() => {
      if (running.child.exitCode !== null) throw new Error(running.said());
      return [one, two].every((machine) => existsSync(machine.path('/srv/begun')));
    }).catch((error) => {
      throw new Error(`${error.message}; it said: ${running.said()}`);
    });
  const letGo = (): void => {
    for (const machine of [one, two]) writeFileSync(machine.path('/srv/go'), '');
  };
  const isOn = (path: string): boolean[] => [one, two].map((machine) => existsSync(machine.path(path)));

  test('plan, apply, nothing more to do, somebody’s edits, and all the way back', async () => {
    program.site(site(whole, little));
    const before = [picture(one), picture(two)];
    const planned = await program.run('plan');
    expect(planned.code, planned.stderr).toBe(3);
    expect(planned.stdout).toContain('-nobody needs it');
    expect(planned.stdout).toContain('haproxy: not installed → 2.6.12-1');
    expect(planned.stdout).toContain('kernel.msgmax: 8192 → 9000');
    expect(planned.stdout).toContain('11 steps to change on 2 hosts');
    expect([picture(one), picture(two)], 'a plan touches nothing').toEqual(before);

    const applied = await program.run('apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    expect(applied.stderr).toContain('(11 changed)');
    expect(readFileSync(one.path('/srv/data/motd'), 'utf8')).toBe('Welcome\n');
    expect(readFileSync(one.path('/srv/token'), 'utf8')).toBe(program.env.TOKEN);
    expect(statSync(one.path('/srv/token')).mode & 0o777).toBe(0o600);
    expect(statSync(one.path('/srv/web/web.conf')).mode & 0o777).toBe(0o640);
    expect(readFileSync(one.state('units/web.service/loaded'), 'utf8')).toBe('port 8080\n');
    expect(picture(one)).toMatchObject({
      msgmax: '9000',
      packages: ['haproxy'],
      unit: ['active', 'enabled'],
      lock: false,
    });
    expect(readFileSync(program.journalFile(), 'utf8')).not.toContain(program.env.TOKEN);
    expect(applied.stdout + applied.stderr + planned.stdout).not.toContain(program.env.TOKEN);

    const again = await program.run('apply', '--yes');
    expect(again).toMatchObject({
      code: 0,
      stdout: 'nothing to change: 11 steps as wanted\n',
      stderr: '',
    });
    expect(program.runs()).toHaveLength(1);

    appendFileSync(two.path('/srv/motd'), 'to whoever reads this\n');
    appendFileSync(one.path('/etc/hosts'), '192.0.2.7 printer\n');
    writeFileSync(one.path('/srv/token'), 'a token put in by hand');
    const edited = [picture(one), picture(two)];
    const refused = await program.run('rollback', '--yes');
    expect(refused.code, refused.stderr).toBe(4);
    expect(refused.stderr).toContain('+to whoever reads this');
    expect(refused.stderr).toContain('+192.0.2.7 printer');
    expect(refused.stderr).toMatch(/little\/two\/file\/srv\/motd on two was changed after the run/);
    expect(refused.stderr).toMatch(/→ .*--discard-changes/);
    expect(refused.stderr).not.toContain('put in by hand');
    expect([picture(one), picture(two)], 'nothing is touched').toEqual(edited);

    const back = await program.run('rollback', '--yes', '--discard-changes');
    expect(back.code, back.stderr).toBe(0);
    expect(back.stderr, 'no warning: all of it was looked at again').not.toContain('differs');
    expect(back.stderr).toMatch(/\/srv\/motd on two had been changed .*: \/srv\/\.motd\.holdfast-discarded-/);
    expect(discarded(two, '/srv', 'motd')).toBe('Welcome\nto whoever reads this\n');
    expect(discarded(one, '/srv', 'token')).toBe('a token put in by hand');
    expect([picture(one), picture(two)]).toEqual(before);
  }, 120_000);

  test('a kept plan is applied as it was shown, and refused where the site or a host has moved', async () => {
    const files = (text: string) => site(`    files: [{ path: /srv/motd, content: "${text}\\n" }]\n`);
    program.site(files('Welcome'));
    expect((await program.run('plan', '-o', 'kept.plan')).code).toBe(3);
    program.site(files('Go away'));
    const siteMoved = await program.run('apply', '--yes', 'kept.plan');
    expect(siteMoved.code).toBe(4);
    expect(siteMoved.stderr).toMatch(/the site file .*site\.yaml has changed since the plan was made/);
    expect(siteMoved.stderr).toContain('nothing was touched');

    program.site(files('Welcome'));
    writeFileSync(two.path('/srv/motd'), 'somebody was here\n');
    const hostMoved = await program.run('apply', '--yes', 'kept.plan');
    expect(hostMoved.code).toBe(4);
    expect(hostMoved.stderr).toContain('base/two/file/srv/motd on two is no longer as it was shown');
    expect(isOn('/srv/motd')).toEqual([false, true]);

    execFileSync('rm', [two.path('/srv/motd')]);
    const applied = await program.run('apply', '--yes', 'kept.plan');
    expect(applied.code, applied.stderr).toBe(0);
    expect(readFileSync(two.path('/srv/motd'), 'utf8')).toBe('Welcome\n');
  }, 60_000);

  for (const way of ['resume', 'rollback'] as const) {
    test(`kill -9 of the program and of its connections in the middle of a step: ${way} ends whole`, async () => {
      program.site(site(waiting));
      const before = [picture(one), picture(two)];
      const cut = program.start('apply', '--yes');
      await atWork(cut);
      cut.child.kill('SIGKILL');
      await cut.ended;
      one.cutSessions();
      two.cutSessions();
      const locked = await program.run('locks');
      expect(locked.stdout).toMatch(/^one: run \S+ by tester@\S+ since \d{4}-\S+Z, cut$/m);
      expect(locked.stdout).toContain(`holdfast resume ${program.runs()[0]}`);

      letGo();
      const went = await program.run(way, ...(way === 'rollback' ? ['--yes'] : []));
      expect(went.code, went.stderr).toBe(0);
      expect(isOn('/srv/last')).toEqual(way === 'resume' ? [true, true] : [false, false]);
      if (way === 'resume') expect((await program.run('rollback', '--yes')).code).toBe(0);
      for (const machine of [one, two])
        execFileSync('rm', ['-f', machine.path('/srv/begun'), machine.path('/srv/go')]);
      expect([picture(one), picture(two)]).toEqual(before);
    }, 60_000);
  }

  test('connections that die while the program lives: the step fails with its host, and resume goes on', async () => {
    program.site(site(waiting));
    const running = program.start('apply', '--yes');
    await atWork(running);
    two.cutSessions();
    letGo();
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/error: .*lost.*\(host two, step base\/two\/command\/wait/);
    expect(stderr).toContain('to go on:   holdfast resume');
    const resumed = await program.run('resume');
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(isOn('/srv/last')).toEqual([true, true]);
  }, 60_000);

  test('Ctrl-C once finishes the steps under way, and says how to go on', async () => {
    program.site(site(waiting));
    const running = program.start('apply', '--yes');
    await atWork(running);
    running.child.kill('SIGINT');
    await until(() => running.said().includes('asked to stop'));
    letGo();
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('steps not begun: 2');
    expect(isOn('/srv/waited')).toEqual([true, true]);
    expect(isOn('/srv/last')).toEqual([false, false]);
    expect(stderr).toContain(`to go on:   holdfast resume ${program.runs()[0]}`);
    expect(stderr).toContain(`to go back: holdfast rollback ${program.runs()[0]}`);
    expect((await program.run('resume')).code).toBe(0);
    expect(isOn('/srv/last')).toEqual([true, true]);
  }, 60_000);

  test('Ctrl-C twice aborts, and leaves what resume and rollback work from', async () => {
    program.site(site(waiting));
    const running = program.start('apply', '--yes');
    await atWork(running);
    running.child.kill('SIGINT');
    await until(() => running.said().includes('asked to stop'));
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('what was done there is not known');
    expect(isOn('/srv/waited'), 'the commands on the hosts were ended, too').toEqual([false, false]);
    letGo();
    const resumed = await program.run('resume');
    expect(resumed.code, resumed.stderr).toBe(0);
    expect((await program.run('rollback', '--yes')).code).toBe(0);
    expect(isOn('/srv/motd')).toEqual([false, false]);
  }, 60_000);

  test('of two operators the second is told who is at work and since when; a dead one leaves a way out', async () => {
    program.site(site(waiting));
    using other = openProgram({ like: program });
    other.env.USER = 'colleague';
    const running = program.start('apply', '--yes');
    await atWork(running);
    const second = await other.run('apply', '--yes');
    expect(second.code).toBe(4);
    expect(second.stderr).toMatch(/one is locked by tester on \S+ since \d{4}-\S+Z, for the run/);
    expect(second.stderr).toContain('wait for it to end, or talk to tester');
    expect((await other.run('locks')).stdout).toMatch(/^two: run \S+ by tester@.*, under way \(pid \d+\)$/m);
    const release = await other.run('locks', 'release', 'one', '--yes');
    expect(release.code, 'a lock in use is not released').toBe(4);

    running.child.kill('SIGKILL');
    await running.ended;
    letGo();
    const third = await other.run('apply', '--yes');
    expect(third.code).toBe(4);
    const run = program.runs()[0];
    expect(third.stderr).toContain(`that run was cut: \`holdfast resume ${run}\``);
    for (const host of ['one', 'two']) {
      const released = await other.run('locks', 'release', host, '--yes');
      expect(released.stderr).toContain(`${host} is no longer locked`);
    }
    const fourth = await other.run('apply', '--yes');
    expect(fourth.code, fourth.stderr).toBe(0);
    expect((await other.run('locks')).stderr).toContain('no host is locked');
  }, 90_000);
});

/** The ways to a host, and the ways not to get there, with the real program and a real sshd, sudo and known_hosts. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openProgram, type Program } from '../test/program.ts';
import { freePort, makeKey } from '../test/sshd.ts';
import { type Machine, machineMissing, startMachine } from '../test/sshd-machine.ts';
import { userMissing } from '../test/temporary-user.ts';

/** In the machine's own /etc: this one's users stay as they are. */
const USERS = `for name in asks never; do useradd --create-home --shell /bin/sh "$name"; echo "$name:pw of $name" | chpasswd; done
printf 'asks ALL=(ALL) ALL\\n' >/etc/sudoers.d/holdfast-test
chmod 440 /etc/sudoers.d/holdfast-test`;

const missing = machineMissing ?? userMissing;
const suite = missing === undefined ? describe : describe.skip;

let box: Machine;
let program: Program;

const site = (host: string, more = ''): string => `apiVersion: holdfast/v1
kind: Site
metadata: { name: access }
hosts:
  box: { ${host} }
${more}
stacks:
  base: { kind: baseline, hosts: [box], files: [{ path: /srv/motd, content: "Welcome\\n", mode: '0600' }] }
`;

/** What every refusal has to have: its exit code, the place of the host in the site file, and that nothing happened. */
async function refusedPlan(host: string, more = ''): Promise<string> {
  program.site(site(host, more));
  const { code, stdout, stderr } = await program.run('plan');
  expect(code, stdout + stderr).toBe(4);
  expect(stderr).toMatch(/site\.yaml:5:\d+ error \S+ host 'box' cannot be worked on: /);
  expect(stderr).toContain('nothing was touched');
  expect(stderr).toMatch(/^ {2}→ [A-Z]/m);
  return stderr;
}

suite(`ways to a host${missing === undefined ? '' : ` (${missing})`}`, () => {
  let way: string;
  let login: string;

  beforeAll(async () => {
    box = await startMachine({
      address: '127.0.0.4',
      setup: USERS,
      config: ['PasswordAuthentication yes', 'PermitRootLogin prohibit-password'],
    });
    const { address, port, identity, knownHosts } = box.sshd;
    way = `address: ${address}, port: ${port}`;
    login = `${way}, knownHosts: ${knownHosts}, identity: ${identity}`;
  });
  afterAll(() => box?.[Symbol.asyncDispose]());
  beforeEach(() => {
    program = openProgram();
    program.env.ASKS = 'pw of asks';
    program.env.WRONG = 'a wrong one';
  });
  afterEach(() => program[Symbol.dispose]());

  test('a user logs in and becomes root with passwords from the environment and from a file', async () => {
    const { knownHosts } = box.sshd;
    program.site(
      site(
        `${way}, knownHosts: ${knownHosts}, user: asks, password: 'env:ASKS', sudo: { password: 'env:ASKS' }`,
      ),
    );
    const applied = await program.run('apply', '--yes', '--verbose');
    expect(applied.code, applied.stderr).toBe(0);
    expect(statSync(box.path('/srv/motd'))).toMatchObject({ uid: 0, mode: 0o100600 });
    expect(applied.stdout + applied.stderr + readFileSync(program.journalFile(), 'utf8')).not.toContain(
      'pw of',
    );

    const file = `${program.folder}/password`;
    writeFileSync(file, 'pw of asks\n', { mode: 0o600 });
    program.site(site(`${login}, user: asks, sudo: { password: 'file:${file}' }`));
    const back = await program.run('rollback', '--yes');
    expect(back.code, back.stderr).toBe(0);
    expect(existsSync(box.path('/srv/motd'))).toBe(false);
  }, 60_000);

  test('a wrong password for sudo, none where one is asked for, and a user who may not', async () => {
    const user = `${login}, user: asks`;
    const wrong = await refusedPlan(`${user}, sudo: { password: 'env:WRONG' }`);
    expect(wrong).toContain('env:WRONG');
    expect(wrong).not.toContain(program.env.WRONG);
    expect(await refusedPlan(`${user}, sudo: nopasswd`)).toContain('sudo: {password: env:NAME}');
    const never = await refusedPlan(`${login}, user: never, sudo: { password: 'env:ASKS' }`);
    expect(never).toMatch(/sudo\.password|sudoers/);
    expect(await refusedPlan(`${user}, sudo: { password: 'env:UNSET' }`)).toContain('read -rs UNSET');
  }, 60_000);

  test('a wrong password, a key that nobody knows, and one that is not there', async () => {
    const { knownHosts } = box.sshd;
    const there = `${way}, knownHosts: ${knownHosts}`;
    expect(await refusedPlan(`${there}, user: asks, password: 'env:WRONG'`)).toContain('env:WRONG');
    const other = makeKey(program.folder, 'other').file;
    const refused = await refusedPlan(`${there}, identity: ${other}`);
    expect(refused).toContain(other);
    expect(refused).toContain('~root/.ssh/authorized_keys');
    expect(await refusedPlan(`${there}, identity: /nowhere/id`)).toContain('/nowhere/id');
  }, 60_000);

  test('an unknown and a changed host key, with the line and what to do', async () => {
    const { address, port, identity, hostKeys } = box.sshd;
    const empty = `${program.folder}/empty`;
    writeFileSync(empty, '');
    const unknown = await refusedPlan(`${way}, identity: ${identity}, knownHosts: ${empty}`);
    expect(unknown).toContain(`ssh-keyscan -p ${port} -t ed25519 ${address} >> ${empty}`);
    expect(unknown).toContain(`hostKey: '${hostKeys[0]}'`);
    expect(readFileSync(empty, 'utf8'), 'nothing is trusted by itself').toBe('');

    const old = `${program.folder}/old`;
    writeFileSync(
      old,
      `# kept since 2019\n[${address}]:${port} ${makeKey(program.folder, 'old-key').line}\n`,
    );
    const changed = await refusedPlan(`${way}, identity: ${identity}, knownHosts: ${old}`);
    expect(changed).toContain(`${old}:2`);
    expect(changed).toContain(`ssh-keygen -R '[${address}]:${port}' -f ${old}`);

    program.site(site(`${way}, identity: ${identity}, hostKey: '${hostKeys[0]}', knownHosts: ${empty}`));
    expect((await program.run('plan')).code, 'a pinned key is enough').toBe(3);
  }, 60_000);

  test('a closed port, and a name that does not resolve', async () => {
    const { identity } = box.sshd;
    const port = await freePort('127.0.0.4');
    expect(await refusedPlan(`address: 127.0.0.4, port: ${port}, identity: ${identity}`)).toContain(
      `127.0.0.4:${port}`,
    );
    expect(await refusedPlan(`address: no.such.host.invalid, identity: ${identity}`)).toContain(
      'no.such.host.invalid',
    );
  }, 60_000);

  test('through a jump host, which is another sshd', async () => {
    await using jump = await startMachine({ address: '127.0.0.5', config: ['AllowTcpForwarding yes'] });
    const { sshd } = jump;
    const others = `  jump: { address: ${sshd.address}, port: ${sshd.port}, identity: ${sshd.identity}, knownHosts: ${sshd.knownHosts} }`;
    program.site(site(`${login}, jump: [jump]`, others));
    const applied = await program.run('apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    expect(readFileSync(box.path('/srv/motd'), 'utf8')).toBe('Welcome\n');
    expect(sshd.log()).toContain('Accepted publickey');
    expect((await program.run('rollback', '--yes')).code).toBe(0);
  }, 60_000);

  test('a user who is not root and has no sudo cannot lock the host, and is told what to do', async () => {
    program.site(site(`${login}, user: never, sudo: none`));
    const { code, stderr } = await program.run('apply', '--yes');
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: .*lock.*\(host box\)/);
    expect(stderr).toContain('--lock-file');
    expect(existsSync(box.path('/srv/motd'))).toBe(false);
  }, 60_000);
});

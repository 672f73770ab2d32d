/** The lab from outside: what `docs/lab.md` promises, with the real program. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { groupFolder } from '../src/lab/control-group.ts';
import { labFolders } from '../src/lab/folders.ts';
import { labMissing, nothingToDo, startLab, withHead, withLab } from '../test/lab.ts';
import { openProgram, type Program } from '../test/program.ts';
import { titleOf } from '../test/title-of.ts';
import { until } from '../test/until.ts';

const LIMIT_MS = 120_000;
const SITE = `
access: { user: root, identity: ~/.ssh/id_ed25519 }
hosts:
  one: { address: 10.61.1.11, addresses: ['fd61:1::11'] }
  two: { address: 10.61.2.12, addresses: ['fd61:2::12'], user: ops, port: 2222 }
`;

const STANDIN = `#!/bin/sh
# stands-in-for: vendor-installer
# runbook: this test
# installs-as: /usr/local/bin/vendor-installer
# starts: nginx
echo "a stand-in starts nginx"
systemctl start nginx
`;

/** The program with labs of its own. */
function ownLabs(name: string): { program: Program; labs: string } {
  const program = openProgram();
  const labs = mkdtempSync(join(tmpdir(), 'holdfast-labs-'));
  program.env.HOLDFAST_LABS = labs;
  program.site(withHead(name, SITE));
  onTestFinished(async () => {
    await program.run('lab', 'down', '--all');
    program[Symbol.dispose]();
    rmSync(labs, { recursive: true, force: true });
  });
  return { program, labs };
}

/**
 * What is left of a lab: processes with its folder in their command line or with its control group, mounts, groups,
 * files. A zombie holds nothing any more; it waits for a parent that is not the lab's.
 */
function tracesOf(labs: string, name: string): string[] {
  const { cgroup } = labFolders(labs, name);
  const processes = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => {
      const read = (file: string): string => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'utf8');
        } catch {
          return '';
        }
      };
      if (/^\d+ \(.*\) [ZX] /s.test(read('stat'))) return false;
      return read('cmdline').includes(labs) || read('cgroup').includes(cgroup);
    })
    .map((pid) => `process ${pid}: ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`);
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(labs));
  const groups = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']
    .map((hierarchy) => join(hierarchy, cgroup))
    .filter((path) => existsSync(path));
  return [...processes, ...mounts, ...groups, ...readdirSync(labs)];
}

/** A process that was killed leaves its group a moment before it is a zombie. */
async function expectNoTrace(labs: string, name: string): Promise<void> {
  await expect.poll(() => tracesOf(labs, name), { timeout: 5_000 }).toEqual([]);
}

describe.skipIf(labMissing !== undefined)(titleOf('a lab of two hosts', labMissing), () => {
  test(
    'has the addresses of the site, a systemd that runs, and host keys that are checked',
    async () =>
      await withLab({ site: SITE }, async (lab) => {
        for (const host of ['one', 'two']) {
          await until(
            async () => (await lab.exec(host, 'systemctl is-system-running')).stdout === 'running\n',
            `systemd of ${host} says running`,
          );
        }
        const addresses = await lab.exec('one', 'ip -brief address show dev host0');
        expect(addresses.stdout).toMatch(/ 10\.61\.1\.11\/24 fd61:1::11\/64 /);
        expect(lab.controller).toEqual(['10.61.1.1', 'fd61:1::1', '10.61.2.1', 'fd61:2::1']);

        const named = await lab.run(['ssh', '-F', lab.sshConfig, 'two', 'hostname; whoami; sudo whoami']);
        expect(named).toEqual({ code: 0, stdout: 'two\nops\nroot\n', stderr: '' });
        const strict = ['-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes'];
        const unknown = await lab.run(['ssh', '-F', lab.sshConfig, ...strict, 'one', 'true']);
        expect(unknown.code).toBe(255);
        expect(unknown.stderr).toContain('Host key verification failed');
      }),
    LIMIT_MS,
  );

  test(
    'routes between its subnets, of IPv4 and IPv6, and nowhere else',
    async () =>
      await withLab({ site: SITE }, async (lab) => {
        for (const address of ['10.61.2.12', 'fd61:2::12']) {
          const greeting = await lab.exec('one', [
            'bash',
            '-c',
            `read -t 5 g </dev/tcp/${address}/2222; echo "$g"`,
          ]);
          expect(greeting.stdout).toContain('SSH-2.0');
        }
        expect((await lab.exec('one', 'ping -c 1 -W 1 192.0.2.1')).code).not.toBe(0);
        expect((await lab.run('ip -brief link')).stdout).not.toMatch(/^(eth|en)/m);
        expect((await lab.run('ip route show default')).stdout).toBe('');
      }),
    LIMIT_MS,
  );

  test(
    'takes every command of the site with --lab, from the same file',
    async () =>
      await withLab({ site: SITE }, async ({ program }) => {
        const facts = await program.run('facts', '--lab', '--json', '--only', 'kernel');
        expect(facts.stderr).toBe('');
        const { hosts } = JSON.parse(facts.stdout) as {
          hosts: { host: string; facts: { kernel: { hostname: string } } }[];
        };
        expect(hosts.map(({ facts }) => facts.kernel.hostname)).toEqual(['one', 'two']);
        const plan = await program.run('plan', '--lab=test');
        expect(plan).toMatchObject({ code: 0 });
        const ssh = await program.run('lab', 'ssh', 'two', '--', 'exit 7');
        expect(ssh.code).toBe(7);
        const exec = await program.run('lab', 'exec', 'one', '--', 'sh', '-c', 'echo "$HOSTNAME"; exit 3');
        expect(exec.code).toBe(3);
        const logs = await program.run('lab', 'logs', 'one', '-u', 'ssh');
        expect(logs.stdout).toContain('Server listening on');
        const other = await program.run('facts', '--lab', 'tset');
        expect(other.code).toBe(1);
        expect(other.stderr).toContain("Did you mean '--lab test'?");
      }),
    LIMIT_MS,
  );

  test(
    'is changed through jump hosts and sudo, with passwords of its own, this machine and unknown names included',
    async () => {
      const site = `
access: { user: ops, jump: gate, password: 'env:NOT_SET', sudo: { password: 'env:NOT_SET' } }
hosts:
  gate: { address: 10.61.0.10, user: root, sudo: none }
  here: { transport: local }
  named: db.example.com
  behind: 10.61.1.5
stacks:
  base:
    kind: baseline
    hosts: [here, named, behind]
    directories: [{ path: /srv/made, mode: '0750' }]
`;
      await withLab({ site }, async (lab) => {
        const apply = await lab.program.run('apply', '--yes', '--lab');
        expect(apply).toMatchObject({ code: 0 });
        for (const host of ['here', 'named', 'behind']) {
          const { stdout } = await lab.exec(host, "stat -c '%a %U' /srv/made");
          expect(stdout).toBe('750 root\n');
        }
        await nothingToDo(lab);
        const from = await lab.exec(
          'behind',
          'journalctl -u ssh --grep "Accepted publickey for ops from 10.61.0.10"',
        );
        expect(from.code).toBe(0);
        expect(existsSync(join(lab.program.folder, 'state'))).toBe(false);
        expect(readdirSync(join(lab.stateDir, 'runs'))).toHaveLength(1);
      });
    },
    LIMIT_MS,
  );

  test(
    'gives new disks on reset and old ones on restore, with the same host keys',
    async () =>
      await withLab({ site: SITE }, async (lab) => {
        const write = async (text: string): Promise<unknown> =>
          await lab.exec('one', `echo ${text} >/etc/lab-test; rm -f /etc/issue`);
        const read = async (): Promise<string> =>
          (await lab.exec('one', 'cat /etc/lab-test; ls /etc/issue')).stdout;
        const login = ['ssh', '-F', lab.sshConfig, 'one', 'true'];

        await write('kept');
        await lab.snapshot('first');
        await write('lost');
        await lab.powerOff('two');
        await lab.restore('first');
        expect(await read()).toBe('kept\n');
        expect((await lab.exec('two', 'hostname')).stdout).toBe('two\n');
        await lab.reset();
        expect(await read()).toBe('/etc/issue\n');
        expect((await lab.run(login)).code).toBe(0);
        await lab.restore('first');
        expect(await read()).toBe('kept\n');
        await expect(lab.restore('second')).rejects.toMatchObject({ code: 'lab/no-such-snapshot' });
        await expect(lab.snapshot('first')).rejects.toMatchObject({ code: 'lab/snapshot-exists' });
      }),
    LIMIT_MS,
  );

  test(
    'keeps what was written over a power cut, and says who is off or paused',
    async () =>
      await withLab({ site: SITE }, async (lab) => {
        const states = async (): Promise<string[]> => {
          const { stdout } = await lab.program.run('lab', 'ps', '--json');
          const [shown] = JSON.parse(stdout) as { hosts: { state: string }[] }[];
          return shown?.hosts.map(({ state }) => state) ?? [];
        };
        await lab.exec('one', 'echo written >/root/file');
        await lab.powerOff('one');
        expect(await lab.pids('one')).toEqual([]);
        await expect(lab.exec('one', 'true')).rejects.toMatchObject({ code: 'lab/host-off' });
        writeFileSync(join(lab.host('two').cgroup, 'cgroup.freeze'), '1');
        expect(await states()).toEqual(['off', 'paused']);
        await lab.snapshot('standing');
        expect(await states()).toEqual(['off', 'paused']);
        writeFileSync(join(lab.host('two').cgroup, 'cgroup.freeze'), '0');

        await lab.powerOn('one');
        expect((await lab.exec('one', 'cat /root/file')).stdout).toBe('written\n');
        await until(async () => (await states()).join() === 'running,running', 'both run again');
        await lab.snapshot('moving');
        expect(await states()).toEqual(['running', 'running']);

        await lab.exec('one', 'mv /lib/systemd/systemd /lib/systemd/not-there');
        await lab.powerOff('one');
        await expect(lab.powerOn('one')).rejects.toMatchObject({
          code: 'lab/boot-failed',
          where: { host: 'one' },
          message: 'it has gone off',
        });
      }),
    LIMIT_MS,
  );

  test(
    'has the stand-ins that a host asks for, also after a reset, and is refused one that nobody knows',
    async () => {
      const standin = join(mkdtempSync(join(tmpdir(), 'holdfast-standin-')), 'vendor');
      onTestFinished(() => rmSync(dirname(standin), { recursive: true, force: true }));
      writeFileSync(standin, STANDIN);
      const asking = (name: string): string =>
        SITE.replace("['fd61:1::11'] }", `['fd61:1::11'], labels: { lab-standins: ${name} } }`);

      await withLab({ site: asking(standin) }, async (lab) => {
        await lab.exec('one', 'rm /usr/local/bin/vendor-installer');
        await lab.reset();
        const { stdout } = await lab.exec('one', 'vendor-installer; systemctl is-active nginx');
        expect(stdout).toBe('a stand-in starts nginx\nactive\n');
        expect((await lab.exec('two', 'command -v vendor-installer')).code).not.toBe(0);
      });
      await expect(startLab({ site: asking('no-such') })).rejects.toMatchObject({ code: 'lab/bad-standin' });
    },
    LIMIT_MS,
  );
});

describe.skipIf(labMissing !== undefined)(titleOf('labs of one machine', labMissing), () => {
  test(
    'stand side by side with the same addresses, and do not hear each other',
    async () => {
      const { program } = ownLabs('twin');

      expect(await program.run('lab', 'up', '--lab', 'left')).toMatchObject({ code: 0 });
      expect(await program.run('lab', 'up', '--lab', 'right')).toMatchObject({ code: 0 });
      await program.run('lab', 'exec', '--lab', 'left', 'one', '--', 'hostnamectl', 'hostname', 'changed');
      const hostname = async (lab: string): Promise<string> =>
        (await program.run('lab', 'ssh', '--lab', lab, 'one', '--', 'hostname')).stdout;
      expect([await hostname('left'), await hostname('right')]).toEqual(['changed\n', 'one\n']);
      const which = await program.run('lab', 'exec', 'one', '--', 'true');
      expect(which.stderr).toContain('[lab/which-lab]');

      expect(await program.run('lab', 'down', '--lab', 'left')).toMatchObject({ code: 0 });
      expect(await hostname('right')).toBe('one\n');
    },
    LIMIT_MS,
  );

  test(
    'live on after `up`, are found by a second `up` of the same, and leave no trace after `down`',
    async () => {
      const { program, labs } = ownLabs('plain');

      expect(await program.run('lab', 'up')).toMatchObject({ code: 0 });
      const before = await program.run(
        'lab',
        'exec',
        'one',
        '--',
        'cat',
        '/proc/sys/kernel/random/boot_id',
        '/proc/1/stat',
      );
      expect(await program.run('lab', 'up')).toMatchObject({ code: 0 });
      const after = await program.run(
        'lab',
        'exec',
        'one',
        '--',
        'cat',
        '/proc/sys/kernel/random/boot_id',
        '/proc/1/stat',
      );
      expect(after.stdout.split(' ')[21]).toBe(before.stdout.split(' ')[21]);
      program.site(withHead('plain', 'hosts: { one: 10.61.1.11 }\n'));
      const other = await program.run('lab', 'up');
      expect(other.stderr).toContain('[lab/already-up]');

      expect(await program.run('lab', 'down')).toMatchObject({ code: 0 });
      await expectNoTrace(labs, 'plain');
      expect(await program.run('lab', 'down')).toMatchObject({ code: 0 });
    },
    LIMIT_MS,
  );

  // Half-way is somewhere else each time: before the namespaces, at the keys, while hosts boot.
  test.each(['laying the network', 'booting 2 hosts'])(
    'leave no trace when `up` is killed at "%s" and `down` follows',
    async (line) => {
      const { program, labs } = ownLabs('killed');

      const up = program.start('lab', 'up');
      await until(() => up.said().includes(line), `up says "${line}"`);
      up.child.kill('SIGKILL');
      await up.ended;

      const down = await program.run('lab', 'down', '--lab', 'killed');
      expect(down).toMatchObject({ code: 0 });
      await expectNoTrace(labs, 'killed');
    },
    LIMIT_MS,
  );

  test(
    'are taken down again when `up` is interrupted, and end by themselves when it is killed',
    async () => {
      const { program, labs } = ownLabs('cut');

      const interrupted = program.start('lab', 'up');
      await until(() => interrupted.said().includes('booting'), 'up boots hosts');
      interrupted.child.kill('SIGINT');
      expect((await interrupted.ended).code).toBe(130);
      await expectNoTrace(labs, 'cut');

      const killed = program.start('lab', 'up');
      await until(() => killed.said().includes('booting'), 'up boots hosts');
      killed.child.kill('SIGKILL');
      await killed.ended;
      const events = join(groupFolder(labFolders(labs, 'cut').cgroup), 'cgroup.events');
      await until(
        () => readFileSync(events, 'utf8').includes('populated 0'),
        'every process of the lab has ended',
      );
      expect(await program.run('lab', 'up')).toMatchObject({ code: 0 });
    },
    LIMIT_MS,
  );

  test('are possible on this machine: `lab doctor` finds nothing', async () => {
    const { program } = ownLabs('doctor');

    const { code, stdout } = await program.run('lab', 'doctor', '--json');
    expect(code).toBe(0);
    const checks = JSON.parse(stdout) as { name: string; isFit: boolean }[];
    expect(checks.map(({ name }) => name)).toEqual([
      'root',
      'packages',
      'cgroups',
      'network',
      'overlay',
      'inotify',
    ]);
    expect(checks.filter(({ isFit }) => !isFit)).toEqual([]);
  });

  test(
    'end with the process that opened them, if that is killed before it let them live on',
    async () => {
      const { program, labs } = ownLabs('mortal');
      const script = `
        const { openLab } = await import(${JSON.stringify(resolve('src/lab/open-lab.ts'))});
        await openLab({ file: process.argv[1], env: process.env });
        console.log('open');
        setInterval(() => {}, 1000);`;
      const argv = ['--input-type=module', '-e', script, join(program.folder, 'site.yaml')];
      const opener = spawn(process.execPath, argv, {
        env: { ...process.env, ...program.env },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(opener.stdout, 'data');
      expect((await program.run('lab', 'exec', 'one', '--', 'true')).code).toBe(0);

      opener.kill('SIGKILL');

      const events = join(groupFolder(labFolders(labs, 'mortal').cgroup), 'cgroup.events');
      await until(
        () => readFileSync(events, 'utf8').includes('populated 0'),
        'every process of the lab has ended',
      );
      const { stdout } = await program.run('lab', 'ps', '--json');
      expect(JSON.parse(stdout)).toMatchObject([{ name: 'mortal', state: 'dead' }]);
    },
    LIMIT_MS,
  );
});

/**
 * A machine for journeys: a real sshd, reached over the network as any other, in mount, process and IPC namespaces
 * of its own: what runs here otherwise is nothing that it has at work.
 * Its /etc and /var/lib begin as this machine's and keep their changes to themselves; /run, /srv, /home and /root are its
 * own and empty: no ~/.bashrc of ours runs at each login. Programs that need a whole Debian are stand-ins (`test/stand-ins`), first in its PATH.
 */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namespaceMissing } from './scratch-host.ts';
import { sshdMissing, startSshd, type TestSshd } from './sshd.ts';

/** Why such machines cannot be had here, or undefined. */
export const machineMissing: string | undefined = sshdMissing ?? namespaceMissing;

const PROGRAMS = ['systemctl', 'journalctl', 'apt-get', 'dpkg-query'];
const MOUNTS = `set -e
mount -t proc proc /proc
mount -t tmpfs none /run
for name in etc var/lib; do
  mkdir -p "/run/own/$name/up" "/run/own/$name/work"
  mount -t overlay overlay -o "lowerdir=/$name,upperdir=/run/own/$name/up,workdir=/run/own/$name/work" "/$name"
done
mkdir -p /run/sshd /run/systemd/system
mount -t tmpfs -o size=8m none /srv
mount -t tmpfs none /home
mount -t tmpfs -o mode=0700 none /root
rm -rf /var/lib/holdfast`;

export interface MachineOptions {
  readonly address: string;
  /** More shell lines to run in its namespaces before sshd starts: users, mounts. */
  readonly setup?: string;
  /** More lines for sshd_config. */
  readonly config?: readonly string[];
  /** Units that the stand-in systemctl knows, with the files they read. */
  readonly units?: Readonly<Record<string, readonly string[]>>;
  /** Packages that the stand-in apt-get can get: name → version. */
  readonly packages?: Readonly<Record<string, string>>;
}

export interface Machine extends AsyncDisposable {
  readonly sshd: TestSshd;
  /** The same path as this machine's processes see it from outside. */
  path(path: string): string;
  /** A file of the stand-ins' state: `units/web.service/orders`. */
  state(path: string): string;
  /** Kills the processes that serve connections now. */
  cutSessions(): void;
}

/** Starts one. Dispose it to stop it and remove everything. */
export async function startMachine(o: MachineOptions): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-machine-'));
  chmodSync(folder, 0o755);
  const [bin, state] = [join(folder, 'bin'), join(folder, 'state')];
  layOutStandIns(bin, state, o);
  const setup = [MOUNTS, o.setup ?? '', 'exec "$@"'].join('\n');
  const sshd = await startSshd({
    address: o.address,
    config: [`SetEnv PATH=${bin}:/usr/sbin:/usr/bin:/sbin:/bin`, ...(o.config ?? [])],
    within: [
      'unshare',
      '-m',
      '-i',
      '-p',
      '--fork',
      '--kill-child',
      '--propagation',
      'private',
      'sh',
      '-c',
      setup,
      'sh',
    ],
  });
  return {
    sshd,
    path: (path) => `/proc/${sshd.pid}/root${path}`,
    state: (path) => join(state, path),
    cutSessions() {
      for (const pid of sshd.sessions()) process.kill(pid, 'SIGKILL');
    },
    async [Symbol.asyncDispose]() {
      await sshd[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function layOutStandIns(bin: string, state: string, { units = {}, packages = {} }: MachineOptions): void {
  mkdirSync(bin);
  for (const name of PROGRAMS) {
    copyFileSync(join(import.meta.dirname, 'stand-ins', name), join(bin, name));
    chmodSync(join(bin, name), 0o755);
  }
  for (const part of ['installed', 'available', 'units']) mkdirSync(join(state, part), { recursive: true });
  for (const [name, version] of Object.entries(packages))
    writeFileSync(join(state, 'available', name), `${version}\n`);
  for (const [unit, files] of Object.entries(units)) {
    const own = join(state, 'units', unit);
    mkdirSync(own);
    const values = {
      type: 'simple',
      active: 'inactive',
      sub: 'dead',
      enabled: 'disabled',
      started: '0',
      config: files.join(' '),
    };
    for (const [key, value] of Object.entries(values)) writeFileSync(join(own, key), `${value}\n`);
  }
}

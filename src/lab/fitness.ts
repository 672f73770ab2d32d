/** Whether this machine can have a lab: asked before anything is begun, and all at once by `holdfast lab doctor`. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { groupFolder, unifiedHierarchy } from './control-group.ts';
import { checkInotify } from './inotify.ts';
import { LabError } from './lab-error.ts';
import type { MachineCheck } from './machine-check.ts';
import { PLAIN_ENV, runCommand } from './run-command.ts';

/** Programs that the lab calls, and the Debian packages that they come from. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'systemd-nspawn': 'systemd-container',
  debootstrap: 'debootstrap',
  nft: 'nftables',
  ip: 'iproute2',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  'mkfs.ext4': 'e2fsprogs',
  flock: 'util-linux',
  tc: 'iproute2',
  bash: 'bash',
};

const NETWORK = `
ip link add lab0 type bridge && ip link add one type veth peer name two && ip link set one master lab0 &&
ip -6 address add fd00::1/64 dev lab0 && nft add table bridge lab`;

/** As `disk.ts` and `machine.ts` make a host's root. */
const OVERLAY = `
truncate -s 64M image && mkfs.ext4 -q -F image && mkdir lower disk root && mount -o loop image disk &&
mkdir disk/upper disk/work &&
mount -t overlay overlay -o lowerdir=lower,upperdir=disk/upper,workdir=disk/work root &&
: >root/file && [ -f disk/upper/file ]`;

/** As many as a person brings up at once: what `lab doctor` asks about. */
const USUAL_HOSTS = 10;

/**
 * Looks at everything that the lab needs; changes nothing. Without root the kernel is not asked.
 * @param labs the folder of all labs: overlays must work there
 */
export async function checkFitness(
  labs: string,
  o: { readonly hosts?: number; readonly user?: number } = {},
): Promise<MachineCheck[]> {
  if (process.platform !== 'linux') return [notLinux()];
  const basic = [checkRoot(o.user), packages()];
  if (basic.some(({ isFit }) => !isFit)) return basic;
  return [
    ...basic,
    cgroups(),
    await network(),
    await overlay(labs),
    await checkInotify(o.hosts ?? USUAL_HOSTS),
  ];
}

/**
 * @throws LabError `lab/unfit-machine`: one message with everything that is missing and the commands that mend it
 */
export function refuseUnfit(checks: readonly MachineCheck[]): void {
  const unfit = checks.filter(({ isFit }) => !isFit);
  if (unfit.length === 0) return;
  throw new LabError({
    code: 'lab/unfit-machine',
    message: 'this machine cannot have a lab yet',
    expected: unfit.map(({ needs }) => needs.en).join('; '),
    got: unfit.map(({ got }) => got ?? 'not there').join('; '),
    hint: unfit.map(({ mend }) => mend).join(' && '),
  });
}

function notLinux(): MachineCheck {
  return {
    name: 'linux',
    needs: { en: 'Linux', zh: 'Linux 系统' },
    isFit: false,
    got: process.platform,
    mend: 'use a machine with Debian 12',
  };
}

/** Labs belong to root: nobody else can make one, or look into its folder. */
export function checkRoot(user: number | undefined = process.getuid?.()): MachineCheck {
  const needs = { en: 'root', zh: 'root 权限' };
  if (user === 0) return { name: 'root', needs, isFit: true };
  return { name: 'root', needs, isFit: false, got: `user id ${user}`, mend: 'sudo -i' };
}

function packages(): MachineCheck {
  const folders = (PLAIN_ENV.PATH ?? '').split(':');
  const missing = Object.keys(PROGRAMS).filter(
    (program) => !folders.some((folder) => existsSync(join(folder, program))),
  );
  const needs = {
    en: `the programs ${Object.keys(PROGRAMS).join(', ')}`,
    zh: `程序 ${Object.keys(PROGRAMS).join('、')}`,
  };
  if (missing.length === 0) return { name: 'packages', needs, isFit: true };
  const names = [...new Set(missing.map((program) => PROGRAMS[program]))].join(' ');
  const mend = `apt-get update && apt-get install --yes --no-install-recommends ${names}`;
  return { name: 'packages', needs, isFit: false, got: `no ${missing.join(', ')}`, mend };
}

function cgroups(): MachineCheck {
  const needs = {
    en: 'control groups, version 2, of Linux 5.14 or later',
    zh: 'Linux 5.14 及以上的 cgroup v2',
  };
  const hierarchy = unifiedHierarchy();
  if (hierarchy === undefined) {
    const mend = 'mount -t cgroup2 cgroup2 /sys/fs/cgroup';
    return { name: 'cgroups', needs, isFit: false, got: 'no cgroup v2 below /sys/fs/cgroup', mend };
  }
  // Every group but the root has it, since 5.14.
  const sample = groupFolder('holdfast');
  const isOld = existsSync(sample) && !existsSync(join(sample, 'cgroup.kill'));
  if (!isOld) return { name: 'cgroups', needs, isFit: true };
  return {
    name: 'cgroups',
    needs,
    isFit: false,
    got: 'no cgroup.kill',
    mend: 'use Linux 5.14 or later (Debian 12)',
  };
}

async function network(): Promise<MachineCheck> {
  const needs = {
    en: 'bridges, veth, IPv6 and nftables in the kernel',
    zh: '内核支持网桥、veth、IPv6 和 nftables',
  };
  const { code, stderr } = await runCommand(['unshare', '--net', 'sh', '-ec', NETWORK]);
  if (code === 0) return { name: 'network', needs, isFit: true };
  const mend = 'modprobe --all bridge veth nf_tables ipv6';
  return { name: 'network', needs, isFit: false, got: stderr.trim(), mend };
}

async function overlay(labs: string): Promise<MachineCheck> {
  const needs = {
    en: `disk images (ext4, loop devices) and overlay mounts below ${labs}`,
    zh: `可在 ${labs} 下使用磁盘映像（ext4、loop 设备）并挂载 overlay`,
  };
  await mkdir(labs, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(labs, '.fitness-'));
  try {
    const argv = [
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-ec',
      `cd "$1"; ${OVERLAY}`,
      'sh',
      folder,
    ];
    const { code, stderr } = await runCommand(argv);
    if (code === 0) return { name: 'overlay', needs, isFit: true };
    const mend =
      'modprobe -a loop ext4 overlay; in a container, give it /dev/loop-control and the loop devices';
    return { name: 'overlay', needs, isFit: false, got: stderr.trim().split('\n')[0] ?? '', mend };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

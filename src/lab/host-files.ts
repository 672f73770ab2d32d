/** What lies on a host's disk before its first boot, above the base image. Pure. */
import { createHash } from 'node:crypto';
import type { HostRecord } from './record.ts';

/** A file to write; folders on the way are made 0755 unless they are a file of the list themselves. */
export interface DiskFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

export interface HostSecrets {
  readonly hostKey: string;
  readonly hostPublicKey: string;
  readonly operatorPublicKey: string;
}

/**
 * The files of one host. /etc/hosts has localhost only: what else a site needs in it is for the runbook to say.
 * @param lab its name, so that hosts of two labs have machine ids of their own
 */
export function hostFiles(lab: string, host: HostRecord, secrets: HostSecrets): DiskFile[] {
  const { hostKey, hostPublicKey, operatorPublicKey } = secrets;
  const machineId = createHash('sha256').update(`${lab}/${host.name}`).digest('hex').slice(0, 32);
  return [
    { path: 'etc/hostname', content: `${host.name}\n`, mode: 0o644 },
    { path: 'etc/hosts', content: '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n', mode: 0o644 },
    { path: 'etc/machine-id', content: `${machineId}\n`, mode: 0o444 },
    { path: 'etc/lab/network', content: networkBatch(host), mode: 0o644 },
    { path: 'etc/ssh/ssh_host_ed25519_key', content: hostKey, mode: 0o600 },
    { path: 'etc/ssh/ssh_host_ed25519_key.pub', content: `${hostPublicKey} ${host.name}\n`, mode: 0o644 },
    { path: 'root/.ssh/authorized_keys', content: `${operatorPublicKey} lab operator\n`, mode: 0o600 },
    ...(host.port === 22
      ? []
      : [{ path: 'etc/ssh/sshd_config.d/port.conf', content: `Port ${host.port}\n`, mode: 0o644 }]),
  ];
}

/** For `ip -batch`: no duplicate address detection, with which an IPv6 address is of no use for a second. */
function networkBatch(host: HostRecord): string {
  const addresses = host.addresses.map(
    ({ address, prefixLength }) =>
      `address add ${address}/${prefixLength} dev host0${address.includes(':') ? ' nodad' : ''}`,
  );
  const routes = host.gateways.map((gateway) => `route add default via ${gateway} dev host0`);
  return `${['link set host0 up', ...addresses, ...routes].join('\n')}\n`;
}

/**
 * Makes the user that SSH logs in as, in the mounted root, for `sh -c`; does nothing where it is there already. The
 * password comes on standard input where sudo asks for one.
 */
export const USER_SCRIPT = `
set -e
root=$1 user=$2 sudo=$3
chroot "$root" id -u "$user" >/dev/null 2>&1 && exit 0
chroot "$root" useradd --create-home --shell /bin/bash "$user"
home=$(chroot "$root" getent passwd "$user" | cut -d: -f6)
mkdir -p -m 700 "$root$home/.ssh"
cp "$root/root/.ssh/authorized_keys" "$root$home/.ssh/authorized_keys"
chroot "$root" chown -R "$user:" "$home/.ssh"
case $sudo in
password)
  read -r password
  printf '%s:%s\\n' "$user" "$password" | chroot "$root" chpasswd
  rule='ALL' ;;
nopasswd) rule='NOPASSWD: ALL' ;;
*) exit 0 ;;
esac
printf '%s ALL=(ALL) %s\\n' "$user" "$rule" >"$root/etc/sudoers.d/lab"
chmod 440 "$root/etc/sudoers.d/lab"
`;

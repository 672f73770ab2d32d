import type { FactKind } from '../fact.ts';

/** One file system on a disk of the host. */
export interface Disk {
  readonly mount: string;
  readonly source: string;
  /** `ext4`, `xfs` … */
  readonly type: string;
  readonly readOnly: boolean;
  readonly sizeBytes: number;
  /** For users other than root. */
  readonly availableBytes: number;
}

/** Types that live on disks. Network and FUSE types are left out: a dead NFS server would hang df. */
const TYPES = 'ext2|ext3|ext4|xfs|btrfs|zfs|f2fs|jfs|reiserfs|vfat|exfat|bcachefs|ubifs|nilfs2';

/**
 * /proc/mounts for type and options, `df -P -k` (POSIX) of just those for sizes. The root is asked for whatever its
 * type: an overlay in a container.
 */
export const disks: FactKind<readonly Disk[]> = {
  name: 'disks',
  command: () => `set --
while read -r source mount type options rest; do
  case $type in
    ${TYPES}) ;;
    *) [ "$mount" = / ] && [ "$type" != rootfs ] || continue ;;
  esac
  mount=$(printf '%b' "$mount")
  echo "mount $source $type $options $mount"
  set -- "$@" "$mount"
done </proc/mounts
[ "$#" -eq 0 ] || df -P -k -- "$@"`,
  parse(output) {
    const sizes = new Map<string, { sizeBytes: number; availableBytes: number }>();
    const found: Omit<Disk, 'sizeBytes' | 'availableBytes'>[] = [];
    for (const line of output.split('\n')) {
      const mounted = /^mount (\S+) (\S+) (\S+) (.+)$/.exec(line);
      if (mounted !== null) {
        const [, source = '', type = '', options = '', mount = ''] = mounted;
        found.push({ mount, source, type, readOnly: options.split(',').includes('ro') });
        continue;
      }
      const [, size, available, mount] = /\s(\d+)\s+\d+\s+(-?\d+)\s+\S+\s+(\/.*)$/.exec(line) ?? [];
      if (mount === undefined) continue;
      sizes.set(mount, { sizeBytes: Number(size) * 1_024, availableBytes: Number(available) * 1_024 });
    }
    return firstMounts(found).flatMap((disk) => {
      const size = sizes.get(disk.mount);
      return size === undefined ? [] : [{ ...disk, ...size }];
    });
  },
  stable: (all) => all.map(({ availableBytes: _changes, ...disk }) => disk),
};

/** A kubelet binds one disk to a hundred places: the shortest stands for it. Later mounts on one place hide earlier ones. */
function firstMounts<T extends { mount: string; source: string }>(found: readonly T[]): T[] {
  const byMount = new Map(found.map((disk) => [disk.mount, disk]));
  const bySource = new Map<string, T>();
  for (const disk of byMount.values()) {
    const known = bySource.get(disk.source);
    if (known === undefined || disk.mount.length < known.mount.length) bySource.set(disk.source, disk);
  }
  return [...bySource.values()].sort((a, b) => (a.mount < b.mount ? -1 : 1));
}

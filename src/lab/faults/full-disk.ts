import { z } from 'zod';
import { script, sh } from '../../hosts/shell.ts';
import type { FaultKind } from './fault.ts';

const args = z.strictObject({ kind: z.literal('full-disk') });
export type FullDiskFault = z.input<typeof args>;

const FILE = '.full-disk';

/**
 * Reserves what is free, in pieces that become smaller as less is left: blocks are only reserved, so it takes no time
 * and no space on this machine (fallocate(2)). No block is set aside for root on a lab disk.
 */
const FILL = script(`
mountpoint -q "$disk" || refuse 'the lab was brought up by an older Holdfast: its disks are no file systems of their own'
[ ! -e "$file" ] || refuse 'the disk is full already'
size=$(df -B1 --output=avail "$root" | tail -n 1) at=0
while [ "$size" -ge 4096 ]; do
  if fallocate -o "$at" -l "$size" "$file" 2>/dev/null; then at=$((at + size)); else size=$((size / 2 / 4096 * 4096)); fi
done
`);

/** Not one block of the host's disk is free, also not for root; /run and /dev/shm are no part of it. */
export const fullDisk: FaultKind<FullDiskFault> = {
  kind: 'full-disk',
  summary: {
    en: 'no space left on its disk, also for root; the end frees it',
    zh: '磁盘写满，root 也无法写入；结束时释放',
  },
  args,
  scripts: ({ root, disk }) => ({
    begin: sh`disk=${disk} root=${root} file=${`${root}/${FILE}`}${FILL}`,
    end: sh`rm -f ${`${root}/${FILE}`}`,
  }),
};

import { z } from 'zod';
import { script, sh } from '../../hosts/shell.ts';
import type { FaultKind } from './fault.ts';

const args = z.strictObject({ kind: z.literal('pause') });
export type PauseFault = z.input<typeof args>;

/** The kernel's answers to pings and ARP go on: only processes stand still, as on a machine that has hung. */
const FREEZE = script(`
[ "$(cat "$cgroup/cgroup.freeze")" = 0 ] || refuse 'the host is paused already'
echo 1 >"$cgroup/cgroup.freeze"
until grep -q '^frozen 1' "$cgroup/cgroup.events"; do sleep 0.01; done
`);
const THAW = script('\n[ ! -e "$cgroup/cgroup.freeze" ] || echo 0 >"$cgroup/cgroup.freeze"\n');

/** All processes of the host stand still (`cgroup.freeze`, cgroups(7)) and go on at the end, as after a long hang. */
export const pause: FaultKind<PauseFault> = {
  kind: 'pause',
  summary: {
    en: 'all its processes stand still; its kernel still answers pings',
    zh: '所有进程暂停；其内核仍会应答 ping',
  },
  args,
  scripts: (target) => ({
    begin: sh`cgroup=${target.cgroup}${FREEZE}`,
    end: sh`cgroup=${target.cgroup}${THAW}`,
  }),
};

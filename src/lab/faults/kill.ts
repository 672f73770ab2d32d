import { z } from 'zod';
import { script, sh } from '../../hosts/shell.ts';
import type { FaultKind } from './fault.ts';

const args = z.strictObject({ kind: z.literal('kill') });
export type KillFault = z.input<typeof args>;

/** All processes at once, paused or not (`cgroup.kill`, cgroups(7)); then the empty groups, for the next boot. */
const CUT = script(`
grep -q '^populated 1' "$cgroup/cgroup.events" || refuse 'the host is off already'
while grep -q '^populated 1' "$cgroup/cgroup.events"; do echo 1 >"$cgroup/cgroup.kill"; sleep 0.01; done
echo 0 >"$cgroup/cgroup.freeze"
find "$cgroup" -depth -mindepth 1 -type d -exec rmdir {} + 2>/dev/null || :
`);

/** A power cut: every process of the host is killed without warning; at the end it boots from the disk that it has. */
export const kill: FaultKind<KillFault> = {
  kind: 'kill',
  summary: {
    en: 'power off without warning; the end boots it again',
    zh: '毫无预警地断电；结束时重新启动',
  },
  args,
  scripts: (target) => ({ begin: sh`cgroup=${target.cgroup}${CUT}`, end: target.boot }),
};

/** How the hosts of a lab are, for `holdfast lab ps`. */
import { isFrozen, isPopulated, pidsOf } from './control-group.ts';
import type { LabFolders } from './folders.ts';
import { hostGroup } from './machine.ts';
import { runCommand } from './run-command.ts';
import { hostCommandLine } from './running-lab.ts';

/** As `systemctl is-system-running` says it (systemctl(1)), and what only the lab can know: off, paused, silent. */
export type HostState =
  | 'off'
  | 'paused'
  | 'silent'
  | 'initializing'
  | 'starting'
  | 'running'
  | 'degraded'
  | 'maintenance'
  | 'stopping';

export interface HostStatus {
  readonly state: HostState;
  readonly processes: number;
  /** Units that failed, where the host is degraded. */
  readonly failed: readonly string[];
}

const ASK_LIMIT_MS = 3_000;
const SAID = ['initializing', 'starting', 'running', 'degraded', 'maintenance', 'stopping'] as const;

export async function hostStatus(folders: LabFolders, host: string): Promise<HostStatus> {
  const group = hostGroup(folders, host);
  if (!(await isPopulated(group))) return { state: 'off', processes: 0, failed: [] };
  const processes = (await pidsOf(group)).length;
  if (await isFrozen(group)) return { state: 'paused', processes, failed: [] };
  const ask = 'systemctl is-system-running; systemctl list-units --failed --plain --no-legend --no-pager';
  try {
    const { stdout } = await runCommand(await hostCommandLine(folders, host, ask), {
      timeoutMs: ASK_LIMIT_MS,
    });
    const [said = '', ...failed] = stdout.trim().split('\n');
    const state = SAID.find((word) => word === said) ?? 'silent';
    return { state, processes, failed: failed.map((line) => line.split(' ')[0] as string) };
  } catch {
    // It went off, or hangs, while it was asked: there is no more to tell.
    return { state: 'silent', processes, failed: [] };
  }
}

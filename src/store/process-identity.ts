import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { systemCode } from '../base/errors.ts';

/**
 * Names one process for good: a pid alone is used again by others, a pid with its start time and the boot it
 * belongs to is not (proc_pid_stat(5), field 22; proc_sys_kernel(5), random/boot_id). As it stands in locks, leases
 * and the records of labs.
 */
export const processIdentity = z.object({
  /** Host name, for people; `localhost` names many machines, so that `machineId` counts too. */
  machine: z.string(),
  machineId: z.string().exactOptional(),
  pid: z.number(),
  /** Clock ticks between boot and start; absent where there is no /proc. */
  startTicks: z.string().exactOptional(),
  bootId: z.string().exactOptional(),
  /** A pid means nothing outside its own namespace (containers). */
  pidNamespace: z.string().exactOptional(),
});
export type ProcessIdentity = Readonly<z.infer<typeof processIdentity>>;

/** `elsewhere`: another machine or container, which cannot be asked from here. */
export type Liveness = 'alive' | 'dead' | 'elsewhere';

/** This very process. */
export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid);
}

/** A process of this machine, seen from our own PID namespace. */
export function identityOf(pid: number): ProcessIdentity {
  const machineId = readLine('/etc/machine-id');
  const startTicks = startTicksOf(pid);
  const bootId = readLine('/proc/sys/kernel/random/boot_id');
  const pidNamespace = readNamespace();
  return {
    machine: hostname(),
    ...(machineId === undefined || machineId === '' ? {} : { machineId }),
    pid,
    ...(startTicks === undefined ? {} : { startTicks }),
    ...(bootId === undefined ? {} : { bootId }),
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
  };
}

/**
 * Whether the process still runs. `dead` is final: it never becomes `alive` again. A zombie is dead: it holds no
 * file and does nothing any more.
 * @param self who asks; the default is this process
 */
export function livenessOf(other: ProcessIdentity, self: ProcessIdentity = ownIdentity()): Liveness {
  const sameBoot = other.bootId !== undefined && other.bootId === self.bootId;
  const sameMachine = other.machine === self.machine && other.machineId === self.machineId;
  // A machine can be renamed while it runs; its boot id stays.
  if (!sameBoot && !sameMachine) return 'elsewhere';
  if (other.bootId !== self.bootId) return 'dead';
  if (other.pidNamespace !== self.pidNamespace) return 'elsewhere';
  if (other.startTicks === undefined) return signalReaches(other.pid) ? 'alive' : 'dead';
  return startTicksOf(other.pid) === other.startTicks ? 'alive' : 'dead';
}

/** Field 22 of /proc/<pid>/stat; undefined where the process is gone or a zombie. */
function startTicksOf(pid: number): string | undefined {
  const stat = readLine(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses and may hold anything, also ')'.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function readLine(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function readNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

/** A lab that is up, as its users see it (`lab.ts`). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { nearest } from '../base/nearest.ts';
import type { HostName } from '../site/model.ts';
import { acquireLease } from '../store/lease.ts';
import { groupFolder, isPopulated, pidsOf } from './control-group.ts';
import type { Fault } from './faults/kinds.ts';
import { beginFault, clearFaults, endFaults, type FaultLab, listFaults } from './faults/lab-faults.ts';
import type { LabFolders } from './folders.ts';
import { bootHosts, newDisk, replaceDisks } from './hosts-on.ts';
import { keyFiles } from './keys.ts';
import type { Lab, LabCommand, LabFault, LabHost, LabResult, LabRunOptions } from './lab.ts';
import { LabError } from './lab-error.ts';
import { BRIDGE, cableOf, cutPower, hostGroup, initOf } from './machine.ts';
import { insideHost, onLabNetwork, seenFromHere } from './namespaces.ts';
import type { HostRecord, LabRecord } from './record.ts';
import { takeDown } from './remove-lab.ts';
import { runCommand } from './run-command.ts';
import { diskFromSnapshot, takeSnapshot } from './snapshot.ts';

/** How long a fault lasts unless something else is said. */
export const FAULT_MS = 30_000;

/** Joins the host's control group first, so that a paused host pauses its guests, too. */
const JOIN = 'echo 0 >"$1" || exit 125; shift; exec "$@"';

/** The lab that the record describes; its supervisor must be alive. */
export function runningLab(folders: LabFolders, record: LabRecord, clock: Clock): Lab {
  const { pid } = record.supervisor;
  const keys = keyFiles(folders.keys);
  const find = (name: HostName): HostRecord => findHost(record, name);
  const alone = async (doing: string, work: () => Promise<void>): Promise<void> => {
    await using _lease = await acquireLease(folders.lease, `holdfast lab ${doing}`, { clock });
    await work();
  };
  const faulty: FaultLab = { folders, record, clock, find };
  const lab: Lab = {
    name: record.name,
    folder: folders.folder,
    file: record.file,
    stateDir: folders.stateDir,
    hosts: record.hosts.map((host) => toLabHost(folders, record, host)),
    bridge: BRIDGE,
    controller: record.controller.map(({ address }) => address),
    identity: keys.identity,
    sshConfig: keys.sshConfig,
    host: (name) => toLabHost(folders, record, find(name)),
    exec: async (host, command, o) => await execOn(folders, find(host).name, command, o),
    run: async (command, o) => await runCommand(onLabNetwork(pid, argvOf(command)), { clock, ...o }),
    inside: (command) => onLabNetwork(pid, command),
    pids: async (host) => await pidsOf(hostGroup(folders, find(host).name)),
    powerOff: async (host) => await cutPower(folders, find(host).name, clock),
    async powerOn(host) {
      if (await isPopulated(hostGroup(folders, find(host).name))) return;
      await bootHosts(folders, record, [find(host)], { clock });
    },
    fault: async (host, fault, o) => await begin(faulty, host, fault, o?.forMs ?? FAULT_MS),
    faults: async () => await listFaults(faulty),
    async heal(host) {
      const name = host === undefined ? undefined : find(host).name;
      const faults = await listFaults(faulty);
      await endFaults(
        faulty,
        faults.filter((fault) => name === undefined || fault.host === name),
      );
    },
    reset: async () =>
      await alone('reset', async () => {
        await clearFaults(faulty);
        await replaceDisks(folders, record, clock, async (host) => await newDisk(folders, record, host));
      }),
    snapshot: async (name) => await alone('snapshot', async () => await takeSnapshot(folders, record, name)),
    restore: async (name) =>
      await alone('restore', async () => {
        const make = await diskFromSnapshot(folders, record, name);
        await clearFaults(faulty);
        await replaceDisks(folders, record, clock, make);
      }),
    async down() {
      if (existsSync(folders.folder)) await takeDown(folders, clock);
    },
    [Symbol.asyncDispose]: async () => await lab.down(),
  };
  return lab;
}

async function begin(lab: FaultLab, host: HostName, fault: Fault, forMs: number): Promise<LabFault> {
  const begun = await beginFault(lab, host, fault, forMs);
  const end = async (): Promise<void> => await endFaults(lab, [begun]);
  return { ...begun, end, [Symbol.asyncDispose]: end };
}

/**
 * The command line that runs something as root on a host.
 * @throws LabError `lab/host-off`
 */
export async function hostCommandLine(
  folders: LabFolders,
  host: HostName,
  command: LabCommand,
): Promise<readonly string[]> {
  const init = await initOf(folders, host);
  if (init === undefined) throw hostOff(host);
  const joins = join(groupFolder(hostGroup(folders, host)), 'exec', 'cgroup.procs');
  return ['sh', '-c', JOIN, 'sh', joins, ...insideHost(init, argvOf(command))];
}

async function execOn(
  folders: LabFolders,
  host: HostName,
  command: LabCommand,
  o?: LabRunOptions,
): Promise<LabResult> {
  return await runCommand(await hostCommandLine(folders, host, command), o);
}

function argvOf(command: LabCommand): readonly string[] {
  return typeof command === 'string' ? ['sh', '-c', command] : command;
}

function toLabHost(folders: LabFolders, record: LabRecord, host: HostRecord): LabHost {
  return {
    name: host.name,
    addresses: host.addresses.map(({ address }) => address),
    port: host.port,
    user: host.user,
    cgroup: groupFolder(hostGroup(folders, host.name)),
    cable: cableOf(host),
    disk: seenFromHere(record.supervisor.pid, join(folders.host(host.name).disk, 'upper')),
  };
}

/** @throws LabError `lab/no-such-host` with the nearest name */
export function findHost(record: LabRecord, name: HostName): HostRecord {
  const found = record.hosts.find((host) => host.name === name);
  if (found !== undefined) return found;
  const names = record.hosts.map((host) => host.name);
  const meant = nearest(name, names);
  throw new LabError({
    code: 'lab/no-such-host',
    message: `lab ${record.name} has no host '${name}'`,
    expected: `one of ${names.slice(0, 20).join(', ')}`,
    got: name,
    hint: meant === undefined ? "'holdfast lab ps' lists them." : `Did you mean '${meant}'?`,
  });
}

function hostOff(host: HostName): LabError {
  return new LabError({
    code: 'lab/host-off',
    where: { host },
    message: 'it is off',
    expected: 'a host that runs',
    got: 'no process on it',
    hint: "Switch it on: 'holdfast lab boot HOST' (its disk stays), or 'holdfast lab reset' (new disks).",
  });
}

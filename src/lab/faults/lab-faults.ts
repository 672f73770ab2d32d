/** Begins faults in a lab, lists them, and ends them early. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { sh } from '../../hosts/shell.ts';
import { waitForHosts } from '../answering.ts';
import { groupFolder, isFrozen, isPopulated, makeGroup } from '../control-group.ts';
import type { LabFolders } from '../folders.ts';

import { BRIDGE, bootCommand, cableOf, hostGroup, supervisorGroup } from '../machine.ts';
import type { HostRecord, LabRecord } from '../record.ts';
import { runCommand } from '../run-command.ts';

import { type FaultHost, type FaultKind, type FaultTarget, wholeScript } from './fault.ts';
import { type ActiveFault, activeFaults, type FaultRecord, FILES, faultName } from './fault-folder.ts';
import { badFault, faultExists, faultStuck, hostNotFit, notBegun } from './fault-refusals.ts';
import { finishCommand, keeperCommand } from './keeper.ts';
import { type Fault, faultKinds } from './kinds.ts';

const LIMIT_MS = 120_000;

/** The lab that the faults are for. */
export interface FaultLab {
  readonly folders: LabFolders;
  readonly record: LabRecord;
  readonly clock: Clock;
  /** @throws LabError `lab/no-such-host` */
  find(name: string): HostRecord;
}

/**
 * Begins a fault; resolves when it is there. From then on it ends by itself after `forMs`, whatever becomes of this
 * process.
 * @throws LabError `lab/bad-fault`, `lab/fault-exists`, `lab/host-off`, `lab/fault-not-begun`
 */
export async function beginFault(
  lab: FaultLab,
  host: string,
  asked: Fault,
  forMs: number,
): Promise<ActiveFault> {
  const target = targetOf(lab, host);
  const kind = faultKinds.get(asked.kind);
  const read = kind.args.safeParse(asked);
  if (!read.success) throw badFault(asked.kind, z.prettifyError(read.error));
  await refuseUnfitHost(lab, target.record.name, kind);
  const scripts = kind.scripts(target, read.data);
  const now = lab.clock.now();
  const record: FaultRecord = {
    format: 1,
    token: randomUUID(),
    host: target.record.name,
    kind: asked.kind,
    fault: read.data,
    beganAt: now,
    endsAt: now + forMs,
  };
  const folder = join(lab.folders.faults, faultName(record.host, kind.kind, kind.subject?.(read.data)));
  const coming = await writeFolder(lab, record, {
    [FILES.begin]: wholeScript(scripts.begin),
    [FILES.end]: wholeScript(scripts.end),
  });
  const joins = await makeGroup(supervisorGroup(lab.folders));
  const argv = keeperCommand({ supervisor: lab.record.supervisor.pid, joins }, coming, folder, forMs);
  const { stdout, stderr } = await runCommand(argv, { clock: lab.clock, timeoutMs: LIMIT_MS });
  if (stdout === 'exists\n') {
    const other = (await listFaults(lab)).find((each) => each.folder === folder);
    throw faultExists(record, other === undefined ? undefined : other.endsAt - lab.clock.now());
  }
  if (!stdout.endsWith('begun\n')) throw notBegun(record, stdout + stderr);
  return { ...record, folder };
}

/** Every fault of the lab that lasts, the first to end first. */
export async function listFaults({ folders }: Pick<FaultLab, 'folders'>): Promise<ActiveFault[]> {
  return await activeFaults(folders.faults);
}

/**
 * Ends these faults now; those that have ended are no matter. A host that was powered off by one answers again when
 * this resolves. All are tried, whatever becomes of one.
 * @throws LabError `lab/fault-stuck`
 */
export async function endFaults(lab: FaultLab, faults: readonly ActiveFault[]): Promise<void> {
  const ended = await Promise.allSettled(faults.map(async (fault) => await endFault(lab, fault)));
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Ends everything as well as it can be, for hosts that are about to get new disks: nobody waits for a boot. */
export async function clearFaults(lab: FaultLab): Promise<void> {
  for (const { folder } of await listFaults(lab)) {
    await runCommand(finishCommand(lab.record.supervisor.pid, folder), { clock: lab.clock });
    await rm(folder, { recursive: true, force: true });
  }
}

async function endFault(lab: FaultLab, fault: ActiveFault): Promise<void> {
  const there = (await listFaults(lab)).some(({ token }) => token === fault.token);
  if (there) {
    const argv = finishCommand(lab.record.supervisor.pid, fault.folder);
    const { code, stderr } = await runCommand(argv, { clock: lab.clock, timeoutMs: LIMIT_MS });
    if (code !== 0) throw faultStuck(fault, stderr);
  }
  if (fault.kind !== 'kill' || !(await isPopulated(hostGroup(lab.folders, fault.host)))) return;
  await waitForHosts(lab.folders, lab.record, [lab.find(fault.host)], { clock: lab.clock });
}

function targetOf(lab: FaultLab, name: string): FaultTarget {
  const hosts = lab.record.hosts.map(
    (record, index): FaultHost => ({ record, number: index + 1, cable: cableOf(record) }),
  );
  const find = (wanted: string): FaultHost => {
    const record = lab.find(wanted);
    return hosts.find((host) => host.record.name === record.name) as FaultHost;
  };
  const host = find(name);
  return {
    ...host,
    hosts,
    bridge: BRIDGE,
    cgroup: groupFolder(hostGroup(lab.folders, host.record.name)),
    root: lab.folders.host(host.record.name).root,
    disk: lab.folders.host(host.record.name).disk,
    boot: sh`${bootCommand(lab.folders, lab.record, host.record)}`,
    find,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: of any kind.
async function refuseUnfitHost(lab: FaultLab, host: string, kind: FaultKind<any>): Promise<void> {
  const group = hostGroup(lab.folders, host);
  if (!(await isPopulated(group))) throw hostNotFit(host, 'off');
  if (kind.worksOnHost && (await isFrozen(group))) throw hostNotFit(host, 'paused');
}

/** Everything of the fault, in a folder that no list shows yet. @returns its path */
async function writeFolder(
  lab: FaultLab,
  record: FaultRecord,
  scripts: Readonly<Record<string, string>>,
): Promise<string> {
  const coming = join(lab.folders.faults, `.coming-${record.token}`);
  await mkdir(coming, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries({ ...scripts, [FILES.record]: `${JSON.stringify(record)}\n` }))
    await writeFile(join(coming, name), text);
  return coming;
}

/** Brings hosts up from a disk: the last part of `up`, and of `reset` and `restore`. */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { limit } from '../base/limit.ts';
import { waitForHosts } from './answering.ts';
import { makeDisk, removeDisk } from './disk.ts';
import type { LabFolders } from './folders.ts';
import { hostFiles } from './host-files.ts';
import { keyFiles, publicKey } from './keys.ts';
import { cutPower, startHost } from './machine.ts';
import type { HostRecord, LabRecord } from './record.ts';
import { readStandins, standinFile } from './standins.ts';

/** Hosts that are worked on at once: more would only wait for the processor. */
const AT_ONCE = 8;

/** Makes a new disk for a host, with its keys, addresses and stand-ins. */
export async function newDisk(
  folders: LabFolders,
  lab: Pick<LabRecord, 'name' | 'supervisor'>,
  host: HostRecord,
): Promise<void> {
  const keys = keyFiles(folders.keys);
  const files = hostFiles(lab.name, host, {
    hostKey: await readFile(keys.hostKey(host.name), 'utf8'),
    hostPublicKey: await publicKey(keys.hostKey(host.name)),
    operatorPublicKey: await publicKey(keys.identity),
  });
  const standins = await readStandins(host.standins);
  await makeDisk(lab.supervisor.pid, folders.host(host.name), [...files, ...standins.map(standinFile)]);
}

/** Boots hosts that are off and waits until they answer. */
export async function bootHosts(
  folders: LabFolders,
  record: LabRecord,
  hosts: readonly HostRecord[],
  o: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  await eachOf(hosts, async (host) => await startHost(folders, record, host, o.signal), o.signal);
  await waitForHosts(folders, record, hosts, o);
}

/** Cuts the power of all hosts, gives each the disk that `make` makes, and boots them. */
export async function replaceDisks(
  folders: LabFolders,
  record: LabRecord,
  clock: Clock,
  make: (host: HostRecord) => Promise<void>,
): Promise<void> {
  await eachOf(record.hosts, async (host) => {
    await cutPower(folders, host.name, clock);
    await removeDisk(record.supervisor.pid, folders.host(host.name));
    await make(host);
  });
  await bootHosts(folders, record, record.hosts, { clock });
}

/**
 * Does the work for every host, some at once. Rejects only when all have ended: whoever takes the lab down after a
 * failure must not be overtaken by one that still boots.
 */
export async function eachOf(
  hosts: readonly HostRecord[],
  work: (host: HostRecord) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const atOnce = limit(AT_ONCE);
  const all = await Promise.allSettled(
    hosts.map(async (host) => await atOnce.run(async () => await work(host), signal)),
  );
  const failed = all.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

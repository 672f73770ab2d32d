/** Brings a lab up, or finds one that is. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { cacheDirOf } from '../app/cache-dir.ts';
import { makeCatalog } from '../app/catalog.ts';
import { readSite } from '../app/read-site.ts';
import { SiteError } from '../app/site-error.ts';
import { type Clock, SystemClock } from '../base/clock.ts';
import { canonicalJson } from '../base/digest.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import type { Site } from '../site/model.ts';
import { acquireLease } from '../store/lease.ts';
import { identityOf } from '../store/process-identity.ts';
import { ensureBaseImage } from './base-image.ts';
import { checkFitness, checkRoot, refuseUnfit } from './fitness.ts';
import { type LabFolders, labFolders, labsFolder } from './folders.ts';
import { hostRecords } from './host-records.ts';
import { bootHosts, eachOf, newDisk } from './hosts-on.ts';
import { makeKeys } from './keys.ts';
import type { Lab, LabProgress, OpenLabOptions } from './lab.ts';
import { LabError } from './lab-error.ts';
import { supervisorGroup } from './machine.ts';
import { type Supervisor, startSupervisor } from './namespaces.ts';
import { planNetwork } from './network.ts';
import { isAlive, type LabRecord, readRecord, writeRecord } from './record.ts';
import { removeLab } from './remove-lab.ts';
import { runningLab } from './running-lab.ts';
import { setUpNetwork } from './set-up-network.ts';
import { readStandins } from './standins.ts';

/** A lab as it is to be: its record, but for what is known only once it runs. */
type Wanted = Omit<LabRecord, 'supervisor' | 'image' | 'ready'>;

/**
 * Brings up the lab of a site file, or gives the one that is up already, if it was made from the same. What a dead lab
 * of the same name left is removed first; if anything fails, or the signal stops it, everything is removed again.
 * @throws SiteError; LabError `lab/unfit-machine`, `lab/already-up`, `lab/boot-failed` …; StoreError `store/held`
 */
export async function openLab(o: OpenLabOptions): Promise<Lab> {
  const clock = o.clock ?? new SystemClock();
  const loaded = await readSite(o.file, makeCatalog().siteSchemas);
  if (loaded.site === undefined) throw new SiteError(o.file, loaded.findings);
  const wanted = await describe(loaded.site, o);
  const folders = labFolders(labsFolder(o.env), wanted.name);
  refuseUnfit([checkRoot()]);
  await using _lease = await acquireLease(folders.lease, 'holdfast lab up', { clock });
  const existing = await readRecord(folders.record).catch(() => undefined);
  if (existing?.ready && isAlive(existing)) {
    refuseOther(existing, wanted);
    return runningLab(folders, existing, clock);
  }
  await removeLab(folders, clock);
  refuseUnfit(await checkFitness(labsFolder(o.env), { hosts: wanted.hosts.length }));
  const image = await ensureBaseImage({
    cache: cacheDirOf(o.env),
    env: o.env,
    clock,
    ...(o.signal === undefined ? {} : { signal: o.signal }),
    onBuild: (packages) => o.tell?.({ phase: 'base-image', count: packages }),
  });
  try {
    return await bringUp({ ...wanted, image }, folders, clock, o);
  } catch (error) {
    await removeLab(folders, clock);
    throw error;
  }
}

async function describe(site: Site, o: OpenLabOptions): Promise<Wanted> {
  const network = planNetwork(site);
  const hosts = hostRecords(site, network, o.standins ?? []);
  // Asked for now, so that a misspelt one is told before anything is begun.
  await readStandins([...new Set(hosts.flatMap(({ standins }) => standins))]);
  return {
    format: 1,
    name: o.name ?? site.name,
    file: resolve(o.file),
    site: site.name,
    hosts,
    controller: [...network.controller],
  };
}

async function bringUp(
  wanted: Wanted & Pick<LabRecord, 'image'>,
  folders: LabFolders,
  clock: Clock,
  o: OpenLabOptions,
): Promise<Lab> {
  const tell = (phase: LabProgress['phase']): void => {
    throwIfAborted(o.signal);
    o.tell?.({ phase, count: wanted.hosts.length });
  };
  tell('network');
  await mkdir(folders.stateDir, { recursive: true, mode: 0o700 });
  const supervisor = await startSupervisor(wanted.name, supervisorGroup(folders));
  const record = { ...wanted, supervisor: identityOf(supervisor.pid), ready: false };
  await writeRecord(folders.record, record);
  await setUpNetwork(record, o.signal);
  await makeKeys(folders.keys, record.hosts, o.signal);
  tell('hosts');
  await eachOf(record.hosts, async (host) => await newDisk(folders, record, host), o.signal);
  await bootHosts(folders, record, record.hosts, { clock, signal: o.signal });
  return await release(supervisor, folders, { ...record, ready: true }, clock, o);
}

/** The moment from which others may use the lab, and from which it outlives us where it is meant to. */
async function release(
  supervisor: Supervisor,
  folders: LabFolders,
  record: LabRecord,
  clock: Clock,
  o: OpenLabOptions,
): Promise<Lab> {
  await writeRecord(folders.record, record);
  throwIfAborted(o.signal);
  if (o.livesOn) await supervisor.liveOn();
  o.tell?.({ phase: 'ready', count: record.hosts.length });
  return runningLab(folders, record, clock);
}

function refuseOther(existing: LabRecord, wanted: Wanted): void {
  const { image: _image, supervisor: _supervisor, ready: _ready, ...same } = existing;
  if (canonicalJson(same) === canonicalJson(wanted)) return;
  throw new LabError({
    code: 'lab/already-up',
    message: `lab ${existing.name} is up, and was made from something else`,
    expected: `the hosts that ${wanted.file} describes now`,
    got: `those of ${existing.file} when it was brought up`,
    hint: `Run 'holdfast lab down --lab ${existing.name}' first, or name another lab with --lab.`,
  });
}

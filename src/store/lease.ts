/**
 * A local exclusive lease: a file that names the process which holds it. It needs no renewing and no cleaning up:
 * when the holder is killed, the next one sees that the process is gone and takes over.
 *
 * Why the take-over has no race. A lease file appears only by link(2), which fails where the name is taken, and is
 * replaced only by someone who (a) holds the lease `<path>.<token>` of that very file's token and (b) has read the
 * file again under it and still found that token. A token is never used twice, so whoever comes late with an old
 * judgement finds another token and starts over. `<path>.<token>` is a lease of the same kind: a thief that is
 * killed half-way is followed in the same way.
 */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { type Clock, formatInstant, type Instant } from '../base/clock.ts';
import { systemCode } from '../base/errors.ts';
import { createFile, makeFolder, replaceFile, syncFolder } from './durable.ts';
import { type Liveness, livenessOf, ownIdentity, processIdentity } from './process-identity.ts';
import { StoreError, wrapFileError } from './store-error.ts';

/** How long to wait for another process that is just taking over the same dead lease. */
const TAKE_OVER_WAIT_MS = 20;
const TAKE_OVER_TRIES = 100;

const record = z.object({
  token: z.string(),
  /** For people: `holdfast watch, root`. */
  holder: z.string(),
  since: z.number(),
  process: processIdentity,
});
type LeaseRecord = z.infer<typeof record>;

/** Who holds a lease, since when, and whether that process still runs. */
export interface LeaseHolder {
  readonly holder: string;
  readonly since: Instant;
  readonly pid: number;
  readonly machine: string;
  readonly liveness: Liveness;
}

/** Held until disposed or until this process ends, however it ends. */
export interface Lease extends AsyncDisposable {
  readonly path: string;
  readonly since: Instant;
}

/**
 * Takes the lease, or says who has it. Folders on the way are made (0700).
 * @param path the lease's file, e.g. `<state folder>/watch.lease`
 * @param holder for people: `holdfast watch by root`
 * @throws StoreError `store/held` with holder and since; `store/lease-unreadable`; what the file system says
 */
export async function acquireLease(path: string, holder: string, o: { clock: Clock }): Promise<Lease> {
  const mine: LeaseRecord = {
    token: randomUUID(),
    holder,
    since: o.clock.now(),
    process: ownIdentity(),
  };
  try {
    await makeFolder(dirname(path));
    await take(path, mine, o.clock);
    await sweep(path, mine.token);
  } catch (error) {
    throw wrapFileError(error, 'take the lease', path);
  }
  return { path, since: mine.since, [Symbol.asyncDispose]: () => release(path, mine.token) };
}

/** Who holds the lease now; undefined where nobody does. A holder that is `dead` only waits to be replaced. */
export async function readLease(path: string): Promise<LeaseHolder | undefined> {
  const found = await readRecord(path);
  return found === undefined ? undefined : toHolder(found);
}

async function take(path: string, mine: LeaseRecord, clock: Clock): Promise<void> {
  for (let tries = 0; ; tries++) {
    if (await created(path, mine)) return;
    const found = await readRecord(path);
    if (found === undefined) continue;
    const liveness = livenessOf(found.process);
    if (liveness !== 'dead') throw heldError(path, found, liveness);
    if (await replaceDead(path, found, mine, clock)) return;
    if (tries >= TAKE_OVER_TRIES) throw heldError(path, found, liveness);
    await clock.sleep(TAKE_OVER_WAIT_MS);
  }
}

/** @returns whether we hold it now; false where another process was quicker */
async function replaceDead(
  path: string,
  dead: LeaseRecord,
  mine: LeaseRecord,
  clock: Clock,
): Promise<boolean> {
  const right = `${path}.${dead.token}`;
  const claim = { ...mine, token: randomUUID() };
  try {
    await take(right, claim, clock);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'store/held') return false;
    throw error;
  }
  try {
    const now = await readRecord(path);
    if (now?.token !== dead.token) return false;
    await replaceFile(path, JSON.stringify(mine));
    return true;
  } finally {
    await release(right, claim.token);
  }
}

async function created(path: string, mine: LeaseRecord): Promise<boolean> {
  try {
    await createFile(path, JSON.stringify(mine));
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the rights to replace leases that are no more: their tokens never come back, so nobody can use them. */
async function sweep(path: string, token: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const isRight = name.startsWith(prefix) && /^[0-9a-f-]{36}/.test(name.slice(prefix.length));
    if (isRight && !name.startsWith(`${prefix}${token}`))
      await rm(join(dirname(path), name), { force: true });
  }
}

async function release(path: string, token: string): Promise<void> {
  const found = await readRecord(path);
  // Somebody removed it by hand and another took it: not ours to remove.
  if (found?.token !== token) return;
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

async function readRecord(path: string): Promise<LeaseRecord | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw wrapFileError(error, 'read the lease', path);
  }
  try {
    return record.parse(JSON.parse(text));
  } catch (cause) {
    throw new StoreError({
      code: 'store/lease-unreadable',
      message: `the lease ${path} cannot be understood`,
      expected: 'a lease written by Holdfast',
      got: text.slice(0, 60),
      hint: `Make sure that no other Holdfast uses this folder, then remove ${path}.`,
      cause,
    });
  }
}

function toHolder(found: LeaseRecord): LeaseHolder {
  const { pid, machine } = found.process;
  return { holder: found.holder, since: found.since, pid, machine, liveness: livenessOf(found.process) };
}

function heldError(path: string, found: LeaseRecord, liveness: Liveness): StoreError {
  const { pid, machine } = found.process;
  const here =
    liveness === 'elsewhere'
      ? `It runs on another machine or in another container, which cannot be asked from here. If it is certainly gone, remove ${path}.`
      : `Wait for it to end, or stop it (pid ${pid}).`;
  return new StoreError({
    code: 'store/held',
    message: `${found.holder} (pid ${pid} on ${machine}) holds this since ${formatInstant(found.since)}`,
    expected: `nobody in ${path}`,
    got: `${found.holder}, pid ${pid}, since ${formatInstant(found.since)}`,
    hint: here,
  });
}

/** Runs as folders: `<state folder>/runs/<id>/{plan.json,journal.jsonl,lease}`, all of it for the owner only. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { messageOf, systemCode } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { replaceFile } from './durable.ts';
import type { Journal, RunId } from './journal.ts';
import { openJournalFile, readJournalFile } from './journal-file.ts';
import type { KnownSecrets } from './known-secrets.ts';
import { acquireLease, type Lease, readLease } from './lease.ts';
import type { RunStore } from './store.ts';
import { StoreError, wrapFileError } from './store-error.ts';

export interface FileRunStoreOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly secrets: KnownSecrets;
}

/** The run store of one state folder; nothing is made until the first run. */
export function fileRunStore({ stateDir, clock, secrets }: FileRunStoreOptions): RunStore {
  const folder = join(stateDir, 'runs');
  const files = (run: RunId) => ({
    plan: join(folder, run, 'plan.json'),
    journal: join(folder, run, 'journal.jsonl'),
    lease: join(folder, run, 'lease'),
  });
  const lease = (run: RunId) => acquireLease(files(run).lease, `run ${run}`, { clock });
  const open = (run: RunId, held: Lease) => openHeld(files(run).journal, held, { run, clock, secrets });

  return {
    place: stateDir,
    async create(run, document) {
      refuseSecret(document, secrets);
      if ((await listRuns(folder)).includes(run)) throw runExists(run);
      const held = await lease(run);
      try {
        await replaceFile(files(run).plan, `${JSON.stringify(document, null, 2)}\n`);
      } catch (error) {
        await held[Symbol.asyncDispose]();
        throw wrapFileError(error, 'keep the plan of the run', files(run).plan);
      }
      return (await open(run, held)).journal;
    },
    async open(run) {
      await requireRun(folder, run);
      const held = await lease(run);
      const { journal, entries } = await open(run, held);
      try {
        return { document: await readDocument(files(run).plan), entries, journal };
      } catch (error) {
        await journal[Symbol.asyncDispose]();
        throw error;
      }
    },
    async look(run) {
      await requireRun(folder, run);
      const document = await readDocument(files(run).plan);
      const holder = await readLease(files(run).lease);
      const entries = await readJournalFile(files(run).journal);
      return { run, document, entries, ...(holder === undefined ? {} : { holder }) };
    },
    lease: (name, holder) => acquireLease(join(stateDir, `${name}.lease`), holder, { clock }),
    list: () => listRuns(folder),
  };
}

/** The journal whose disposal also gives the run's lease back. */
async function openHeld(path: string, held: Lease, o: Parameters<typeof openJournalFile>[1]) {
  try {
    const { journal, entries } = await openJournalFile(path, o);
    return { journal: withLease(journal, held), entries };
  } catch (error) {
    await held[Symbol.asyncDispose]();
    throw error;
  }
}

function withLease(journal: Journal, held: Lease): Journal {
  return {
    run: journal.run,
    epoch: journal.epoch,
    append: (entry) => journal.append(entry),
    read: () => journal.read(),
    async [Symbol.asyncDispose]() {
      await journal[Symbol.asyncDispose]();
      await held[Symbol.asyncDispose]();
    },
  };
}

/** Run ids begin with their time, so that their order is that of their making. */
async function listRuns(folder: string): Promise<RunId[]> {
  try {
    const found = await readdir(folder, { withFileTypes: true });
    const names = found.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    const whole = await Promise.all(names.map(async (name) => [name, await hasPlan(folder, name)] as const));
    return whole
      .filter(([, has]) => has)
      .map(([name]) => name)
      .sort()
      .reverse();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw wrapFileError(error, 'list the runs', folder);
  }
}

/** A run without a plan was cut before it was opened: nothing was done, there is nothing to show. */
async function hasPlan(folder: string, run: RunId): Promise<boolean> {
  return (await stat(join(folder, run, 'plan.json')).catch(() => undefined)) !== undefined;
}

async function requireRun(folder: string, run: RunId): Promise<void> {
  const runs = await listRuns(folder);
  if (runs.includes(run)) return;
  const meant = nearest(run, runs);
  throw new StoreError({
    code: 'store/no-run',
    message: `there is no run '${run}' in ${folder}`,
    expected: runs.length === 0 ? 'a run' : `a run such as ${runs[0]}`,
    got: run,
    hint: meant === undefined ? 'List them with `holdfast runs`.' : `Did you mean '${meant}'?`,
  });
}

async function readDocument(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw wrapFileError(error, 'read the plan of the run', path);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StoreError({
      code: 'store/plan-unreadable',
      message: `the plan of the run cannot be read: ${path}`,
      expected: 'JSON written by Holdfast',
      got: messageOf(cause),
      hint: 'Restore the file from a backup: without it the run can neither go on nor go back.',
      cause,
    });
  }
}

function refuseSecret(document: unknown, secrets: KnownSecrets): void {
  const reference = secrets.findIn(document);
  if (reference === undefined) return;
  throw new StoreError({
    code: 'store/journal-secret',
    message: `the plan holds the secret ${reference} in clear`,
    expected: 'no secret on disk',
    got: `the value of ${reference} inside the arguments of a step`,
    hint: `Name the secret by its reference (${reference}) in the site file, wherever its value stands now.`,
  });
}

function runExists(run: RunId): StoreError {
  return new StoreError({
    code: 'store/io',
    message: `there is already a run '${run}'`,
    expected: 'a new run id',
    got: run,
    hint: 'Run the command again: ids are made from the time and a random part.',
  });
}

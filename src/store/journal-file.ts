/** A journal as a file of JSON lines, each flushed to the disk before its append resolves. */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { systemCode } from '../base/errors.ts';
import { syncFolder } from './durable.ts';
import type { Entry, EntryBody, Journal, RunId } from './journal.ts';
import { entriesOf } from './journal-lines.ts';
import type { KnownSecrets } from './known-secrets.ts';
import { StoreError, wrapFileError } from './store-error.ts';

export interface JournalFileOptions {
  readonly run: RunId;
  readonly clock: Clock;
  /** Nothing that holds one of these in clear is written. */
  readonly secrets: KnownSecrets;
}

/**
 * Opens a journal for appending, made if it is not there (0600). The caller holds the run's lease. A last line that
 * a crash cut short is removed: its append never resolved, so nothing was done on the strength of it.
 * @throws StoreError `store/journal-torn` where anything but the last line cannot be read
 */
export async function openJournalFile(
  path: string,
  o: JournalFileOptions,
): Promise<{ journal: Journal; entries: readonly Entry[] }> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'a+', 0o600);
    const { entries, wholeBytes } = entriesOf(await handle.readFile(), path);
    const { size } = await handle.stat();
    if (size > wholeBytes) await handle.truncate(wholeBytes);
    await handle.sync();
    await syncFolder(dirname(path));
    const epoch = entries.reduce((highest, entry) => Math.max(highest, entry.epoch), 0) + 1;
    return { journal: new JournalFile(path, handle, epoch, o), entries };
  } catch (error) {
    await handle?.close();
    throw wrapFileError(error, 'open the journal', path);
  }
}

/** The entries of a journal, for someone who only looks: nothing is changed, a torn last line is left out. None: empty. */
export async function readJournalFile(path: string): Promise<readonly Entry[]> {
  try {
    return entriesOf(await readFile(path), path).entries;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw wrapFileError(error, 'read the journal', path);
  }
}

class JournalFile implements Journal {
  readonly run: RunId;
  readonly epoch: number;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #clock: Clock;
  readonly #secrets: KnownSecrets;
  #last: Promise<void> = Promise.resolve();
  #broken: StoreError | undefined;

  constructor(path: string, handle: FileHandle, epoch: number, o: JournalFileOptions) {
    this.run = o.run;
    this.epoch = epoch;
    this.#path = path;
    this.#handle = handle;
    this.#clock = o.clock;
    this.#secrets = o.secrets;
  }

  append(body: EntryBody): Promise<void> {
    // Parallel steps append at the same time: one line after the other.
    const turn = this.#last.then(() => this.#write(body));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async *read(): AsyncIterable<Entry> {
    await this.#last;
    yield* await readJournalFile(this.#path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#handle.close();
  }

  async #write(body: EntryBody): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    refuseSecret(body, this.#secrets);
    const entry: Entry = { at: this.#clock.now(), epoch: this.epoch, ...this.#secrets.redactIn(body) };
    try {
      await this.#handle.appendFile(`${JSON.stringify(entry)}\n`);
      await this.#handle.datasync();
    } catch (error) {
      // Half a line may stand there now, and after a failed fsync nobody knows what does: no more writing.
      this.#broken = wrapFileError(error, 'write the journal', this.#path);
      throw this.#broken;
    }
  }
}

/** What a revert needs must be exact, so that it cannot be redacted: it is refused, before anything is done. */
function refuseSecret(body: EntryBody, secrets: KnownSecrets): void {
  const data = body.type === 'step-begun' ? body.undo : body.type === 'undo-amended' ? body.patch : undefined;
  const reference = secrets.findIn(data);
  if (reference === undefined || !('step' in body)) return;
  throw new StoreError({
    code: 'store/journal-secret',
    message: `what is needed to undo the step holds the secret ${reference} in clear`,
    where: { step: body.step },
    expected: 'no secret on disk',
    got: `the value of ${reference} inside the captured state`,
    hint: 'Nothing was changed by this step. Keep the old state on the host (the file kind does with `secret: true`), or rotate the secret first.',
  });
}

import type { Entry, EntryBody } from './journal.ts';
import { StoreError } from './store-error.ts';

const STEP_TYPES: Readonly<Record<EntryBody['type'], boolean>> = {
  'run-opened': false,
  'run-resumed': false,
  'rollback-begun': false,
  'run-closed': false,
  'step-begun': true,
  'undo-amended': true,
  'step-retried': true,
  'step-skipped': true,
  'step-applied': true,
  'step-verified': true,
  'step-failed': true,
  'revert-begun': true,
  'revert-failed': true,
  'step-reverted': true,
};

/**
 * Bytes of a journal → its entries. The last line may be torn: without its newline, or with the zero bytes that some
 * file systems leave after a power cut. It was never acknowledged, so it is left out.
 * @returns `wholeBytes`: how many bytes the whole lines take
 * @throws StoreError `store/journal-torn` that names the line, for rubbish anywhere else
 */
export function entriesOf(bytes: Uint8Array, path: string): { entries: Entry[]; wholeBytes: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Entry[] = [];
  let start = 0;
  for (let line = 1; start < buffer.length; line++) {
    const end = buffer.indexOf(10, start);
    if (end === -1) break;
    const text = buffer.toString('utf8', start, end);
    const isLast = end === buffer.length - 1;
    if (isLast && text.includes('\0')) break;
    entries.push(parseLine(text, line, path));
    start = end + 1;
  }
  return { entries, wholeBytes: start };
}

function parseLine(text: string, line: number, path: string): Entry {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw rubbish(path, line, text, 'no JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw rubbish(path, line, text, 'no object');
  const entry = value as Partial<Record<string, unknown>>;
  const needsStep = STEP_TYPES[entry.type as EntryBody['type']];
  if (needsStep === undefined) throw rubbish(path, line, text, `unknown type ${JSON.stringify(entry.type)}`);
  const isWhole = typeof entry.at === 'number' && typeof entry.epoch === 'number';
  if (!isWhole || (needsStep && typeof entry.step !== 'string')) {
    throw rubbish(path, line, text, 'at, epoch or step is missing');
  }
  return entry as unknown as Entry;
}

function rubbish(path: string, line: number, text: string, what: string, cause?: unknown): StoreError {
  return new StoreError({
    code: 'store/journal-torn',
    message: `the journal cannot be read: line ${line} of ${path}`,
    where: { position: { file: path, line, column: 1 } },
    expected: 'one journal entry as JSON on each line',
    got: `${what}: ${JSON.stringify(text.slice(0, 60))}`,
    hint: `Somebody or a bad disk changed the file. Restore it from a backup; or keep a copy, cut the file before line ${line} and run \`holdfast rollback\`: what line ${line} and those after it tell of then stays on the hosts, to be looked at by hand. (A journal of a newer Holdfast needs that Holdfast.)`,
    cause,
  });
}

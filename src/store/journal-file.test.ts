import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimClock } from '../../test/sim-clock.ts';
import { Secret } from '../base/secret.ts';
import type { EntryBody } from './journal.ts';
import { openJournalFile, readJournalFile } from './journal-file.ts';
import { KnownSecrets } from './known-secrets.ts';
import type { StoreError } from './store-error.ts';

const clock = new SimClock();
const isRoot = process.getuid?.() === 0;
let folder: string;
let path: string;
let secrets: KnownSecrets;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-journal-'));
  path = join(folder, 'journal.jsonl');
  secrets = new KnownSecrets();
});
afterEach(() => rm(folder, { recursive: true }));

const opening = () => openJournalFile(path, { run: 'r', clock, secrets });
const applied = (step: string): EntryBody => ({ type: 'step-applied', step });

async function write(...bodies: EntryBody[]): Promise<void> {
  const { journal } = await opening();
  await using _ = journal;
  for (const body of bodies) await journal.append(body);
}

async function failureOf(work: Promise<unknown>): Promise<StoreError> {
  return (await work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )) as StoreError;
}

test('what was appended is read again, with its time, and the epoch grows with each opening', async () => {
  await write(applied('a'));
  await write(applied('b'));
  expect(await readJournalFile(path)).toEqual([
    { at: clock.now(), epoch: 1, type: 'step-applied', step: 'a' },
    { at: clock.now(), epoch: 2, type: 'step-applied', step: 'b' },
  ]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('entries appended at the same time by parallel steps are whole lines', async () => {
  const { journal } = await opening();
  await using _ = journal;
  await Promise.all(Array.from({ length: 50 }, (_, n) => journal.append(applied(`s${n}`))));
  const steps: unknown[] = [];
  for await (const entry of journal.read()) steps.push('step' in entry && entry.step);
  expect(steps).toEqual(Array.from({ length: 50 }, (_, n) => `s${n}`));
});

test('a journal cut at any byte of its last line opens with the lines before it, and goes on cleanly', async () => {
  await write(applied('a'), applied('b'));
  const whole = await readFile(path);
  const firstEnd = whole.indexOf(10) + 1;
  for (let cut = firstEnd; cut < whole.length; cut++) {
    await writeFile(path, whole.subarray(0, cut));
    expect(await readJournalFile(path)).toHaveLength(1);
    await write(applied('c'));
    const steps = (await readJournalFile(path)).map((entry) => 'step' in entry && entry.step);
    expect(steps, `cut at byte ${cut}`).toEqual(['a', 'c']);
  }
});

test('a last line of zero bytes, as a power cut leaves it, is dropped', async () => {
  await write(applied('a'));
  await appendFile(path, `${'\0'.repeat(40)}\n`);
  await write(applied('b'));
  expect(await readJournalFile(path)).toHaveLength(2);
});

test.each([
  ['no JSON', 'rubbish\n', /no JSON/],
  ['no object', '42\n', /no object/],
  ['a type from the future', '{"at":1,"epoch":1,"type":"step-teleported","step":"a"}\n', /step-teleported/],
  ['no step', '{"at":1,"epoch":1,"type":"step-applied"}\n', /missing/],
])('a line with %s in the middle is an error that names the line and what to do', async (_, line, got) => {
  await write(applied('a'));
  await appendFile(path, line);
  await appendFile(path, '{"at":1,"epoch":1,"type":"step-applied","step":"b"}\n');
  const before = await readFile(path);
  const error = await failureOf(opening());
  expect(error.code).toBe('store/journal-torn');
  expect(error.message).toContain('line 2');
  expect(error.where.position).toEqual({ file: path, line: 2, column: 1 });
  expect(error.got).toMatch(got);
  expect(error.hint).toContain('holdfast rollback');
  expect(await readFile(path), 'the evidence stays untouched').toEqual(before);
});

test('a secret in a captured undo is refused before anything is written', async () => {
  secrets.add(new Secret('env:DB_PASSWORD', 'correct-horse'));
  const { journal } = await opening();
  await using _ = journal;
  const error = await failureOf(
    journal.append({ type: 'step-begun', step: 's', undo: { old: 'password=correct-horse' } }),
  );
  expect(error.code).toBe('store/journal-secret');
  expect(error.where.step).toBe('s');
  expect(error.message).not.toContain('correct-horse');
  await failureOf(journal.append({ type: 'undo-amended', step: 's', patch: { x: 'correct-horse' } }));
  expect(await readFile(path, 'utf8')).toBe('');
});

test('a secret that a host echoed into evidence or an error is replaced by its reference', async () => {
  secrets.add(new Secret('env:DB_PASSWORD', 'correct-horse'));
  const evidence = { asked: 'mysql -pcorrect-horse', got: 'ok', at: 1, tookMs: 1 };
  await write({ type: 'step-verified', step: 's', evidence });
  const text = await readFile(path, 'utf8');
  expect(text).not.toContain('correct-horse');
  expect(text).toContain('mysql -p<env:DB_PASSWORD>');
});

test('a Secret inside an undo reaches the disk as its reference', async () => {
  await write({ type: 'step-begun', step: 's', undo: { old: new Secret('file:/k', 'correct-horse') } });
  expect(await readFile(path, 'utf8')).toContain('"old":"<file:/k>"');
});

test.skipIf(!isRoot)(
  'on a full disk the append fails with what to do, and nothing more is taken (skipped: needs root for a small tmpfs)',
  async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder]);
    try {
      const { journal } = await opening();
      await journal.append(applied('a'));
      const filler = await open(join(folder, 'filler'), 'w');
      await filler.writeFile(Buffer.alloc(64 * 1024)).catch(() => {});
      const long = { type: 'step-begun', step: 'b', undo: { old: 'x'.repeat(9_000) } } as const;
      expect(await failureOf(journal.append(long))).toMatchObject({ code: 'store/disk-full' });
      await filler.close();
      await rm(join(folder, 'filler'));
      expect(await failureOf(journal.append(applied('c'))), 'still refused').toMatchObject({
        code: 'store/disk-full',
      });
      await journal[Symbol.asyncDispose]();
      const again = await opening();
      expect(again.entries.map((entry) => 'step' in entry && entry.step)).toEqual(['a']);
      await again.journal[Symbol.asyncDispose]();
    } finally {
      execFileSync('umount', [folder]);
    }
  },
);

test.skipIf(!isRoot)(
  'on a read-only file system the journal cannot be opened, and the error says why (skipped: needs root)',
  async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder]);
    try {
      const error = await failureOf(opening());
      expect(error.code).toBe('store/read-only');
      expect(error.hint).toContain('read-only');
    } finally {
      execFileSync('umount', [folder]);
    }
  },
);

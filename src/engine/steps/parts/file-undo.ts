/**
 * The old file, kept for the way back. Small public files go into the journal. What is not readable by everybody
 * (a key, a password file) or large stays on the host, beside the file, under a name that no `include *.conf` reads;
 * the journal then holds only where.
 */
import { posix } from 'node:path';
import { z } from 'zod';
import { sh } from '../../../hosts/shell.ts';
import type { StepContext } from '../../step.ts';
import { asRoot } from './run.ts';
import { StepError } from './step-error.ts';

const attributes = { path: z.string(), mode: z.number(), owner: z.string(), group: z.string() };

export const fileUndo = z.discriminatedUnion('was', [
  z.object({ was: z.literal('absent'), path: z.string() }),
  z.object({ was: z.literal('file'), ...attributes, base64: z.string() }),
  z.object({ was: z.literal('kept'), ...attributes, kept: z.string(), isKept: z.boolean() }),
]);
export type FileUndo = z.infer<typeof fileUndo>;

/** Larger files do not go into the journal. */
const MOST_JOURNAL_BYTES = 256 * 1024;

/** Whether others than owner and group may not read it: then its content is not shown, journaled or hashed either. */
export function isPrivate(mode: number): boolean {
  return (mode & 0o004) === 0;
}

/**
 * Captures a file; only reads.
 * @param isSecret true where the new content is a secret: then the old one is one, too
 */
export async function captureFile(ctx: StepContext, path: string, isSecret: boolean): Promise<FileUndo> {
  const stat = await ctx.host.files.stat(path, ctx.signal);
  if (stat === undefined) return { was: 'absent', path };
  const { mode, owner, group } = stat;
  if (isSecret || isPrivate(mode) || stat.sizeBytes > MOST_JOURNAL_BYTES) {
    const kept = `${keptPrefix(path)}${ctx.clock.now()}`;
    return { was: 'kept', path, mode, owner, group, kept, isKept: false };
  }
  const content = await ctx.host.files.read(path, ctx.signal);
  if (content === undefined) return { was: 'absent', path };
  return { was: 'file', path, mode, owner, group, base64: Buffer.from(content).toString('base64') };
}

/**
 * Puts the old file aside on the host where the journal does not hold it. Call it before the first change; `amend`
 * must make the returned undo safe before anything is changed.
 */
export async function keepOld(
  ctx: StepContext,
  undo: FileUndo,
  amend: (undo: FileUndo) => Promise<void>,
): Promise<void> {
  if (undo.was !== 'kept' || undo.isKept) return;
  const content = await ctx.host.files.read(undo.path, ctx.signal);
  if (content === undefined) return;
  await forgetOlder(ctx, undo.path);
  const owners = { owner: undo.owner, group: undo.group };
  await ctx.host.files.replace(undo.kept, content, { mode: undo.mode & 0o600, ...owners }, ctx.signal);
  await amend({ ...undo, isKept: true });
}

/**
 * Brings the old file back, from wherever apply stopped. Twice is as good as once. A file that is as it was is left
 * alone: what apply could not write (a disk that is full or read-only) must not keep the way back from going on.
 */
export async function restoreFile(ctx: StepContext, undo: FileUndo): Promise<void> {
  if (await isFileBack(ctx, undo)) return;
  const { files } = ctx.host;
  if (undo.was === 'absent') return files.remove(undo.path, ctx.signal);
  const { mode, owner, group } = undo;
  const content = await oldContent(ctx, undo);
  if (content === undefined) return;
  await files.replace(undo.path, content, { mode, owner, group }, ctx.signal);
}

/** Whether the file is as it was captured: content, mode and owner. Only reads. */
export async function isFileBack(ctx: StepContext, undo: FileUndo): Promise<boolean> {
  const { files } = ctx.host;
  const stat = await files.stat(undo.path, ctx.signal);
  if (undo.was === 'absent' || stat === undefined) return undo.was === 'absent' && stat === undefined;
  if (stat.mode !== undo.mode || stat.owner !== undo.owner || stat.group !== undo.group) return false;
  const old = await oldContent(ctx, undo);
  // Never put aside: then apply did not come as far as changing it.
  if (old === undefined) return true;
  const content = await files.read(undo.path, ctx.signal);
  return content !== undefined && Buffer.from(old).equals(content);
}

/** The captured content; undefined where there was no file, or it was never put aside (see `keptContent`). */
export async function oldContent(ctx: StepContext, undo: FileUndo): Promise<Uint8Array | undefined> {
  if (undo.was === 'absent') return undefined;
  return undo.was === 'file' ? Buffer.from(undo.base64, 'base64') : keptContent(ctx, undo);
}

/** @returns undefined where apply never got as far as putting it aside: then the file is as it was */
async function keptContent(
  ctx: StepContext,
  undo: Extract<FileUndo, { was: 'kept' }>,
): Promise<Uint8Array | undefined> {
  const content = await ctx.host.files.read(undo.kept, ctx.signal);
  if (content !== undefined || !undo.isKept) return content;
  throw new StepError({
    code: 'step/old-content-missing',
    message: `cannot bring back ${undo.path}`,
    expected: `its old content in ${undo.kept}`,
    got: 'no such file',
    hint: 'A later run of Holdfast or a person removed it: restore the file from a backup.',
  });
}

/** One old version a file is enough; more would be secrets lying about. Not vital: a failure is ignored. */
async function forgetOlder(ctx: StepContext, path: string): Promise<void> {
  const [folder, name] = [posix.dirname(path), posix.basename(keptPrefix(path))];
  await asRoot(ctx, sh`cd ${folder} && for old in ${name}*; do rm -f -- "$old"; done`).catch((error) =>
    ctx.log.debug('kept older copies', { path, error: String(error) }),
  );
}

/** `/etc/rndc.key` → `/etc/.rndc.key.holdfast-old-` */
function keptPrefix(path: string): string {
  return posix.join(posix.dirname(path), `.${posix.basename(path)}.holdfast-old-`);
}

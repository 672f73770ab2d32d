/** What a person changed in a file after a step had put it in place, and how it is kept when a rollback overwrites it. */
import { posix } from 'node:path';
import { Secret } from '../../../base/secret.ts';
import type { FileStat } from '../../../hosts/host.ts';
import type { Diff, Drift, StepContext } from '../../step.ts';
import { modeBits } from './arguments.ts';
import { type FileUndo, isPrivate, oldContent } from './file-undo.ts';
import { unifiedDiff } from './unified-diff.ts';
import type { WantedFile } from './wanted-file.ts';

/**
 * Holds the content of a file against what the step left; only reads. Mode and owner are not content, and a file that
 * was removed has none that could be lost.
 * @param left what the step had put there
 * @returns the one drift; none where it is as the step left it, or already as it was before the step
 */
export async function fileDrift(
  ctx: StepContext,
  undo: FileUndo,
  left: WantedFile,
): Promise<readonly Drift[]> {
  const { path } = undo;
  const stat = await ctx.host.files.stat(path, ctx.signal);
  // Behind a link is content, too; a directory in its place is nothing that a revert overwrites.
  if (stat?.type !== 'file' && stat?.type !== 'symlink') return [];
  const now = await ctx.host.files.read(path, ctx.signal);
  if (now === undefined || isSame(now, left.content)) return [];
  const old = await oldContent(ctx, undo);
  const neverChanged = undo.was === 'kept' && old === undefined;
  if (neverChanged || isSame(now, old)) return [];
  return [{ name: path, diff: describe(left, undo, stat, now) }];
}

/**
 * Copies the file to a name beside it that no `include *.conf` reads, for its owner only.
 * @returns where; undefined where there is no file
 */
export async function keepFile(ctx: StepContext, path: string): Promise<string | undefined> {
  const { files } = ctx.host;
  const stat = await files.stat(path, ctx.signal);
  const content = stat?.type === 'directory' ? undefined : await files.read(path, ctx.signal);
  if (stat === undefined || content === undefined) return undefined;
  const name = `.${posix.basename(path)}.holdfast-discarded-${ctx.clock.now()}`;
  const kept = posix.join(posix.dirname(path), name);
  const { owner, group } = stat;
  await files.replace(kept, content, { mode: stat.mode & 0o600, owner, group }, ctx.signal);
  return kept;
}

function isSame(now: Uint8Array, content: Uint8Array | Secret | undefined): boolean {
  if (content === undefined) return false;
  return Buffer.compare(now, content instanceof Secret ? Buffer.from(content.reveal()) : content) === 0;
}

function describe(left: WantedFile, undo: FileUndo, stat: FileStat, now: Uint8Array): Diff {
  const { path, content } = left;
  const modes = [stat.mode, 'mode' in undo ? undo.mode : undefined, left.mode && modeBits(left.mode)];
  const isHidden = modes.some((mode) => typeof mode === 'number' && isPrivate(mode));
  if (isHidden || content instanceof Secret)
    return { summary: `${path} has other content (not shown: it is not for everybody)` };
  const diff = unifiedDiff(path, content, now);
  if (diff === undefined)
    return { summary: `${path} has other content (${content?.length ?? 0} → ${now.length} bytes)` };
  return { summary: `${path} (+${diff.added} −${diff.removed})`, text: diff.text };
}

/** One file as it should be: compared, put in place, read back. Shared by every kind that writes files. */
import { posix } from 'node:path';
import { digestBytes } from '../../../base/digest.ts';
import type { Evidence } from '../../../base/evidence.ts';
import { defineReasons, type Reason } from '../../../base/reason.ts';
import { Secret } from '../../../base/secret.ts';
import type { FileStat } from '../../../hosts/host.ts';
import { quote } from '../../../hosts/shell.ts';
import type { Diff, StepContext } from '../../step.ts';
import { formatMode, modeBits } from './arguments.ts';
import { type FileUndo, isPrivate, keepOld } from './file-undo.ts';
import { asRoot, outputOf, tidyUp } from './run.ts';
import { notAsWanted, StepError } from './step-error.ts';
import { unifiedDiff } from './unified-diff.ts';

export interface WantedFile {
  readonly path: string;
  /** Undefined: there should be no such file. */
  readonly content: Uint8Array | Secret | undefined;
  /** Octal; undefined: as it is, 0644 for a new file, 0600 for a new one that holds a secret. */
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  /** A command that must accept the content before it is put in place; `{path}` is where it lies for that. */
  readonly validate?: readonly string[] | undefined;
}

export type Comparison =
  | { readonly is: 'same' }
  | { readonly is: 'different'; readonly diff: Diff }
  | { readonly is: 'impossible'; readonly because: Reason; readonly hint: Reason };

export const wantedFileReasons = defineReasons({
  'file/same': { en: '{path} is as wanted', zh: '{path} 已符合要求' },
  'file/absent': { en: 'there is no {path}, as wanted', zh: '{path} 不存在，符合要求' },
  'file/not-a-file': {
    en: '{path} is a {type}, not a regular file',
    zh: '{path} 的类型是 {type}，不是普通文件',
  },
  'file/name-the-target': {
    en: 'name the file that the link points at, or move what is there away',
    zh: '请改为填写该链接所指向的文件，或先把现有内容移走',
  },
});

const LARGEST_COMPARED_BYTES = 8 * 1024 * 1024;
const VALIDATE_TIMEOUT_MS = 60_000;

/** Compares with what is on the host; only reads. */
export async function compareFile(ctx: StepContext, wanted: WantedFile): Promise<Comparison> {
  const stat = await ctx.host.files.stat(wanted.path, ctx.signal);
  if (stat === undefined) {
    return wanted.content === undefined ? { is: 'same' } : { is: 'different', diff: creation(wanted) };
  }
  if (stat.type !== 'file') {
    const because = wantedFileReasons.of('file/not-a-file', { path: wanted.path, type: stat.type });
    return { is: 'impossible', because, hint: wantedFileReasons.of('file/name-the-target') };
  }
  const found = stat.sizeBytes > LARGEST_COMPARED_BYTES ? undefined : await read(ctx, wanted.path);
  const attributeChanges = compareAttributes(stat, wanted);
  const sameContent =
    wanted.content !== undefined &&
    found !== undefined &&
    Buffer.compare(found, bytesOf(wanted.content)) === 0;
  if (sameContent && attributeChanges.length === 0) return { is: 'same' };
  return { is: 'different', diff: change(wanted, stat, found, sameContent, attributeChanges) };
}

/**
 * Puts the file in place: keeps the old one, has the new one validated, then replaces atomically.
 * @param amend makes a changed undo safe; see `keepOld`
 * @throws StepError `step/invalid-content` where `validate` refuses; nothing is changed then
 */
export async function placeFile(
  ctx: StepContext,
  wanted: WantedFile,
  undo: FileUndo,
  amend: (undo: FileUndo) => Promise<void>,
): Promise<void> {
  if (wanted.content !== undefined) await validate(ctx, wanted, wanted.content);
  await keepOld(ctx, undo, amend);
  if (wanted.content === undefined) return ctx.host.files.remove(wanted.path, ctx.signal);
  await ctx.host.files.replace(wanted.path, wanted.content, attributesFor(wanted, undo), ctx.signal);
}

/**
 * Reads the file back from the host.
 * @throws StepError `step/not-as-wanted`
 */
export async function confirmFile(ctx: StepContext, wanted: WantedFile): Promise<Evidence> {
  const startMs = ctx.clock.monotonicMs();
  const stat = await ctx.host.files.stat(wanted.path, ctx.signal);
  const found = stat === undefined ? undefined : await read(ctx, wanted.path);
  const [expected, got] = [describeWanted(wanted), describeFound(wanted, stat, found)];
  const isRight =
    wanted.content === undefined
      ? stat === undefined
      : stat !== undefined && found !== undefined && isAsWanted(wanted, stat, found);
  if (!isRight) throw notAsWanted(wanted.path, expected, got);
  const tookMs = ctx.clock.monotonicMs() - startMs;
  return { asked: `read ${wanted.path}`, got, expected, at: ctx.clock.now(), tookMs };
}

function isAsWanted(wanted: WantedFile, stat: FileStat, found: Uint8Array): boolean {
  return (
    compareAttributes(stat, wanted).length === 0 &&
    Buffer.compare(found, bytesOf(wanted.content as Uint8Array | Secret)) === 0
  );
}

async function read(ctx: StepContext, path: string): Promise<Uint8Array | undefined> {
  return ctx.host.files.read(path, ctx.signal);
}

function bytesOf(content: Uint8Array | Secret): Uint8Array {
  return content instanceof Secret ? Buffer.from(content.reveal()) : content;
}

/** `mode 0644 → 0600`, one each for what differs. */
function compareAttributes(stat: FileStat, wanted: WantedFile): string[] {
  const pairs = [
    ['mode', formatMode(stat.mode), wanted.mode],
    ['owner', stat.owner, wanted.owner],
    ['group', stat.group, wanted.group],
  ] as const;
  return pairs
    .filter(([, is, should]) => should !== undefined && should !== is)
    .map(([name, is, should]) => `${name} ${is} → ${should}`);
}

function attributesFor(wanted: WantedFile, undo: FileUndo) {
  const isNew = undo.was === 'absent';
  const newMode = wanted.content instanceof Secret ? 0o600 : 0o644;
  const mode = wanted.mode === undefined ? (isNew ? newMode : undefined) : modeBits(wanted.mode);
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(wanted.owner === undefined ? {} : { owner: wanted.owner }),
    ...(wanted.group === undefined ? {} : { group: wanted.group }),
  };
}

function isHidden(wanted: WantedFile, stat?: FileStat): boolean {
  const modes = [stat?.mode, wanted.mode === undefined ? undefined : modeBits(wanted.mode)];
  return wanted.content instanceof Secret || modes.some((mode) => mode !== undefined && isPrivate(mode));
}

function creation(wanted: WantedFile): Diff {
  const content = wanted.content as Uint8Array | Secret;
  if (isHidden(wanted))
    return { summary: `create ${wanted.path} (content not shown: it is not for everybody)` };
  const diff = unifiedDiff(wanted.path, undefined, bytesOf(content));
  if (diff === undefined) return { summary: `create ${wanted.path} (${bytesOf(content).length} bytes)` };
  return {
    summary: `create ${wanted.path} (${diff.added === 1 ? '1 line' : `${diff.added} lines`})`,
    text: diff.text,
  };
}

function change(
  wanted: WantedFile,
  stat: FileStat,
  found: Uint8Array | undefined,
  sameContent: boolean,
  attributes: readonly string[],
): Diff {
  const tail = attributes.length === 0 ? '' : `, ${attributes.join(', ')}`;
  if (sameContent) return { summary: `change ${wanted.path}: ${attributes.join(', ')}` };
  const verb = wanted.content === undefined ? 'remove' : 'change';
  if (isHidden(wanted, stat)) {
    return { summary: `${verb} ${wanted.path} (content differs, not shown: it is not for everybody)${tail}` };
  }
  const after = wanted.content === undefined ? undefined : bytesOf(wanted.content);
  const diff = found === undefined ? undefined : unifiedDiff(wanted.path, found, after);
  if (diff === undefined) {
    return { summary: `${verb} ${wanted.path} (${stat.sizeBytes} → ${after?.length ?? 0} bytes)${tail}` };
  }
  return { summary: `${verb} ${wanted.path} (+${diff.added} −${diff.removed})${tail}`, text: diff.text };
}

function describeWanted(wanted: WantedFile): string {
  if (wanted.content === undefined) return 'no such file';
  const content = describeContent(wanted.content, isHidden(wanted));
  const rest = [wanted.mode && `mode ${wanted.mode}`, wanted.owner, wanted.group].filter(Boolean);
  return [content, ...rest].join(', ');
}

function describeFound(wanted: WantedFile, stat?: FileStat, found?: Uint8Array): string {
  if (stat === undefined || found === undefined) return 'no such file';
  const content = describeContent(found, isHidden(wanted, stat));
  return `${content}, mode ${formatMode(stat.mode)}, ${stat.owner}, ${stat.group}`;
}

/** A hash of something short and secret could be guessed: private content is only said to have its length. */
function describeContent(content: Uint8Array | Secret, hidden: boolean): string {
  if (content instanceof Secret) return `the value of ${content}`;
  return hidden ? `${content.length} bytes (not for everybody)` : digestBytes(content);
}

/** Where the content lies while it is validated; gone afterwards unless we were killed. */
export function trialPath(path: string): string {
  return posix.join(posix.dirname(path), `.${posix.basename(path)}.holdfast-check`);
}

/** Lays the content beside the target, because paths inside it may be relative, under a name no include reads. */
async function validate(ctx: StepContext, wanted: WantedFile, content: Uint8Array | Secret): Promise<void> {
  if (wanted.validate === undefined) return;
  const { path } = wanted;
  const trial = trialPath(path);
  try {
    await ctx.host.files.replace(trial, content, { mode: 0o600 }, ctx.signal);
    const words = wanted.validate.map((word) => word.replaceAll('{path}', trial));
    const result = await asRoot(
      ctx,
      { text: words.map(quote).join(' ') },
      { timeoutMs: VALIDATE_TIMEOUT_MS },
    );
    if (result.code === 0) return;
    const isSecret = content instanceof Secret;
    throw new StepError({
      code: 'step/invalid-content',
      message: `the new ${path} was refused by its validator; nothing was changed`,
      expected: `exit code 0 of ${wanted.validate.join(' ')}`,
      got: `exit code ${result.code}`,
      hint: 'Correct the content; the evidence has what the validator said about it.',
      ...(isSecret ? {} : { evidence: outputOf(result).replaceAll(trial, path) }),
    });
  } finally {
    await tidyUp(ctx, trial, (signal) => ctx.host.files.remove(trial, signal));
  }
}

/**
 * One directory with its mode and owner; parents that are missing are made, too, as root's with mode 0755. What is in
 * it is not touched. Revert removes only directories that the step made, and only while they are empty.
 */
import { posix } from 'node:path';
import { z } from 'zod';
import { defineReasons } from '../../base/reason.ts';
import type { FileStat } from '../../hosts/host.ts';
import { sh } from '../../hosts/shell.ts';
import type { Check, Diff, StepContext, StepKind } from '../step.ts';
import { absolutePath, formatMode, octalMode, ownerName } from './parts/arguments.ts';
import { order } from './parts/run.ts';
import { notAsWanted } from './parts/step-error.ts';

export const directoryArgs = z.strictObject({
  path: absolutePath(),
  mode: octalMode().optional(),
  owner: ownerName().optional(),
  group: ownerName().optional(),
});
export type DirectoryArgs = z.infer<typeof directoryArgs>;

const directoryUndo = z.object({
  path: z.string(),
  /** Missing ones, outermost first; the directory itself is the last. Empty: it existed. */
  missing: z.array(z.string()),
  before: z.object({ mode: z.number(), owner: z.string(), group: z.string() }).optional(),
});
type DirectoryUndo = z.infer<typeof directoryUndo>;

const reasons = defineReasons({
  'directory/make': { en: 'make the directory {path}', zh: '创建目录 {path}' },
  'directory/same': { en: 'the directory {path} is as wanted', zh: '目录 {path} 已符合要求' },
  'directory/not-one': { en: '{path} is a {type}, not a directory', zh: '{path} 的类型是 {type}，不是目录' },
  'directory/move-away': {
    en: 'move it away, or name the directory behind the link',
    zh: '请将其移走，或改为填写链接所指向的目录',
  },
});

/** See the top of this file. */
export const directory: StepKind<DirectoryArgs, DirectoryUndo> = {
  kind: 'directory',
  args: directoryArgs,
  reasons,
  retrySafe: true,
  title: ({ path }) => reasons.of('directory/make', { path }),
  check,
  async apply(ctx, args, undo) {
    const hint = 'Check with `ls -ld` that each part of the path is a directory on a writable file system.';
    if (undo.missing.length > 0) {
      const parent = posix.dirname(args.path);
      const mode = args.mode ?? '0755';
      const make = sh`umask 022 && mkdir -p -- ${parent} && { [ -d ${args.path} ] || mkdir -m ${mode} -- ${args.path}; }`;
      await order(ctx, make, { what: `make ${args.path}`, hint });
    }
    await setAttributes(ctx, args.path, args);
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    const stat = await ctx.host.files.stat(args.path, ctx.signal);
    const got = stat === undefined ? 'nothing there' : describe(stat);
    const expected = ['directory', args.mode, args.owner, args.group].filter(Boolean).join(' ');
    if (stat?.type !== 'directory' || differences(stat, args).length > 0) {
      throw notAsWanted(args.path, expected, got);
    }
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return { asked: `stat ${args.path}`, got, expected, at: ctx.clock.now(), tookMs };
  },
  undo: { schema: directoryUndo, capture, revert },
};

async function check(ctx: StepContext, args: DirectoryArgs): Promise<Check> {
  const stat = await ctx.host.files.stat(args.path, ctx.signal);
  if (stat === undefined) return { state: 'todo', diff: creation(args) };
  if (stat.type !== 'directory') {
    const because = reasons.of('directory/not-one', { path: args.path, type: stat.type });
    return { state: 'refused', because, hint: reasons.of('directory/move-away') };
  }
  const changes = differences(stat, args);
  if (changes.length === 0)
    return { state: 'done', because: reasons.of('directory/same', { path: args.path }) };
  return { state: 'todo', diff: { summary: `change ${args.path}: ${changes.join(', ')}` } };
}

async function capture(ctx: StepContext, { path }: DirectoryArgs): Promise<DirectoryUndo> {
  const missing: string[] = [];
  let at = path;
  let stat = await ctx.host.files.stat(at, ctx.signal);
  while (stat === undefined && at !== '/') {
    missing.unshift(at);
    at = posix.dirname(at);
    stat = at === '/' ? undefined : await ctx.host.files.stat(at, ctx.signal);
  }
  if (missing.length > 0 || stat === undefined) return { path, missing };
  return { path, missing, before: { mode: stat.mode, owner: stat.owner, group: stat.group } };
}

/** Removes innermost first, and leaves what is not empty: what came in later is not ours to delete. */
async function revert(ctx: StepContext, undo: DirectoryUndo): Promise<void> {
  if (undo.before !== undefined) {
    return setAttributes(ctx, undo.path, { ...undo.before, mode: formatMode(undo.before.mode) });
  }
  if (undo.missing.length === 0) return;
  const innermostFirst = undo.missing.toReversed();
  const remove = sh`for d in ${innermostFirst}; do
  [ -d "$d" ] || continue
  [ -n "$(ls -A -- "$d")" ] && { printf '%s\n' "$d"; exit 0; }
  rmdir -- "$d" || exit 1
done`;
  const { stdout } = await order(ctx, remove, {
    what: `remove ${undo.path}`,
    hint: 'Check that the file system is writable and that the directory is no mount point.',
  });
  if (stdout.trim() !== '') ctx.log.warn('left a directory that is no longer empty', { path: stdout.trim() });
}

async function setAttributes(
  ctx: StepContext,
  path: string,
  o: { mode?: string | undefined; owner?: string | undefined; group?: string | undefined },
): Promise<void> {
  const owners = `${o.owner ?? ''}${o.group === undefined ? '' : `:${o.group}`}`;
  // chown first: it clears the set-user-id and set-group-id bits that chmod then sets.
  const parts = [
    ...(owners === '' ? [] : [sh`chown -- ${owners} ${path}`]),
    ...(o.mode === undefined ? [] : [sh`chmod -- ${o.mode} ${path}`]),
  ];
  if (parts.length === 0) return;
  await order(
    ctx,
    { text: parts.map(({ text }) => text).join(' && ') },
    {
      what: `set mode and owner of ${path}`,
      hint: 'Check that user and group exist on the host (`getent passwd`, `getent group`).',
    },
  );
}

function creation(args: DirectoryArgs): Diff {
  const owner = [args.owner, args.group].filter(Boolean).join(':');
  return { summary: `make ${args.path} (mode ${args.mode ?? '0755'}${owner === '' ? '' : `, ${owner}`})` };
}

function differences(stat: FileStat, args: DirectoryArgs): string[] {
  const pairs = [
    ['mode', formatMode(stat.mode), args.mode],
    ['owner', stat.owner, args.owner],
    ['group', stat.group, args.group],
  ] as const;
  return pairs
    .filter(([, is, should]) => should !== undefined && should !== is)
    .map(([name, is, should]) => `${name} ${is} → ${should}`);
}

function describe({ type, mode, owner, group }: FileStat): string {
  return `${type} ${formatMode(mode)} ${owner} ${group}`;
}

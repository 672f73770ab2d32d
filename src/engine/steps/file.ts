/**
 * One file: content, mode and owner, or its absence. The content stands in the plan, or is a secret by reference.
 *
 * The folder must exist (a `directory` step makes it). A symbolic link is refused: the file behind it is to be named.
 * Known leftovers after a kill -9 at the worst moment: `.NAME.holdfast-check` beside the file; the next apply or
 * revert removes it.
 */
import { z } from 'zod';
import { defineReasons } from '../../base/reason.ts';
import { Secret } from '../../base/secret.ts';
import { secretRef } from '../../site/values.ts';
import type { StepContext, StepKind } from '../step.ts';
import { absolutePath, argv, octalMode, ownerName } from './parts/arguments.ts';
import type { FileUndo } from './parts/file-undo.ts';
import { oneFileUndo } from './parts/one-file.ts';
import {
  compareFile,
  confirmFile,
  placeFile,
  trialPath,
  type WantedFile,
  wantedFileReasons,
} from './parts/wanted-file.ts';

/** More content than this does not belong into a plan that people read. */
const MOST_CONTENT_CHARACTERS = 1024 * 1024;

/** Exactly one of `content`, `contentFrom` and `absent` says what the file should be. */
export const fileArgs = z
  .strictObject({
    path: absolutePath(),
    content: z.string().max(MOST_CONTENT_CHARACTERS).optional(),
    contentFrom: secretRef().optional(),
    /** What stands before and after the secret in the file: it is one word of a configuration. */
    around: z.tuple([z.string(), z.string()]).optional(),
    absent: z.literal(true).optional(),
    mode: octalMode().optional(),
    owner: ownerName().optional(),
    group: ownerName().optional(),
    /** Run before the content is put in place, e.g. `[sshd, -t, -f, '{path}']`. */
    validate: argv().optional(),
  })
  .superRefine((args, ctx) => {
    const given = [args.content, args.contentFrom, args.absent].filter((value) => value !== undefined);
    if (given.length === 1) return;
    ctx.addIssue({ code: 'custom', message: 'expected exactly one of content, contentFrom and absent' });
  });
export type FileArgs = z.infer<typeof fileArgs>;

const own = defineReasons({
  'file/put': { en: 'put {path} in place', zh: '写入文件 {path}' },
  'file/remove': { en: 'remove {path}', zh: '删除文件 {path}' },
});
const reasons = defineReasons({ ...wantedFileReasons, ...own });

/** Arguments → the file they want; looks up the secret where there is one. */
export async function wantedFile(ctx: StepContext, args: FileArgs): Promise<WantedFile> {
  const { path, mode, owner, group, validate } = args;
  const attributes = { path, mode, owner, group, validate };
  if (args.contentFrom !== undefined) {
    const secret = await ctx.secret(args.contentFrom);
    if (args.around === undefined) return { ...attributes, content: secret };
    const [before, after] = args.around;
    const content = `${before}${secret.reveal().trim()}${after}`;
    return { ...attributes, content: new Secret(secret.reference, content) };
  }
  return { ...attributes, content: args.content === undefined ? undefined : Buffer.from(args.content) };
}

const wayBack = oneFileUndo<FileArgs>({
  isSecret: ({ contentFrom }) => contentFrom !== undefined,
  left: wantedFile,
});

/** See the top of this file. */
export const file: StepKind<FileArgs, FileUndo> = {
  kind: 'file',
  args: fileArgs,
  reasons,
  retrySafe: true,
  removes: ({ absent }) => absent === true,
  title: ({ path, absent }) => reasons.of(absent === true ? 'file/remove' : 'file/put', { path }),
  async check(ctx, args) {
    const comparison = await compareFile(ctx, await wantedFile(ctx, args));
    if (comparison.is === 'different') return { state: 'todo', diff: comparison.diff };
    if (comparison.is === 'impossible') {
      return { state: 'refused', because: comparison.because, hint: comparison.hint };
    }
    const code = args.absent === true ? 'file/absent' : 'file/same';
    return { state: 'done', because: reasons.of(code, { path: args.path }) };
  },
  async apply(ctx, args, undo) {
    await placeFile(ctx, await wantedFile(ctx, args), undo, (amended) => ctx.amendUndo(amended));
  },
  verify: async (ctx, args) => confirmFile(ctx, await wantedFile(ctx, args)),
  undo: {
    ...wayBack,
    async revert(ctx, undo, args) {
      await wayBack.revert(ctx, undo, args);
      await ctx.host.files.remove(trialPath(undo.path), ctx.signal);
    },
  },
};

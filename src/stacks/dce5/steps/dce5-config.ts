/**
 * One node's clusterConfig.yaml, mode 0600 because it holds passwords: made from the vendor's sample, or edited in
 * place where there is one. What is shown of it has `***` for every password; the journal holds none of it.
 */
import { z } from 'zod';
import type { Evidence } from '../../../base/evidence.ts';
import { defineReasons } from '../../../base/reason.ts';
import type { Check, Diff, StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath, formatMode } from '../../../engine/steps/parts/arguments.ts';
import { type FileUndo, oldContent } from '../../../engine/steps/parts/file-undo.ts';
import { oneFileUndo } from '../../../engine/steps/parts/one-file.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import { unifiedDiff } from '../../../engine/steps/parts/unified-diff.ts';
import { placeFile, type WantedFile, wantedFileReasons } from '../../../engine/steps/parts/wanted-file.ts';
import { editConfig, type FilledWish, maskPasswords } from '../config/edit-config.ts';
import { type ConfigWish, configWish } from '../config/wish.ts';
import { Dce5Error } from '../error.ts';

export const dce5ConfigArgs = z.strictObject({ path: absolutePath(), wish: configWish });
export type Dce5ConfigArgs = z.infer<typeof dce5ConfigArgs>;

const MODE = '0600';

const own = defineReasons({
  'dce5-config/put': {
    en: 'have bootstrapNode {node} and additionalSSLSubjectAltName {name} in {path}',
    zh: '使 {path} 中的 bootstrapNode 为 {node}、additionalSSLSubjectAltName 为 {name}',
  },
  'dce5-config/not-editable': {
    en: '{path}:{line} is {got}, expected {expected}',
    zh: '{path}:{line} 为 {got}，应为 {expected}',
  },
  'dce5-config/correct-it': {
    en: 'Correct the file by hand, or move it away: then one is made from the sample.',
    zh: '请手工修正该文件，或将其移走：之后会按厂商示例生成。',
  },
  'dce5-config/write-out': {
    en: 'Write the value out in its place, on one line, without `&`, `*`, `|` and `>`; the others stay as they are.',
    zh: '请在原处将该值写在一行内，不使用 `&`、`*`、`|` 和 `>`；其他值保持不变。',
  },
  'dce5-config/no-nodes': {
    en: 'there is no {path}, and the site file names no masterNodes to make one with',
    zh: '{path} 不存在，且站点文件未给出生成它所需的 masterNodes',
  },
  'dce5-config/name-nodes': {
    en: 'Name `masterNodes` in the stack, or give the path of the existing file as `config`.',
    zh: '请在该栈中填写 `masterNodes`，或用 `config` 指明已有文件的路径。',
  },
});
const reasons = defineReasons({ ...wantedFileReasons, ...own });

/** See the top of this file. */
export const dce5Config: StepKind<Dce5ConfigArgs, FileUndo> = {
  kind: 'dce5-config',
  args: dce5ConfigArgs,
  reasons,
  retrySafe: true,
  title: ({ path, wish }) =>
    reasons.of('dce5-config/put', { path, node: wish.bootstrapNode, name: wish.altName }),
  check,
  async apply(ctx, args, undo) {
    const { after, path } = await compare(ctx, args);
    if ('wrong' in after) throw notEditable(path, after);
    await placeFile(ctx, { path, content: Buffer.from(after.text), mode: MODE }, undo, (amended) =>
      ctx.amendUndo(amended),
    );
  },
  verify,
  undo: oneFileUndo({ isSecret: () => true, left: leftBehind }),
};

interface Comparison {
  readonly path: string;
  readonly before: string | undefined;
  readonly mode: number | undefined;
  readonly after: ReturnType<typeof editConfig>;
}

async function compare(ctx: StepContext, { path, wish }: Dce5ConfigArgs): Promise<Comparison> {
  const stat = await ctx.host.files.stat(path, ctx.signal);
  const found = stat === undefined ? undefined : await ctx.host.files.read(path, ctx.signal);
  const before = found === undefined ? undefined : Buffer.from(found).toString();
  return { path, before, mode: stat?.mode, after: editConfig(before, await filled(ctx, wish)) };
}

async function filled(ctx: StepContext, wish: ConfigWish): Promise<FilledWish> {
  const masterNodes = await Promise.all(
    wish.masterNodes.map(async (node) => ({
      ...node,
      ansiblePass: (await ctx.secret(node.ansiblePass)).reveal(),
    })),
  );
  return { ...wish, masterNodes };
}

/** What apply made of the old file: an edit keeps most of it, so the wish alone does not tell. */
async function leftBehind(ctx: StepContext, args: Dce5ConfigArgs, undo: FileUndo): Promise<WantedFile> {
  const { path, wish } = args;
  const old = await oldContent(ctx, undo);
  const after = editConfig(
    old === undefined ? undefined : Buffer.from(old).toString(),
    await filled(ctx, wish),
  );
  if ('wrong' in after) throw notEditable(path, after);
  return { path, content: Buffer.from(after.text), mode: MODE };
}

async function check(ctx: StepContext, args: Dce5ConfigArgs): Promise<Check> {
  const compared = await compare(ctx, args);
  const { path, before, mode, after } = compared;
  if (before === undefined && args.wish.masterNodes.length === 0) {
    const because = reasons.of('dce5-config/no-nodes', { path });
    return { state: 'refused', because, hint: reasons.of('dce5-config/name-nodes') };
  }
  if ('wrong' in after) {
    const { wrong: got, expected, line, isIndirect } = after;
    const because = reasons.of('dce5-config/not-editable', { path, line, got, expected });
    return {
      state: 'refused',
      because,
      hint: reasons.of(isIndirect ? 'dce5-config/write-out' : 'dce5-config/correct-it'),
    };
  }
  if (before === after.text && mode === 0o600)
    return { state: 'done', because: reasons.of('file/same', { path }) };
  return { state: 'todo', diff: diffOf(path, before, after.text, mode) };
}

function diffOf(path: string, before: string | undefined, after: string, mode: number | undefined): Diff {
  const masked = before === undefined ? undefined : maskPasswords(before);
  const diff = unifiedDiff(
    path,
    masked === undefined ? undefined : Buffer.from(masked),
    Buffer.from(maskPasswords(after)),
  );
  const changes = [
    ...(mode === undefined || mode === 0o600 ? [] : [`mode ${formatMode(mode)} → ${MODE}`]),
    ...(masked !== undefined && masked === maskPasswords(after) && before !== after
      ? ['a password, not shown']
      : []),
  ];
  const tail = changes.length === 0 ? '' : `: ${changes.join(', ')}`;
  const summary = `${before === undefined ? 'create' : 'change'} ${path}${tail}`;
  return diff === undefined || diff.added + diff.removed === 0 ? { summary } : { summary, text: diff.text };
}

/** Reads the file back: the two fields of the table are its evidence. */
async function verify(ctx: StepContext, args: Dce5ConfigArgs): Promise<Evidence> {
  const startMs = ctx.clock.monotonicMs();
  const { path, before, mode, after } = await compare(ctx, args);
  const { bootstrapNode, altName } = args.wish;
  const expected = `bootstrapNode ${bootstrapNode}, additionalSSLSubjectAltName ${altName}, mode ${MODE}`;
  if (before === undefined || 'wrong' in after || before !== after.text || mode !== 0o600) {
    const got = before === undefined ? 'no such file' : 'other values, or another mode';
    throw notAsWanted(path, expected, got);
  }
  const tookMs = ctx.clock.monotonicMs() - startMs;
  return { asked: `read ${path}`, got: expected, expected, at: ctx.clock.now(), tookMs };
}

function notEditable(
  path: string,
  { wrong, expected, line, isIndirect }: Extract<Comparison['after'], { wrong: string }>,
): Dce5Error {
  return new Dce5Error({
    code: 'dce5/bad-config',
    message: `${path}:${line} cannot be edited`,
    expected,
    got: wrong,
    hint: isIndirect
      ? 'Write the value out in its place, on one line, without `&`, `*`, `|` and `>`; the others stay as they are.'
      : 'Correct the file by hand, or move it away: then one is made from the sample.',
  });
}

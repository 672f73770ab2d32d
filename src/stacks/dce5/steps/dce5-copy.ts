/**
 * The offline package (a folder or a file) on another host, the same to the last byte. It is put together beside its
 * place under `.<name>.holdfast-part` and moved there when every SHA-256 agrees: what stands under its own name is
 * whole. A copy that was cut goes on where it stopped. Something else under the name is never overwritten.
 */
import { posix } from 'node:path';
import { z } from 'zod';
import { formatBytes } from '../../../base/bytes.ts';
import { digestOf } from '../../../base/digest.ts';
import type { Evidence } from '../../../base/evidence.ts';
import { defineReasons } from '../../../base/reason.ts';
import type { Check, StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath } from '../../../engine/steps/parts/arguments.ts';
import { byteProgress } from '../../../engine/steps/parts/byte-progress.ts';
import { order } from '../../../engine/steps/parts/run.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import { sh } from '../../../hosts/shell.ts';
import { checksums, differing } from '../copy/checksums.ts';
import { freeBytes } from '../copy/free-bytes.ts';
import { isLink, looksSame, type Survey, survey } from '../copy/survey.ts';
import { transfer } from '../copy/transfer.ts';
import { Dce5Error } from '../error.ts';

export const dce5CopyArgs = z.strictObject({
  path: absolutePath(),
  /** The host that has it. */
  from: z.string().min(1),
});
export type Dce5CopyArgs = z.infer<typeof dce5CopyArgs>;

const copyUndo = z.object({
  /** Whether there was something under the name before; then it is left alone. */
  existed: z.boolean(),
});
type CopyUndo = z.infer<typeof copyUndo>;

const reasons = defineReasons({
  'dce5-copy/copy': { en: 'copy {path} from {from}', zh: '从 {from} 复制 {path}' },
  'dce5-copy/same': { en: '{path} is the same as on {from}', zh: '{path} 与 {from} 上的一致' },
  'dce5-copy/no-source': { en: 'there is no {path} on {from}', zh: '{from} 上没有 {path}' },
  'dce5-copy/unpack-there': {
    en: 'Download the package and unpack it on {from}, or correct the path in the site file.',
    zh: '请将离线包下载并解压到 {from}，或修正站点文件中的路径。',
  },
  'dce5-copy/link': {
    en: '{path} on {host} is a symbolic link, so nothing in it would be copied or compared',
    zh: '{host} 上的 {path} 是符号链接，其内容不会被复制或比较',
  },
  'dce5-copy/name-the-place': {
    en: 'Give the path that it leads to (`readlink -f {path}`) in the site file, or put the package itself there.',
    zh: '请在站点文件中填写其指向的路径（`readlink -f {path}`），或将软件包本身放到该位置。',
  },
  'dce5-copy/other': {
    en: '{path} is there already, but is not the same as on {from}',
    zh: '{path} 已存在，但与 {from} 上的不一致',
  },
  'dce5-copy/move-away': {
    en: 'Perhaps a copy by hand that was cut, or an older package: remove it or move it away, then it is copied whole.',
    zh: '可能是手工复制中断或旧版本：请将其删除或移走，之后会完整复制。',
  },
  'dce5-copy/no-space': {
    en: '{path} needs {need} more, and the file system has {free} free',
    zh: '{path} 还需要 {need}，而文件系统仅剩 {free}',
  },
  'dce5-copy/make-space': {
    en: 'Make space there, or mount a larger file system.',
    zh: '请清理空间，或挂载更大的文件系统。',
  },
});

const SPACE_RESERVE_BYTES = 64 * 1024 * 1024;

/** See the top of this file. */
export const dce5Copy: StepKind<Dce5CopyArgs, CopyUndo> = {
  kind: 'dce5-copy',
  args: dce5CopyArgs,
  reasons,
  retrySafe: true,
  title: ({ path, from }) => reasons.of('dce5-copy/copy', { path, from }),
  check,
  apply,
  verify,
  undo: {
    schema: copyUndo,
    capture: async (ctx, args) => {
      const stat = await ctx.host.files.stat(args.path, ctx.signal);
      return { existed: stat !== undefined };
    },
    async revert(ctx, { existed }, args) {
      const { folder, name, staging, record } = placesOf(args);
      const kept = readRecord(await ctx.host.files.read(record, ctx.signal));
      const target = existed ? undefined : await survey(ctx.host, folder, name, ctx.signal);
      // Whatever somebody else put there meanwhile is not ours to remove.
      const isOurs = target !== undefined && target.digest === kept?.target;
      await order(ctx, sh`rm -rf -- ${isOurs ? [staging, args.path] : [staging]} && rm -f -- ${record}`, {
        what: `remove the copy of ${args.path}`,
        hint: 'Remove it by hand.',
        timeoutMs: 600_000,
      });
    },
    isBack: async (ctx, { existed }, args) => {
      const { staging } = placesOf(args);
      const stats = await Promise.all(
        [args.path, staging].map((path) => ctx.host.files.stat(path, ctx.signal)),
      );
      return (stats[0] !== undefined) === existed && stats[1] === undefined;
    },
  },
};

/** What a finished copy leaves beside itself, so that the next check need not read every byte again. */
const copyRecord = z.object({ source: z.string(), target: z.string(), sums: z.string() });
type CopyRecord = z.infer<typeof copyRecord>;

function placesOf({ path }: Dce5CopyArgs): { folder: string; name: string; staging: string; record: string } {
  const [folder, name] = [posix.dirname(path), posix.basename(path)];
  const beside = (end: string): string => posix.join(folder, `.${name}.holdfast-${end}`);
  return { folder, name, staging: beside('part'), record: beside('copied') };
}

interface Found {
  readonly source: Survey | undefined;
  readonly target: Survey | undefined;
  readonly record: CopyRecord | undefined;
}

async function look(ctx: StepContext, args: Dce5CopyArgs): Promise<Found> {
  const { folder, name, record } = placesOf(args);
  const from = await ctx.connect(args.from);
  const [source, target, text] = await Promise.all([
    survey(from, folder, name, ctx.signal),
    survey(ctx.host, folder, name, ctx.signal),
    ctx.host.files.read(record, ctx.signal),
  ]);
  return { source, target, record: readRecord(text) };
}

function readRecord(bytes: Uint8Array | undefined): CopyRecord | undefined {
  try {
    return bytes === undefined ? undefined : copyRecord.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    return undefined;
  }
}

async function check(ctx: StepContext, args: Dce5CopyArgs): Promise<Check> {
  const { path, from } = args;
  const { source, target, record } = await look(ctx, args);
  if (source === undefined) return refused('dce5-copy/no-source', 'dce5-copy/unpack-there', { path, from });
  const host = isLink(source) ? from : target !== undefined && isLink(target) ? ctx.host.host : undefined;
  if (host !== undefined) return refused('dce5-copy/link', 'dce5-copy/name-the-place', { path, host });
  if (target !== undefined) {
    const same = { state: 'done', because: reasons.of('dce5-copy/same', { path, from }) } as const;
    if (record?.source === source.digest && record.target === target.digest) return same;
    const isSame = looksSame(source, target) && (await compareSums(ctx, args)).length === 0;
    return isSame ? same : refused('dce5-copy/other', 'dce5-copy/move-away', { path, from });
  }
  const { folder, name, staging } = placesOf(args);
  const staged = await survey(ctx.host, staging, name, ctx.signal);
  const need = Math.max(0, source.bytes - (staged?.bytes ?? 0)) + SPACE_RESERVE_BYTES;
  const free = await freeBytes(ctx, folder);
  if (free < need) {
    const params = { path, need: formatBytes(need), free: formatBytes(free) };
    return refused('dce5-copy/no-space', 'dce5-copy/make-space', params);
  }
  const files = source.items.filter(({ kind }) => kind === 'file').length;
  return {
    state: 'todo',
    diff: { summary: `copy ${path} from ${from} (${files} files, ${formatBytes(source.bytes)})` },
  };
}

function refused(
  because: Parameters<typeof reasons.of>[0],
  hint: Parameters<typeof reasons.of>[0],
  params: Record<string, string>,
): Check {
  return { state: 'refused', because: reasons.of(because, params), hint: reasons.of(hint, params) };
}

async function apply(ctx: StepContext, args: Dce5CopyArgs): Promise<void> {
  const { folder, name, staging } = placesOf(args);
  const from = await ctx.connect(args.from);
  const { source, target } = await look(ctx, args);
  if (source === undefined || isLink(source)) throw notThere(args);
  if (target === undefined) {
    const staged = await survey(ctx.host, staging, name, ctx.signal);
    const progress = byteProgress(ctx, source.bytes);
    await transfer(
      {
        from,
        to: ctx.host,
        fromFolder: folder,
        toFolder: staging,
        clock: ctx.clock,
        signal: ctx.signal,
        onBytes: (count) => progress.add(count),
      },
      source,
      staged,
    );
    progress.end();
    await putInPlace(ctx, args, source);
    return;
  }
  if ((await compareSums(ctx, args)).length > 0) throw notThere(args);
  await keepRecord(ctx, args, { source, target, sums: await checksums(ctx.host, folder, name, ctx.signal) });
}

/** What the next check believes: written before the copy is in place, so that a revert knows it as ours. */
async function keepRecord(
  ctx: StepContext,
  args: Dce5CopyArgs,
  o: { source: Survey; target: Survey | undefined; sums: ReadonlyMap<string, string> },
): Promise<void> {
  const sums = digestOf([...o.sums].sort());
  const content: CopyRecord = { source: o.source.digest, target: o.target?.digest ?? '', sums };
  const bytes = Buffer.from(`${JSON.stringify(content)}\n`);
  await ctx.host.files.replace(placesOf(args).record, bytes, { mode: 0o644 }, ctx.signal);
}

/** Checks every file in the staging folder; what is wrong is removed, so that only it is copied again. */
async function putInPlace(ctx: StepContext, args: Dce5CopyArgs, source: Survey): Promise<void> {
  const { folder, name, staging } = placesOf(args);
  const from = await ctx.connect(args.from);
  const [wanted, got] = await Promise.all([
    checksums(from, folder, name, ctx.signal),
    checksums(ctx.host, staging, name, ctx.signal),
  ]);
  const wrong = differing(wanted, got);
  const hint = 'Look at the disk of the host (`df -h`, `dmesg`), then `holdfast resume`.';
  if (wrong.length > 0) {
    await order(ctx, sh`cd ${staging} && rm -f -- ${wrong}`, { what: 'remove what differs', hint });
    throw new Dce5Error({
      code: 'dce5/copy-differs',
      message: `${wrong.length} of ${source.items.length} files of ${args.path} differ after the copy`,
      expected: `the SHA-256 of ${args.from}`,
      got: `another one for ${wrong.slice(0, 5).join(', ')}${wrong.length > 5 ? ' …' : ''}`,
      hint: 'Run `holdfast resume`: only those are copied again.',
      retryable: true,
    });
  }
  const target = await survey(ctx.host, staging, name, ctx.signal);
  await keepRecord(ctx, args, { source, target, sums: got });
  const move = sh`sync; mv -- ${posix.join(staging, name)} ${args.path} && rm -rf -- ${staging}`;
  await order(ctx, move, { what: `put ${args.path} in place`, hint, timeoutMs: 600_000 });
}

async function compareSums(ctx: StepContext, args: Dce5CopyArgs): Promise<string[]> {
  const { folder, name } = placesOf(args);
  const from = await ctx.connect(args.from);
  const [wanted, got] = await Promise.all([
    checksums(from, folder, name, ctx.signal),
    checksums(ctx.host, folder, name, ctx.signal),
  ]);
  return differing(wanted, got);
}

/** Asks both hosts for every checksum. */
async function verify(ctx: StepContext, args: Dce5CopyArgs): Promise<Evidence> {
  const startMs = ctx.clock.monotonicMs();
  const { target } = await look(ctx, args);
  const wrong = target === undefined || isLink(target) ? [args.path] : await compareSums(ctx, args);
  const expected = `the SHA-256 of every file as on ${args.from}`;
  if (wrong.length > 0) throw notAsWanted(args.path, expected, `others for ${wrong.slice(0, 5).join(', ')}`);
  const tookMs = ctx.clock.monotonicMs() - startMs;
  const got = `${target?.items.length} files and folders, ${formatBytes(target?.bytes ?? 0)}, all the same`;
  return { asked: `sha256sum below ${args.path}`, got, expected, at: ctx.clock.now(), tookMs };
}

function notThere(args: Dce5CopyArgs): Dce5Error {
  return new Dce5Error({
    code: 'dce5/not-ready',
    message: `${args.path} cannot be copied`,
    expected: `it on ${args.from}, and nothing else under its name here`,
    got: 'something else since it was checked',
    hint: 'Look at both places, then `holdfast resume`.',
  });
}

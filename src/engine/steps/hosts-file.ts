/**
 * Names in /etc/hosts: those that must not be there (a name that DNS answers is overridden by it, on every failover),
 * and those that must be, with their address. Only the lines concerned change.
 */
import { z } from 'zod';
import type { Evidence } from '../../base/evidence.ts';
import { defineReasons } from '../../base/reason.ts';
import { dnsName, ipAddress } from '../../site/values.ts';
import type { Check, StepContext, StepKind } from '../step.ts';
import { absolutePath } from './parts/arguments.ts';
import { editHosts, type HostsWish, namesIn } from './parts/etc-hosts.ts';
import { type FileUndo, oldContent } from './parts/file-undo.ts';
import { oneFileUndo } from './parts/one-file.ts';
import { notAsWanted } from './parts/step-error.ts';
import { compareFile, placeFile, type WantedFile, wantedFileReasons } from './parts/wanted-file.ts';

export const hostsFileArgs = z
  .strictObject({
    /** Names that must not be in the file. */
    absent: z.array(dnsName()).default([]),
    /** Names that must be in the file, with their address. */
    entries: z.array(z.strictObject({ address: ipAddress(), names: z.array(dnsName()).min(1) })).default([]),
    /** Another file of the same format, for containers and tests. */
    path: absolutePath().default('/etc/hosts'),
  })
  .superRefine(({ absent, entries }, ctx) => {
    const both = entries.flatMap(({ names }) => names).filter((name) => absent.includes(name));
    if (both.length > 0)
      ctx.addIssue({ code: 'custom', message: `both absent and in entries: ${both.join(', ')}` });
    if (absent.length + entries.length === 0)
      ctx.addIssue({ code: 'custom', message: 'says nothing: give absent or entries' });
  });
export type HostsFileArgs = z.infer<typeof hostsFileArgs>;

const own = defineReasons({
  'hosts-file/remove': { en: 'keep {absent} out of {path}', zh: '确保 {path} 中没有 {absent}' },
  'hosts-file/ensure': { en: 'have {names} in {path}', zh: '确保 {path} 中有 {names}' },
  'hosts-file/both': {
    en: 'have {names} in {path} and keep {absent} out of it',
    zh: '确保 {path} 中有 {names}，且没有 {absent}',
  },
});
const reasons = defineReasons({ ...wantedFileReasons, ...own });

/** See the top of this file. */
export const hostsFile: StepKind<HostsFileArgs, FileUndo> = {
  kind: 'hosts-file',
  args: hostsFileArgs,
  reasons,
  retrySafe: true,
  title({ absent, entries, path }) {
    const names = entries.flatMap((entry) => entry.names);
    const code = names.length === 0 ? 'remove' : absent.length === 0 ? 'ensure' : 'both';
    return reasons.of(`hosts-file/${code}`, { path, absent, names });
  },
  async check(ctx, args): Promise<Check> {
    const comparison = await compareFile(ctx, await wanted(ctx, args));
    if (comparison.is === 'different') return { state: 'todo', diff: comparison.diff };
    const { path } = args;
    if (comparison.is === 'same') return { state: 'done', because: reasons.of('file/same', { path }) };
    return { state: 'refused', because: comparison.because, hint: comparison.hint };
  },
  async apply(ctx, args, undo) {
    await placeFile(ctx, await wanted(ctx, args), undo, (amended) => ctx.amendUndo(amended));
  },
  verify,
  undo: oneFileUndo({
    isSecret: () => false,
    left: async (ctx, args, undo) => wantedFrom(await oldContent(ctx, undo), args),
  }),
};

/** Asks the file as it is now, not what we wrote: an edit of other lines by somebody else is no harm. */
async function verify(ctx: StepContext, args: HostsFileArgs): Promise<Evidence> {
  const startMs = ctx.clock.monotonicMs();
  const text = Buffer.from((await ctx.host.files.read(args.path, ctx.signal)) ?? []).toString('latin1');
  const asked = [...args.absent, ...args.entries.flatMap(({ names }) => names)];
  const lines = namesIn(text).filter(([, name]) => asked.includes(name));
  const got =
    lines.length === 0 ? 'no line names any of them' : lines.map((pair) => pair.join(' ')).join(', ');
  const wants = args.entries.flatMap(({ address, names }) => names.map((name) => `${address} ${name}`));
  const expected = [...wants, ...args.absent.map((name) => `no ${name}`)].join(', ');
  if (editHosts(text, args) !== text) throw notAsWanted(args.path, expected, got);
  const tookMs = ctx.clock.monotonicMs() - startMs;
  return { asked: `${asked.join(', ')} in ${args.path}`, got, expected, at: ctx.clock.now(), tookMs };
}

/** The file as it should be, made from the file as it is. No file and nothing to add: none is wanted. */
async function wanted(ctx: StepContext, args: HostsFileArgs): Promise<WantedFile> {
  return wantedFrom(await ctx.host.files.read(args.path, ctx.signal), args);
}

/** The same, from content that was there. */
function wantedFrom(found: Uint8Array | undefined, args: HostsFileArgs): WantedFile {
  const wish: HostsWish = args;
  if (found === undefined && wish.entries.length === 0) return { path: args.path, content: undefined };
  // Latin-1 keeps every byte, whatever encoding a comment is in.
  const text = editHosts(Buffer.from(found ?? []).toString('latin1'), wish);
  return { path: args.path, content: Buffer.from(text, 'latin1') };
}

/** The peer's certificate on a node: the only one that it trusts. Public, so that it may go through the controller. */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath } from '../../../engine/steps/parts/arguments.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';

const mariadbTrustArgs = z.strictObject({ folder: absolutePath(), from: z.string().min(1) });
type Args = z.infer<typeof mariadbTrustArgs>;

const undo = z.object({ before: z.string().nullable() });

const reasons = defineReasons({
  'mariadb-trust/copy': { en: 'trust the certificate of {from}', zh: '信任 {from} 的证书' },
  'mariadb-trust/same': { en: 'the certificate of {from} is trusted', zh: '已信任 {from} 的证书' },
});

/** See the top of this file. */
export const mariadbTrust: StepKind<Args, z.infer<typeof undo>> = {
  kind: 'mariadb-trust',
  args: mariadbTrustArgs,
  reasons,
  retrySafe: true,
  title: ({ from }) => reasons.of('mariadb-trust/copy', { from }),
  async check(ctx, args) {
    const { theirs, here } = await look(ctx, args);
    // A new pair: the peer's is made before this step begins.
    if (theirs === undefined || theirs !== here)
      return { state: 'todo', diff: { summary: `${args.folder}/peer.pem: the certificate of ${args.from}` } };
    return { state: 'done', because: reasons.of('mariadb-trust/same', { from: args.from }) };
  },
  async apply(ctx, args) {
    const { theirs } = await look(ctx, args);
    if (theirs === undefined) throw missing(args);
    const attributes = { mode: 0o644, owner: 'root', group: 'mysql' };
    await ctx.host.files.replace(`${args.folder}/peer.pem`, Buffer.from(theirs), attributes, ctx.signal);
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    const { theirs, here } = await look(ctx, args);
    if (theirs === undefined || theirs !== here) throw missing(args);
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return {
      asked: `${args.folder}/peer.pem`,
      got: `the same as own.pem on ${args.from}`,
      at: ctx.clock.now(),
      tookMs,
    };
  },
  undo: {
    schema: undo,
    capture: async (ctx, { folder }) => ({
      before: (await read(ctx.host, ctx, `${folder}/peer.pem`)) ?? null,
    }),
    async revert(ctx, { before }, { folder }) {
      const path = `${folder}/peer.pem`;
      if (before === null) await ctx.host.files.remove(path, ctx.signal);
      else await ctx.host.files.replace(path, Buffer.from(before), { mode: 0o644 }, ctx.signal);
    },
  },
};

async function look(ctx: StepContext, { folder, from }: Args) {
  const peer = await ctx.connect(from);
  const [theirs, here] = await Promise.all([
    read(peer, ctx, `${folder}/own.pem`),
    read(ctx.host, ctx, `${folder}/peer.pem`),
  ]);
  return { theirs, here };
}

async function read(
  host: StepContext['host'],
  { signal }: StepContext,
  path: string,
): Promise<string | undefined> {
  const bytes = await host.files.read(path, signal);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

function missing({ folder, from }: Args): Error {
  return notAsWanted(`${folder}/peer.pem`, `own.pem of ${from}`, 'another one, or none');
}

/**
 * Lets one node of a pair ask the witness: a key that is made on the node and never leaves it, its line in the
 * `authorized_keys` of the witness's account, and the witness's own host keys on the node, read over the connection that
 * Holdfast has checked already. Proven by asking.
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath } from '../../../engine/steps/parts/arguments.ts';
import { asRoot, order } from '../../../engine/steps/parts/run.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import type { Connection } from '../../../hosts/host.ts';
import { sh } from '../../../hosts/shell.ts';
import { authorizedLine, keyMark, WITNESS } from '../witness/witness-files.ts';

const mariadbWitnessArgs = z.strictObject({
  etc: absolutePath(),
  run: absolutePath(),
  /** The host that is the witness. */
  witness: z.string().min(1),
  /** The pair's name at the witness. */
  pair: z.string().min(1),
  /** Whom the witness sees in this node. */
  node: z.string().min(1),
});
type Args = z.infer<typeof mariadbWitnessArgs>;

const reasons = defineReasons({
  'mariadb-witness/let-in': {
    en: 'ask the witness {witness} by a key of its own',
    zh: '以专用密钥询问见证主机 {witness}',
  },
  'mariadb-witness/answers': {
    en: 'the witness {witness} answers: {holder}',
    zh: '见证主机 {witness} 已应答：{holder}',
  },
});

const undo = z.object({ hadKey: z.boolean() });
const AUTHORIZED = `${WITNESS.home}/.ssh/authorized_keys`;

/** See the top of this file. */
export const mariadbWitness: StepKind<Args, z.infer<typeof undo>> = {
  kind: 'mariadb-witness',
  args: mariadbWitnessArgs,
  reasons,
  retrySafe: true,
  title: ({ witness }) => reasons.of('mariadb-witness/let-in', { witness }),
  async check(ctx, args) {
    const holder = await ask(ctx, args);
    if (holder !== undefined)
      return {
        state: 'done',
        because: reasons.of('mariadb-witness/answers', { witness: args.witness, holder }),
      };
    const summary = `${args.etc}/witness.key, witness.hosts; a line in ${AUTHORIZED} on ${args.witness}`;
    return { state: 'todo', diff: { summary } };
  },
  async apply(ctx, args) {
    const { etc, run, pair, node } = args;
    const witness = await ctx.connect(args.witness);
    const hostKeys = await order({ ...ctx, host: witness }, sh`cat /etc/ssh/ssh_host_*_key.pub`, {
      what: `read the host keys of ${args.witness}`,
      hint: 'Its sshd must have them in /etc/ssh, as `ssh-keygen -A` makes them.',
    });
    const { stdout: publicKey } = await order(
      ctx,
      sh`umask 077 && mkdir -p ${run} && cd ${etc} || exit 1
[ -e witness.key ] || ssh-keygen -q -t ed25519 -N '' -C ${keyMark(pair, node)} -f witness.key || exit 1
cat witness.key.pub`,
      { what: 'make a key for the witness', hint: 'It needs ssh-keygen: install the OpenSSH client.' },
    );
    const known = hostKeys.stdout
      .trim()
      .split('\n')
      .map((line) => `witness ${line}\n`)
      .join('');
    await ctx.host.files.replace(`${etc}/witness.hosts`, Buffer.from(known), { mode: 0o600 }, ctx.signal);
    await putLine(ctx, witness, args, authorizedLine(pair, node, publicKey));
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    const holder = await ask(ctx, args);
    if (holder === undefined)
      throw notAsWanted(`the witness ${args.witness}`, 'an answer', await lastWords(ctx, args));
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return { asked: `who may act alone, of ${args.witness}`, got: holder, at: ctx.clock.now(), tookMs };
  },
  undo: {
    schema: undo,
    capture: async (ctx, { etc }) => ({
      hadKey: (await ctx.host.files.stat(`${etc}/witness.key`, ctx.signal)) !== undefined,
    }),
    async revert(ctx, { hadKey }, args) {
      if (hadKey) return;
      const { etc } = args;
      await order(ctx, sh`rm -f ${etc}/witness.key ${etc}/witness.key.pub ${etc}/witness.hosts`, {
        what: 'take the key for the witness back',
        hint: `Remove ${etc}/witness.* by hand.`,
      });
      await putLine(ctx, await ctx.connect(args.witness), args, undefined);
    },
  },
};

/** Who may act alone; undefined where the witness does not answer this node. */
async function ask(ctx: StepContext, { etc }: Args): Promise<string | undefined> {
  const { code, stdout } = await asRoot(ctx, sh`${etc}/witness look`);
  return code === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}

async function lastWords(ctx: StepContext, { run }: Args): Promise<string> {
  const { stdout } = await asRoot(ctx, sh`tail -n 1 ${run}/witness.error 2>/dev/null`);
  return stdout.trim() === '' ? 'none' : stdout.trim();
}

/** Puts the node's line in place of an older one of its own; without one, takes it out. */
async function putLine(
  { signal }: StepContext,
  witness: Connection,
  { pair, node }: Args,
  line: string | undefined,
): Promise<void> {
  const mark = keyMark(pair, node);
  const before = await witness.files.read(AUTHORIZED, signal);
  const others = Buffer.from(before ?? '')
    .toString()
    .split('\n')
    .filter((one) => one !== '' && !one.endsWith(` ${mark}`));
  const lines = [...others, ...(line === undefined ? [] : [line])];
  const { user } = WITNESS;
  await witness.files.replace(
    AUTHORIZED,
    Buffer.from(lines.map((one) => `${one}\n`).join('')),
    { mode: 0o600, owner: user, group: user },
    signal,
  );
}

/**
 * A node's key and certificate for TLS between the two, made by openssl on the node itself: the key never leaves it.
 * The certificate is its own authority; the peer trusts exactly it (see `mariadb-trust`).
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath } from '../../../engine/steps/parts/arguments.ts';
import { asRoot, order } from '../../../engine/steps/parts/run.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import { sh } from '../../../hosts/shell.ts';
import { hostAddress } from '../../../site/values.ts';

const mariadbCertificateArgs = z.strictObject({
  folder: absolutePath(),
  /** What it stands for. */
  address: hostAddress(),
});
type Args = z.infer<typeof mariadbCertificateArgs>;

const undo = z.object({ existed: z.boolean() });

const reasons = defineReasons({
  'mariadb-certificate/make': {
    en: 'make a key and a certificate for {address}',
    zh: '为 {address} 生成密钥和证书',
  },
  'mariadb-certificate/good': {
    en: 'the certificate in {folder} is good for more than 30 days',
    zh: '{folder} 中的证书剩余有效期超过 30 天',
  },
});

const VALID_DAYS = 3_650;
const LEAST_SECONDS = 30 * 86_400;

/** See the top of this file. */
export const mariadbCertificate: StepKind<Args, z.infer<typeof undo>> = {
  kind: 'mariadb-certificate',
  args: mariadbCertificateArgs,
  reasons,
  retrySafe: true,
  title: ({ address }) => reasons.of('mariadb-certificate/make', { address }),
  async check(ctx, args) {
    if (await isGood(ctx, args))
      return { state: 'done', because: reasons.of('mariadb-certificate/good', { folder: args.folder }) };
    return {
      state: 'todo',
      diff: { summary: `${args.folder}/own.key, own.pem: RSA 3072, ${VALID_DAYS} days` },
    };
  },
  async apply(ctx, { folder, address }) {
    await order(
      ctx,
      sh`cd ${folder} && for f in own.key own.pem; do [ ! -e "$f" ] || mv -f "$f" "$f.holdfast-old"; done
umask 077 && openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days ${VALID_DAYS} -subj ${`/CN=${address}`} -keyout own.key.new -out own.pem.new &&
chown root:mysql own.key.new own.pem.new && chmod 0640 own.key.new && chmod 0644 own.pem.new &&
mv -f own.key.new own.key && mv -f own.pem.new own.pem && sync`,
      { what: 'make a certificate', hint: 'It needs openssl on the host, and the group mysql.' },
    );
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    const expected = 'a certificate of its key, valid for more than 30 days';
    if (!(await isGood(ctx, args)))
      throw notAsWanted(`${args.folder}/own.pem`, expected, 'another one, or none');
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return {
      asked: `openssl x509 on ${args.folder}/own.pem`,
      got: expected,
      expected,
      at: ctx.clock.now(),
      tookMs,
    };
  },
  undo: {
    schema: undo,
    capture: async (ctx, { folder }) => ({
      existed: (await ctx.host.files.stat(`${folder}/own.pem`, ctx.signal)) !== undefined,
    }),
    async revert(ctx, { existed }, { folder }) {
      const back = sh`cd ${folder} 2>/dev/null || exit 0; for f in own.key own.pem; do [ ! -e "$f.holdfast-old" ] || mv -f "$f.holdfast-old" "$f"; done`;
      const gone = sh`cd ${folder} 2>/dev/null || exit 0; rm -f own.key own.pem own.key.new own.pem.new`;
      const hint = `Look at ${folder} by hand.`;
      await order(ctx, existed ? back : gone, { what: 'put the certificate back', hint });
    },
  },
};

async function isGood(ctx: StepContext, { folder, address }: Args): Promise<boolean> {
  const { code } = await asRoot(
    ctx,
    sh`cd ${folder} && openssl x509 -in own.pem -noout -checkend ${LEAST_SECONDS} >/dev/null &&
[ "$(openssl x509 -in own.pem -noout -pubkey)" = "$(openssl pkey -in own.key -pubout)" ] &&
openssl x509 -in own.pem -noout -subject -nameopt RFC2253 | grep -qF ${`CN=${address}`}`,
  );
  return code === 0;
}

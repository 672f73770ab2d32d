/**
 * The programs that the installer needs are on the host ("Install Dependencies" of the vendor's documentation). It
 * changes nothing: the vendor's script installs them, from its own package.
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { order } from '../../../engine/steps/parts/run.ts';
import { sh } from '../../../hosts/shell.ts';
import { Dce5Error } from '../error.ts';

export const dce5ToolsArgs = z.strictObject({ tools: z.array(z.string().min(1)).min(1) });
export type Dce5ToolsArgs = z.infer<typeof dce5ToolsArgs>;

const reasons = defineReasons({
  'dce5-tools/make-sure': { en: 'make sure that {tools} are there', zh: '确认已安装 {tools}' },
  'dce5-tools/there': { en: 'all there: {found}', zh: '均已安装：{found}' },
  'dce5-tools/missing': { en: 'the installer needs {missing}', zh: '安装器需要 {missing}' },
  'dce5-tools/install-them': {
    en: "Run the vendor's script there: `install_prerequisite_<version>.sh offline full` (online: `online full`). Tools of another name: set `tools` of the stack.",
    zh: '请在该主机上执行厂商脚本：`install_prerequisite_<版本>.sh offline full`（联网时为 `online full`）。若工具名称不同，请修改该栈的 `tools`。',
  },
});

const nothing = z.object({});

/** See the top of this file. */
export const dce5Tools: StepKind<Dce5ToolsArgs, z.infer<typeof nothing>> = {
  kind: 'dce5-tools',
  args: dce5ToolsArgs,
  reasons,
  retrySafe: true,
  title: ({ tools }) => reasons.of('dce5-tools/make-sure', { tools }),
  async check(ctx, args) {
    const { found, missing } = await look(ctx, args);
    if (missing.length === 0) return { state: 'done', because: reasons.of('dce5-tools/there', { found }) };
    const because = reasons.of('dce5-tools/missing', { missing });
    return { state: 'refused', because, hint: reasons.of('dce5-tools/install-them') };
  },
  apply: async (ctx, args) => void (await insist(ctx, args)),
  async verify(ctx, args) {
    const [startMs, at] = [ctx.clock.monotonicMs(), ctx.clock.now()];
    const found = await insist(ctx, args);
    const expected = args.tools.join(', ');
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return { asked: 'command -v, of each', got: found.join(', '), expected, at, tookMs };
  },
  undo: { schema: nothing, capture: async () => ({}), revert: async () => {} },
};

async function insist(ctx: StepContext, args: Dce5ToolsArgs): Promise<string[]> {
  const { found, missing } = await look(ctx, args);
  if (missing.length === 0) return found;
  throw new Dce5Error({
    code: 'dce5/not-ready',
    message: `${missing.length} of ${args.tools.length} tools are missing`,
    expected: args.tools.join(', '),
    got: found.join(', ') || 'none',
    hint: "Run the vendor's `install_prerequisite_<version>.sh offline full` on the host, then `holdfast resume`.",
  });
}

/** As root, with root's PATH and /usr/local/bin, where the vendor's script puts them. */
async function look(
  ctx: StepContext,
  { tools }: Dce5ToolsArgs,
): Promise<{ found: string[]; missing: string[] }> {
  // Midnight Commander is called mc, too: the MinIO client names its release.
  const command = sh`PATH="$PATH:/usr/local/bin:/usr/local/sbin"
for tool in ${tools}; do at=$(command -v "$tool") || continue
[ "$tool" != mc ] || "$at" --version 2>/dev/null </dev/null | grep -q RELEASE || continue
printf '%s %s\n' "$tool" "$at"; done`;
  const { stdout } = await order(ctx, command, {
    what: 'look for tools',
    hint: 'Try `command -v podman` on the host.',
  });
  const lines = stdout.split('\n').filter((line) => line !== '');
  const names = lines.map((line) => line.split(' ')[0]);
  return {
    found: lines.map((line) => line.split(' ')[1] as string),
    missing: tools.filter((tool) => !names.includes(tool)),
  };
}

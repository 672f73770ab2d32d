import { z } from 'zod';
import { durationSchema } from '../../base/zod-duration.ts';
import { packageArgs } from '../../engine/steps/package.ts';
import { absolutePath, argv, octalMode, ownerName } from '../../engine/steps/parts/arguments.ts';
import { unitName } from '../../engine/steps/parts/systemd.ts';
import { sysctlArgs } from '../../engine/steps/sysctl.ts';
import { say } from '../../site/described.ts';
import { dnsName, hostRef, ipAddress, oneOrMany, secretRef } from '../../site/values.ts';

const attributes = {
  mode: say(octalMode().optional(), "Mode in octal, in quotes: '0644'.", "八进制权限，须加引号：`'0644'`。"),
  owner: say(ownerName().optional(), 'User that owns it.', '属主。'),
  group: say(ownerName().optional(), 'Group that owns it.', '属组。'),
};

const packageWish = packageArgs.shape.packages.element;
const packages = z
  .array(
    z.union([
      z
        .string()
        .transform((name) => ({ name }))
        .pipe(packageWish),
      packageWish,
    ]),
  )
  .superRefine(unique(({ name }) => name));

const directory = z.strictObject({
  path: say(absolutePath(), 'Where it is; missing parents are made.', '路径；缺失的上级目录会一并创建。'),
  ...attributes,
});

const file = z
  .strictObject({
    path: say(absolutePath(), 'Where it is; its folder must exist.', '路径；所在目录必须存在。'),
    content: say(z.string().optional(), 'The content itself.', '文件内容。'),
    source: say(
      z.string().min(1).optional(),
      'A text file on this machine, relative to the site file, that holds the content.',
      '本机上存放内容的文本文件，相对于站点文件。',
    ),
    contentFrom: say(
      secretRef().optional(),
      'A secret that is the content, by reference; never shown, mode 0600 unless given.',
      '以密钥引用作为内容；从不显示，默认权限 0600。',
    ),
    absent: say(z.literal(true).optional(), 'There should be no such file.', '不应存在该文件。'),
    ...attributes,
    validate: say(
      argv().optional(),
      'Command that must accept the content before it is put in place; {path} is where it lies.',
      '替换前必须通过的校验命令；{path} 为待校验内容的路径。',
    ),
    reload: say(unitName().optional(), 'Unit that reloads when it changes.', '变更后需要重新加载的单元。'),
    restart: say(unitName().optional(), 'Unit that restarts when it changes.', '变更后需要重启的单元。'),
  })
  .superRefine(({ content, source, contentFrom, absent, reload, restart }, ctx) => {
    const given = [content, source, contentFrom, absent].filter((value) => value !== undefined);
    if (given.length !== 1) {
      ctx.addIssue({
        code: 'custom',
        message: 'expected exactly one of content, source, contentFrom and absent',
      });
    }
    if (reload !== undefined && restart !== undefined) {
      ctx.addIssue({ code: 'custom', message: 'expected reload or restart, not both' });
    }
  });

const fullService = z.strictObject({
  unit: say(unitName(), 'The systemd unit.', 'systemd 单元。'),
  state: say(z.enum(['running', 'stopped']).default('running'), 'Default: running.', '默认 running。'),
  enabled: say(
    z.union([z.boolean(), z.literal('unchanged')]).optional(),
    'Started at boot: true, false or unchanged. Default: true for a running unit, false for a stopped one.',
    '是否开机启动：true、false 或 unchanged（保持不变）。默认：运行的单元为 true，停止的为 false。',
  ),
  test: say(
    argv().optional(),
    'Command that must accept all its files before it reads them, e.g. [nginx, -t].',
    '加载前必须通过的整体校验命令，如 [nginx, -t]。',
  ),
});
const services = z
  .array(
    z.union([
      z
        .string()
        .transform((unit) => ({ unit }))
        .pipe(fullService),
      fullService,
    ]),
  )
  .superRefine(unique(({ unit }) => unit));

const command = z
  .strictObject({
    name: say(
      z.string().regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u),
      'What it is for; unique in the stack.',
      '用途名称，在该栈内唯一。',
    ),
    run: say(argv(), 'Program and arguments; no shell.', '程序及参数；不经过 shell。'),
    unless: say(argv().optional(), 'Exits with 0 where there is nothing to do.', '返回 0 表示无需执行。'),
    creates: say(absolutePath().optional(), 'A path that exists once it is done.', '完成后存在的路径。'),
    undo: say(
      argv().optional(),
      'Takes it back; without it the step is final.',
      '撤销命令；没有它则该步骤不可撤销。',
    ),
    stdin: say(secretRef().optional(), 'A secret given on standard input.', '经标准输入传递的密钥。'),
    workDir: say(absolutePath().optional(), 'Where it runs.', '工作目录。'),
    timeout: say(durationSchema({ minMs: 1 }).prefault('5m'), 'Default: 5m.', '默认 5m。'),
    stage: say(
      z.enum(['prepare', 'finish']).default('finish'),
      'prepare: before kernel parameters and services; finish: after all else. Default: finish.',
      'prepare：在内核参数与服务之前；finish：在所有其他项之后。默认 finish。',
    ),
  })
  .superRefine(({ unless, creates }, ctx) => {
    if ((unless === undefined) !== (creates === undefined)) return;
    ctx.addIssue({
      code: 'custom',
      message: 'expected exactly one of unless and creates: how to tell that it was done',
    });
  });

const hostsFile = z.strictObject({
  absent: say(
    z.array(dnsName()).default([]),
    'Names that must not be in /etc/hosts, such as those that DNS answers.',
    '不得出现在 /etc/hosts 中的名称，例如由 DNS 解析的域名。',
  ),
  entries: say(
    z.array(z.strictObject({ address: ipAddress(), names: z.array(dnsName()).min(1) })).default([]),
    'Lines that must be in /etc/hosts.',
    '必须出现在 /etc/hosts 中的条目。',
  ),
});

/** What a `baseline` stack says. */
export const baselineSchema = z.strictObject({
  hosts: say(
    z.union([z.literal('all'), oneOrMany(hostRef())]),
    'Hosts by name, or all.',
    '主机名列表，或 all。',
  ),
  packages: say(packages.default([]), 'Packages by their exact names.', '软件包的准确名称。'),
  sysctl: say(
    sysctlArgs.shape.values.optional(),
    'Kernel parameters, now and at boot.',
    '内核参数，立即生效且重启后保持。',
  ),
  directories: say(
    z
      .array(directory)
      .superRefine(unique(({ path }) => path))
      .default([]),
    'Directories.',
    '目录。',
  ),
  files: say(
    z
      .array(file)
      .superRefine(unique(({ path }) => path))
      .default([]),
    'Files.',
    '文件。',
  ),
  services: say(services.default([]), 'systemd units.', 'systemd 单元。'),
  commands: say(
    z
      .array(command)
      .superRefine(unique(({ name }) => name))
      .default([]),
    'Commands for what nothing else does, each with its check.',
    '其他方式无法完成的命令，须带检查。',
  ),
  hostsFile: say(hostsFile.optional(), 'Names in /etc/hosts.', '/etc/hosts 中的名称。'),
});
export type BaselineSpec = z.infer<typeof baselineSchema>;

/** Refuses two elements of one name: they would fight over the same thing. */
function unique<T>(nameOf: (element: T) => string): (list: readonly T[], ctx: z.RefinementCtx) => void {
  return (list, ctx) => {
    const names = list.map(nameOf);
    for (const [at, name] of names.entries()) {
      if (names.indexOf(name) < at)
        ctx.addIssue({ code: 'custom', path: [at], message: `'${name}' is named twice` });
    }
  };
}

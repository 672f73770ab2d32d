/**
 * The frame of a site file: what is the same whatever drivers, stacks and probes there are. The authoring form;
 * `load.ts` makes a Site of it. Every key has its sentence in both languages: editors, `holdfast schema` and
 * docs/reference/site.md show it.
 */
import { z } from 'zod';
import { say } from './described.ts';
import { endpointFrame } from './frame-endpoints.ts';
import { accessFrame, hostFrame } from './frame-hosts.ts';
import { byName, dnsName, endpointRef, hostRef } from './values.ts';

const stack = z
  .looseObject({
    kind: say(z.string(), 'What kind of system it is.', '系统类型。'),
    endpoint: say(endpointRef().optional(), 'The endpoint in front of it.', '其前面的端点。'),
  })
  .meta({ id: 'stack' });

const suppression = z.strictObject({
  rule: say(
    z.string().regex(/^HF\d{3}$/, { error: 'expected a rule id such as HF012' }),
    'The id of the rule.',
    '规则编号。',
  ),
  path: say(
    z.string().min(1).optional(),
    'Only findings at or below this path, such as endpoints.tinder.ttl.',
    '仅对此路径及其下的发现生效，如 endpoints.tinder.ttl。',
  ),
  because: say(
    z
      .string()
      .trim()
      .min(8, { error: 'expected a reason that a colleague would understand, of at least 8 characters' }),
    'Why it is acceptable here.',
    '为何在此可以接受。',
  ),
});

const auditFile = z.strictObject({
  kind: say(
    z.enum(['zone', 'reverse-zone', 'hosts-file', 'cluster-config', 'resolv-conf']),
    'What the file is.',
    '文件类型。',
  ),
  path: say(z.string().min(1), 'Where it lies, relative to this file.', '路径，相对于本文件。'),
  host: say(hostRef().optional(), 'The host it was taken from.', '取自哪台主机。'),
  endpoint: say(
    endpointRef().optional(),
    'The endpoint it concerns. Default: every endpoint that has a name.',
    '所涉端点。默认所有带域名的端点。',
  ),
  origin: say(
    dnsName().optional(),
    'Of a zone: its name, as in named.conf, where the file has no absolute $ORIGIN.',
    '区域名（同 named.conf），当文件中没有绝对 $ORIGIN 时填写。',
  ),
});

/** The whole file. `x-…` keys on the top level are the author's own (anchors) and taken away before. */
export const siteFrame = z.strictObject({
  apiVersion: say(z.literal('holdfast/v1'), 'Version of this format.', '本格式的版本。'),
  kind: say(z.literal('Site'), 'What the file describes.', '文件描述的对象。'),
  metadata: say(
    z.strictObject({
      name: say(z.string().min(1), 'Name of the site.', '站点名称。'),
      description: say(z.string().optional(), 'For people.', '供人阅读的说明。'),
    }),
    'What the site is called.',
    '站点的名称与说明。',
  ),
  access: accessFrame.optional(),
  hosts: say(
    byName(hostFrame),
    'Machines by name: an address, or a mapping.',
    '按名称列出的主机：一个地址，或一个映射。',
  ),
  endpoints: say(
    byName(endpointFrame).optional(),
    'Stable names and addresses that clients use.',
    '客户端使用的稳定域名与地址。',
  ),
  stacks: say(byName(stack).optional(), 'Highly available systems by name.', '按名称列出的高可用系统。'),
  watch: say(
    z
      .strictObject({
        concurrency: say(
          z.number().int().min(1).max(10_000).optional(),
          'How many probes may be under way at once. Default: 64.',
          '同时进行的探测数上限。默认 64。',
        ),
      })
      .optional(),
    'How the watcher works.',
    '监视进程的工作方式。',
  ),
  lint: say(
    z
      .strictObject({
        suppress: say(
          z.array(suppression).optional(),
          'Findings that are accepted, each with its reason.',
          '已接受的发现，逐条说明理由。',
        ),
      })
      .optional(),
    'Lint settings.',
    'lint 设置。',
  ),
  audit: say(
    z
      .strictObject({
        files: say(
          z.array(auditFile).optional(),
          'Files of the existing installation to be checked.',
          '需要审查的现有配置文件。',
        ),
      })
      .optional(),
    'Existing vendor configuration that lint checks too.',
    'lint 一并审查的现有厂商配置。',
  ),
});

export type SiteFrame = z.output<typeof siteFrame>;
export type AccessFrame = NonNullable<SiteFrame['access']>;
export type HostFrame = SiteFrame['hosts'][string];
export type EndpointFrame = NonNullable<SiteFrame['endpoints']>[string];
export type StackFrame = NonNullable<SiteFrame['stacks']>[string];
export type AuditFileFrame = NonNullable<NonNullable<SiteFrame['audit']>['files']>[number];

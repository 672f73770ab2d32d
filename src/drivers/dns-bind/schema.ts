import { z } from 'zod';
import { durationSchema } from '../../base/zod-duration.ts';
import { say } from '../../site/described.ts';
import { hostRef, ipAddress, port } from '../../site/values.ts';
import { zoneName } from '../zone-field.ts';

const zoneFile = z
  .string()
  .regex(/^\/[^\n\0]*[^/\n\0]$/, { error: 'expected the absolute path of a zone file on the server' });

/** A command with `{zone}` and `{file}` in it; both are quoted when they are filled in. */
const command = z.string().trim().min(1);

/** What the site file says below `driver:` for `kind: dns-bind`. */
export const dnsBindConfig = z.strictObject({
  server: say(
    hostRef(),
    'The host that runs BIND as primary of the zone.',
    '运行 BIND（区域主服务器）的主机。',
  ),
  zone: say(zoneName(), 'The zone that holds the name.', '域名所在的区域。'),
  zoneFile: say(
    zoneFile,
    'Absolute path of its zone file on the server.',
    '该区域文件在服务器上的绝对路径。',
  ),
  reverse: say(
    z.array(z.strictObject({ zone: zoneName(), zoneFile })).default([]),
    'Reverse zones on the same server whose PTR records shall follow.',
    '同一服务器上需同步 PTR 记录的反向区域。',
  ),
  address: say(
    ipAddress().optional(),
    'Where to ask the server. Default: the address of its host.',
    '查询该服务器时使用的地址。默认为主机地址。',
  ),
  port: say(port().default(53), 'The port it answers on. Default: 53.', '服务器应答的端口。默认 53。'),
  checkCommand: say(
    command.default('named-checkzone {zone} {file}'),
    'Run on the new content before it replaces the old. Default: named-checkzone {zone} {file}.',
    '在替换旧文件之前对新内容运行的检查命令。默认 named-checkzone {zone} {file}。',
  ),
  reloadCommand: say(
    command.default('rndc reload {zone}'),
    'Makes BIND read the file. Default: rndc reload {zone}.',
    '让 BIND 重新读取文件的命令。默认 rndc reload {zone}。',
  ),
  statusCommand: say(
    command.default('rndc zonestatus {zone}'),
    'Tells whether BIND itself writes the zone. Default: rndc zonestatus {zone}.',
    '查询区域是否由 BIND 动态维护的命令。默认 rndc zonestatus {zone}。',
  ),
  settle: say(
    durationSchema({ minMs: 100, maxMs: 300_000 }).prefault('10s'),
    'How long BIND may take until it answers from the new file. Default: 10s.',
    'BIND 加载新文件并据此应答的最长时间。默认 10s。',
  ),
  configFile: say(
    z.string().startsWith('/').optional(),
    'named.conf, where it is not /etc/bind/named.conf or /etc/named.conf.',
    'named.conf 的路径（若不是 /etc/bind/named.conf 或 /etc/named.conf）。',
  ),
  unit: say(
    z
      .string()
      .regex(/^[A-Za-z0-9@_.:-]+$/)
      .default('named'),
    'The systemd unit of BIND. Default: named.',
    'BIND 的 systemd 单元名。默认 named。',
  ),
});

export type DnsBindConfig = z.output<typeof dnsBindConfig>;

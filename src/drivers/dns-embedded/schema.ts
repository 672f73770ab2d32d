import { isIP, isIPv6 } from 'node:net';
import { z } from 'zod';
import { durationSchema } from '../../base/zod-duration.ts';
import { say } from '../../site/described.ts';
import { dnsName, ipAddress, secretRef } from '../../site/values.ts';
import { zoneName } from '../zone-field.ts';

/** An address with a port, as the server wants it. */
export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * `10.0.0.2`, `10.0.0.2:53`, `2001:db8::2`, `[2001:db8::2]:53`; port 53 unless it says otherwise. Port 0 takes a free
 * one: for tests and demonstrations.
 */
function addressAndPort(): z.ZodType<ListenAddress, string> {
  return z.string().transform((text, ctx) => {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
    const address = isIPv6(text) ? text : (bracketed ?? plain ?? '');
    const number = port === undefined ? 53 : Number(port);
    if (isIP(address) !== 0 && number <= 65_535) return { address, port: number };
    const expected =
      'an IP address, with a port where it is not 53: 10.0.0.2, 127.0.0.1:5300, [2001:db8::2]:53';
    ctx.addIssue({ code: 'custom', message: `expected ${expected}; got '${text}'` });
    return { address: '127.0.0.1', port: 53 };
  });
}

const key = z.strictObject({
  name: say(
    z.string().min(1),
    'The name of the key, as the secondary knows it.',
    '密钥名称，与从服务器上一致。',
  ),
  algorithm: say(
    z.enum(['hmac-sha256', 'hmac-sha512']).default('hmac-sha256'),
    'Default: hmac-sha256.',
    '默认 hmac-sha256。',
  ),
  secret: say(secretRef(), 'The secret in base64, by reference.', '密钥内容（base64）的引用。'),
});

const secondary = z.strictObject({
  address: say(addressAndPort(), 'Where it listens for NOTIFY.', '从服务器接收 NOTIFY 的地址。'),
  key: say(key, 'The TSIG key with which it may transfer the zones.', '从服务器传送区域时使用的 TSIG 密钥。'),
});

const rateLimit = z.strictObject({
  perSecond: say(
    z.number().int().min(1).max(1_000_000),
    'Answers of one kind that one network gets in a second.',
    '每个网段每秒可获得的同类应答数。',
  ),
  slip: say(
    z.number().int().min(0).max(10).default(2),
    'Of those beyond it, each n-th is sent truncated, so that real clients ask over TCP; 0: none. Default: 2.',
    '超限应答中每 n 个截断发送 1 个，使真实客户端改用 TCP；0 表示不发送。默认 2。',
  ),
  exempt: say(z.array(ipAddress()).default([]), 'Addresses that are never limited.', '不受限制的地址。'),
});

const nameServer = z.strictObject({
  name: say(dnsName(), 'Its name.', '域名服务器的名称。'),
  addresses: say(
    z.array(ipAddress()).default([]),
    'Its addresses, where the name lies in the zone.',
    '其地址（当名称位于本区域内时）。',
  ),
});

/** What the site file says below `driver:` for `kind: dns-embedded`; everything has a default. */
export const dnsEmbeddedConfig = z.strictObject({
  listen: say(
    z.array(addressAndPort()).min(1).prefault(['127.0.0.1:5300']),
    'Where the watcher answers, UDP and TCP. Default: 127.0.0.1:5300, which nobody else can reach.',
    '监视进程应答 DNS 的地址（UDP 与 TCP）。默认 127.0.0.1:5300，其他机器无法访问。',
  ),
  zone: say(
    zoneName().optional(),
    'The zone to be in charge of. Default: the name itself, and nothing beside it.',
    '所负责的区域。默认仅为该域名本身。',
  ),
  nameServers: say(
    z.array(nameServer).optional(),
    'Its name servers. Default: ns.<zone> at the addresses of `listen`.',
    '该区域的域名服务器。默认 ns.<区域>，地址取自 `listen`。',
  ),
  hostmaster: say(
    zoneName().optional(),
    'Mailbox of the SOA record, as a name. Default: hostmaster.<zone>.',
    'SOA 记录中的邮箱（域名形式）。默认 hostmaster.<区域>。',
  ),
  negativeTtl: say(
    durationSchema({ minMs: 0, maxMs: 86_400_000 }).prefault('5s'),
    'How long "there is no such name" may be kept. Default: 5s.',
    '否定应答可被缓存的时间。默认 5s。',
  ),
  refresh: say(
    durationSchema({ minMs: 1_000 }).prefault('15m'),
    'How often secondaries look by themselves. Default: 15m.',
    '从服务器主动检查的间隔。默认 15m。',
  ),
  retry: say(
    durationSchema({ minMs: 1_000 }).prefault('1m'),
    'How soon they look again after a failure. Default: 1m.',
    '检查失败后的重试间隔。默认 1m。',
  ),
  expire: say(
    durationSchema({ minMs: 1_000 }).prefault('14d'),
    'How long they answer without hearing from us. Default: 14d.',
    '与主服务器失联后从服务器继续应答的时间。默认 14d。',
  ),
  zoneFiles: say(
    z.record(z.string(), z.string().min(1)).default({}),
    'Zone files in BIND’s format with more records, by zone; paths are relative to the site file.',
    '按区域列出的 BIND 格式区域文件（提供其他记录）；路径相对于站点文件。',
  ),
  reverse: say(
    z.array(zoneName()).default([]),
    'Reverse zones to be in charge of; PTR records follow the answer.',
    '所负责的反向区域；PTR 记录随应答变化。',
  ),
  secondaries: say(
    z.array(secondary).default([]),
    'Name servers that are notified and may transfer the zones.',
    '会收到通知并可传送区域的从服务器。',
  ),
  rateLimit: say(rateLimit.optional(), 'Response rate limiting. Default: off.', '应答速率限制。默认关闭。'),
});

export type DnsEmbeddedConfig = z.output<typeof dnsEmbeddedConfig>;
export type NameServer = NonNullable<DnsEmbeddedConfig['nameServers']>[number];

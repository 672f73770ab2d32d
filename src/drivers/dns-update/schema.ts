import { z } from 'zod';
import { durationSchema } from '../../base/zod-duration.ts';
import { say } from '../../site/described.ts';
import { hostAddress, port, secretRef } from '../../site/values.ts';
import { zoneName } from '../zone-field.ts';

const algorithm = z.enum(['hmac-sha256', 'hmac-sha512'], {
  error: 'expected hmac-sha256 or hmac-sha512: the others are weak (RFC 8945 section 6) and not used here',
});

const key = z.strictObject({
  name: say(z.string().min(1), 'The name of the key, as the server knows it.', '密钥名称，与服务器上一致。'),
  algorithm: say(algorithm.default('hmac-sha256'), 'Default: hmac-sha256.', '默认 hmac-sha256。'),
  secret: say(secretRef(), 'The secret in base64, by reference.', '密钥内容（base64）的引用。'),
});

/** What the site file says below `driver:` for `kind: dns-update`. */
export const dnsUpdateConfig = z.strictObject({
  server: say(
    hostAddress(),
    'The primary server of the zone: a host of this site, or an address.',
    '区域的主服务器：本站点的主机名或地址。',
  ),
  port: say(port().default(53), 'The port it answers on. Default: 53.', '服务器应答的端口。默认 53。'),
  zone: say(zoneName(), 'The zone that holds the name.', '域名所在的区域。'),
  key: say(key, 'The TSIG key that may update the zone.', '有权更新该区域的 TSIG 密钥。'),
  reverse: say(
    z.array(zoneName()).default([]),
    'Reverse zones on the same server whose PTR records shall follow.',
    '同一服务器上需同步 PTR 记录的反向区域。',
  ),
  adopt: say(
    z.boolean().default(false),
    'Take over records of the name that point at no member. Default: false.',
    '接管该域名下不指向任何成员的已有记录。默认 false。',
  ),
  settle: say(
    durationSchema({ minMs: 100, maxMs: 300_000 }).prefault('5s'),
    'How long the server may take until it answers what was updated. Default: 5s.',
    '更新后服务器最迟多久给出新应答。默认 5s。',
  ),
});

export type DnsUpdateConfig = z.output<typeof dnsUpdateConfig>;

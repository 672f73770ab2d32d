/** How a certificate is judged, in the words of the site file. Shared by everything that speaks TLS. */
import { z } from 'zod';
import { durationSchema } from '../../base/zod-duration.ts';
import { say } from '../../site/described.ts';

const fingerprint = z
  .string()
  .regex(
    /^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/,
    'expected a SHA-256 fingerprint: 64 hex digits, colons allowed',
  );

export const tlsFields = {
  serverName: say(
    z.string().min(1).optional(),
    'Name that the certificate must cover and that is sent as SNI. Default: the host, else the address.',
    '证书必须包含、并作为 SNI 发送的名称。默认为 host，否则为地址。',
  ),
  caFile: say(
    z.string().min(1).optional(),
    'PEM file of the authorities to trust. Default: those of the system and of Node.',
    '受信任 CA 的 PEM 文件。默认使用系统和 Node 自带的 CA。',
  ),
  fingerprint: say(
    z.union([fingerprint, z.array(fingerprint).min(1)]).optional(),
    'SHA-256 of the only certificate to accept, self-signed or not; a list where each member has its own.',
    '唯一接受的证书的 SHA-256 指纹，自签名证书亦可；各成员证书不同时可写列表。',
  ),
  insecure: say(
    z.boolean().default(false),
    'Accept any certificate; what is wrong with it becomes a warning.',
    '接受任何证书；证书的问题只作为警告。',
  ),
  minValidFor: say(
    durationSchema().prefault('14d'),
    'Warn where the certificate ends sooner than this; an expired one is down in any case.',
    '证书剩余有效期少于该值时发出警告；已过期的证书一律视为故障。',
  ),
};

const tlsArgs = z.object(tlsFields);
export type TlsArgs = z.infer<typeof tlsArgs>;

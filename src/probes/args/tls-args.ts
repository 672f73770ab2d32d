/** How a certificate is judged, in the words of the site file. Shared by everything that speaks TLS. */
import { z } from 'zod';
import { durationSchema } from '../../base/zod-duration.ts';

export const tlsFields = {
  serverName: z
    .string()
    .min(1)
    .optional()
    .describe(
      'name that the certificate must cover and that is sent as SNI; default: the host, else the address',
    ),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file of the authorities to trust; default: those of the system and of Node'),
  fingerprint: z
    .string()
    .regex(
      /^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/,
      'expected a SHA-256 fingerprint: 64 hex digits, colons allowed',
    )
    .optional()
    .describe('SHA-256 of the one certificate to accept, self-signed or not'),
  insecure: z
    .boolean()
    .default(false)
    .describe('accept any certificate; what is wrong with it becomes a warning'),
  minValidFor: durationSchema()
    .prefault('14d')
    .describe('warn where the certificate ends sooner than this; an expired one is down in any case'),
};

const tlsArgs = z.object(tlsFields);
export type TlsArgs = z.infer<typeof tlsArgs>;

import { defineErrors } from '../../base/error-table.ts';
import { HoldfastError } from '../../base/errors.ts';

/** Why a lab's cluster has no certificates. */
export const certificateErrors = defineErrors({
  'lab-kubernetes/no-certificate': {
    en: {
      what: 'openssl could not make a key or a certificate of the cluster.',
      mend: 'Install openssl and see that the disk has space.',
    },
    zh: {
      what: 'openssl 无法为集群生成密钥或证书。',
      mend: '请安装 openssl，并确认磁盘有可用空间。',
    },
  },
});

/** A certificate that could not be made. */
export class CertificateError extends HoldfastError<keyof typeof certificateErrors> {}

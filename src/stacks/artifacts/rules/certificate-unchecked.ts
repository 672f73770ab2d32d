import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { servicesOf } from '../schema.ts';
import { artifactsOf } from './artifacts-of.ts';

const reasons = defineReasons({
  'artifacts/insecure': {
    en: 'any certificate passes for the {service}: whoever answers on that port counts as well',
    zh: '{service} 接受任何证书：该端口上无论谁应答都会被视为正常',
  },
  'artifacts/insecure-with-secret': {
    en: 'any certificate passes for the {service}, and credentials are sent to whoever answers there',
    zh: '{service} 接受任何证书，凭据会发送给在该端口应答的任何一方',
  },
  'artifacts/pin-it': {
    en: 'Name the CA with `caFile`, or pin the certificates of all members with `fingerprint: […]`.',
    zh: '请用 `caFile` 指定 CA，或用 `fingerprint: […]` 固定各成员的证书。',
  },
});

/** TLS that proves nothing. */
export const certificateUnchecked: Rule = {
  id: 'HF303',
  name: 'certificate-unchecked',
  severity: 'warning',
  title: { en: 'Certificates of an artifacts stack are not checked', zh: '未检查制品栈的证书' },
  explanation: {
    en: 'The installer signs its own certificates, so `insecure: true` is the quick way to make probes pass. But then a wrong machine, or a certificate that clients will refuse, looks as well as the right one. Pinning costs one line: `openssl s_client -connect <host>:443 </dev/null | openssl x509 -noout -fingerprint -sha256` prints what to write.',
    zh: '安装器使用自签名证书，因此 `insecure: true` 是让探测通过的捷径。但这样一来，错误的机器或客户端会拒绝的证书看起来都同样正常。固定证书只需一行：`openssl s_client -connect <主机>:443 </dev/null | openssl x509 -noout -fingerprint -sha256` 的输出即为应填内容。',
  },
  reasons,
  *check(site) {
    for (const { stack } of artifactsOf(site)) {
      for (const [service, spec] of servicesOf(stack.spec)) {
        if (spec.scheme !== 'https' || !spec.insecure || spec.fingerprint !== undefined) continue;
        const code = spec.auth === undefined ? 'artifacts/insecure' : 'artifacts/insecure-with-secret';
        yield {
          path: ['stacks', stack.name, service, 'insecure'],
          because: reasons.of(code, { service }),
          hint: reasons.of('artifacts/pin-it'),
        };
      }
    }
  },
};

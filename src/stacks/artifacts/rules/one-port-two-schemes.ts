import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { servicesOf } from '../schema.ts';
import { artifactsOf } from './artifacts-of.ts';

const reasons = defineReasons({
  'artifacts/one-port-two-schemes': {
    en: '{first} and {second} share port {port}, one with TLS and one without',
    zh: '{first} 与 {second} 共用 {port} 端口，一个使用 TLS，另一个不使用',
  },
  'artifacts/one-of-them': {
    en: 'Give each its own port, or both the same `scheme`.',
    zh: '请为它们分配不同的端口，或使用相同的 `scheme`。',
  },
});

/** A port cannot speak both. */
export const onePortTwoSchemes: Rule = {
  id: 'HF305',
  name: 'one-port-two-schemes',
  severity: 'error',
  title: { en: 'One port with and without TLS', zh: '同一端口既用 TLS 又不用 TLS' },
  explanation: {
    en: 'Services may share a port under different paths, but then they share its protocol. As written, one of the two probes can never be up, so no member ever is.',
    zh: '多个服务可以用不同路径共用一个端口，但协议必须一致。按当前写法，其中一个探测永远不会成功，所有成员都会被视为故障。',
  },
  reasons,
  *check(site) {
    for (const { stack } of artifactsOf(site)) {
      const services = servicesOf(stack.spec);
      for (const [at, [second, spec]] of services.entries()) {
        const [first] =
          services.slice(0, at).find(([, o]) => o.port === spec.port && o.scheme !== spec.scheme) ?? [];
        if (first === undefined) continue;
        yield {
          path: ['stacks', stack.name, second, 'port'],
          because: reasons.of('artifacts/one-port-two-schemes', { first, second, port: spec.port }),
          hint: reasons.of('artifacts/one-of-them'),
        };
      }
    }
  },
};

import { defineReasons } from '../../base/reason.ts';
import { isLoopback } from '../address.ts';
import { auditedFiles, isAddressRecord } from '../audit/audited.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'name-is-loopback': {
    en: '{name} leads to {address}: whoever asks for it reaches itself',
    zh: '{name} 指向 {address}：查询者访问到的是自己',
  },
  'real-address': {
    en: 'Give it a real address, or remove the record (named’s sample zone has it).',
    zh: '请填写真实地址，或删除该记录（它来自 named 的示例区域）。',
  },
});

/** Left over from named's sample zone. */
export const zoneLoopback: Rule = {
  id: 'HF054',
  name: 'zone-loopback',
  severity: 'error',
  title: { en: 'A public name leads to 127.0.0.1', zh: '域名指向 127.0.0.1' },
  explanation: {
    en: 'The sample zone that comes with BIND gives its apex the addresses 127.0.0.1 and ::1. Copied into a real zone, clients that use the bare domain talk to whatever listens on their own machine, which is hard to see in any log.',
    zh: 'BIND 自带的示例区域把顶点设为 127.0.0.1 和：：1。照搬到真实区域后，使用裸域名的客户端会访问本机上的任意服务，且很难从日志中看出。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'zone')) {
      for (const record of file.zone.records) {
        const address = record.data[0];
        if (address === undefined || !isAddressRecord(record) || !isLoopback(address)) continue;
        if (record.name.startsWith('localhost.')) continue;
        yield {
          path: file.sitePath,
          at: record.dataAt[0] ?? record.position,
          because: reasons.of('name-is-loopback', { name: record.name, address }),
          hint: reasons.of('real-address'),
        };
      }
    }
  },
};

import { defineReasons } from '../../base/reason.ts';
import { auditedFiles } from '../audit/audited.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'serial-zero': {
    en: 'the serial of {zone} is 0: nobody raises it, so secondaries never take a change over',
    zh: '{zone} 的序列号为 0：无人递增，辅服务器永远不会同步变更',
  },
  'date-serial': {
    en: 'Set it to a date such as 2026010101 and raise it with every change; the driver dns-bind does.',
    zh: '请设为日期形式（如 2026010101）并在每次变更时递增；dns-bind 驱动会自动处理。',
  },
});

/** A serial that has never been raised. */
export const zoneSerial: Rule = {
  id: 'HF055',
  name: 'zone-serial',
  severity: 'warning',
  title: { en: 'The zone’s serial is 0', zh: '区域序列号为 0' },
  explanation: {
    en: 'A secondary compares serials (RFC 1982) and transfers only a higher one. With a serial that stays, an edited zone reaches no secondary: after a failover by hand some name servers answer with the old address for as long as the zone does not expire.',
    zh: '辅服务器比较序列号（RFC 1982），只有更大时才传送。序列号不变时，修改后的区域不会到达任何辅服务器：手工切换后，部分域名服务器会一直返回旧地址，直到区域过期。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'zone', 'reverse-zone')) {
      for (const record of file.zone.records) {
        if (record.type !== 'SOA' || record.data[2] !== '0') continue;
        yield {
          path: file.sitePath,
          at: record.dataAt[2] ?? record.position,
          because: reasons.of('serial-zero', { zone: file.zone.origin }),
          hint: reasons.of('date-serial'),
        };
      }
    }
  },
};

import { defineReasons } from '../../base/reason.ts';
import { canonicalAddress } from '../address.ts';
import { addressRecords, auditedFiles, isInZone } from '../audit/audited.ts';
import { hostAt } from '../host-index.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'record-to-host': {
    en: "{name} resolves to {address}, which is host '{host}', and that is not a member of '{endpoint}'",
    zh: '{name} 解析到 {address}，即主机“{host}”，而它不是“{endpoint}”的成员',
  },
  'record-to-unknown': {
    en: "{name} resolves to {address}, which is no member of '{endpoint}' ({members})",
    zh: '{name} 解析到 {address}，它不是“{endpoint}”的成员（{members}）',
  },
  'no-record': {
    en: "the zone {zone} has no address for {name}, the name of '{endpoint}'",
    zh: '区域 {zone} 中没有 {name}（“{endpoint}”的域名）的地址',
  },
  'point-to-member': { en: 'Point it to {address}.', zh: '请将其指向 {address}。' },
  'add-record': { en: 'Add `{label} 5 IN A {address}`.', zh: '请添加 `{label} 5 IN A {address}`。' },
});

/** What the zone says today is not what the site says. */
export const zoneToStranger: Rule = {
  id: 'HF058',
  name: 'zone-to-stranger',
  severity: 'error',
  title: { en: 'A name resolves to a host that is not a member', zh: '域名解析到非成员主机' },
  explanation: {
    en: 'Clients are on a machine that is neither probed nor failed over. Usually an address left over from an older installation, or a typing mistake in the last octet.',
    zh: '客户端访问的机器既不被探测，也不会切换。通常是旧环境遗留的地址，或最后一段的笔误。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'zone')) {
      for (const { name: endpoint, dnsName: name, members, addresses } of file.endpoints) {
        if (!isInZone(name, file.zone)) continue;
        const records = addressRecords(file.zone, name);
        const isAlias = file.zone.records.some((record) => record.name === name && record.type === 'CNAME');
        const preferred = members[0]?.address ?? '';
        if (records.length === 0 && !isAlias) {
          const because = reasons.of('no-record', { name, zone: file.zone.origin, endpoint });
          const label = name === file.zone.origin ? '@' : name.slice(0, -file.zone.origin.length - 1);
          yield {
            path: file.sitePath,
            at: topOf(file.file),
            because,
            hint: reasons.of('add-record', { label, address: preferred }),
          };
        }
        const known = new Set(
          [...members.map((member) => member.address), ...addresses].map(canonicalAddress),
        );
        for (const record of records) {
          const address = record.data[0] as string;
          if (known.has(canonicalAddress(address))) continue;
          const host = hostAt(site, address);
          const because =
            host === undefined
              ? reasons.of('record-to-unknown', { name, address, endpoint, members: [...known] })
              : reasons.of('record-to-host', { name, address, endpoint, host });
          yield {
            path: file.sitePath,
            at: record.dataAt[0] ?? record.position,
            because,
            hint: reasons.of('point-to-member', { address: preferred }),
          };
        }
      }
    }
  },
};

function topOf(file: string): { file: string; line: number; column: number; length: number } {
  return { file, line: 1, column: 1, length: 1 };
}

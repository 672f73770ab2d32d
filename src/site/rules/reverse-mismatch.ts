import { defineReasons } from '../../base/reason.ts';
import { canonicalAddress, isLoopback } from '../address.ts';
import { type Audited, auditedFiles, forwardRecords, isAddressRecord } from '../audit/audited.ts';
import { addressOfReverseName, isInReverseZone } from '../audit/reverse-name.ts';
import type { Site } from '../model.ts';
import type { Rule, RuleHit } from '../rule.ts';

const reasons = defineReasons({
  'pointer-without-address': {
    en: '{address} points to {name}, but {name} has no such address: {forward}',
    zh: '{address} 反向指向 {name}，但 {name} 并没有该地址：{forward}',
  },
  'address-without-pointer': {
    en: '{name} has the address {address}, but the reverse zone {zone} has no PTR record for it',
    zh: '{name} 的地址是 {address}，但反向区域 {zone} 中没有它的 PTR 记录',
  },
  'mend-pointer': {
    en: 'Rename the PTR record to the last part of the real address, or remove it.',
    zh: '请将 PTR 记录改为真实地址的最后一段，或删除它。',
  },
  'add-pointer': { en: 'Add `{label} PTR {name}.` to it.', zh: '请在其中添加 `{label} PTR {name}.`。' },
});

/** Reverse and forward zone tell different stories. */
export const reverseMismatch: Rule = {
  id: 'HF052',
  name: 'reverse-mismatch',
  severity: 'warning',
  title: { en: 'The reverse zone does not match the forward zone', zh: '反向区域与正向区域不一致' },
  explanation: {
    en: 'Logs, Kerberos, mail and some SSH set-ups ask which name an address has, and trust the answer only if the name leads back. A PTR record of an address nobody has (201 in the runbook, where the hosts are 193 and 194) also misleads whoever searches for the machine at night.',
    zh: '日志、Kerberos、邮件和部分 SSH 配置会查询地址对应的名称，并要求该名称能解析回来。指向不存在地址的 PTR（手册中的 201，而主机实为 193 和 194）还会误导夜间排障的人。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'reverse-zone')) {
      yield* pointersWithoutAddress(site, file);
      yield* addressesWithoutPointer(site, file);
    }
  },
};

function* pointersWithoutAddress(site: Site, file: Audited<'reverse-zone'>): Generator<RuleHit> {
  for (const record of file.zone.records) {
    const address = record.type === 'PTR' ? addressOfReverseName(record.name) : undefined;
    const name = record.data[0];
    if (address === undefined || name === undefined) continue;
    const forward = forwardOf(site, file, name);
    if (forward === undefined || forward.includes(canonicalAddress(address))) continue;
    const shown = forward.length === 0 ? '—' : forward.join(', ');
    yield {
      path: file.sitePath,
      at: record.position,
      because: reasons.of('pointer-without-address', { address, name, forward: shown }),
      hint: reasons.of('mend-pointer'),
    };
  }
}

/** What a name leads to: by the audited zones, or by the site itself; undefined where neither knows. */
function forwardOf(site: Site, file: Audited<'reverse-zone'>, name: string): string[] | undefined {
  const records = forwardRecords(site, name);
  if (records !== undefined) return records.map((record) => canonicalAddress(record.data[0] as string));
  const endpoint = file.endpoints.find((known) => known.dnsName === name);
  return endpoint?.members.map((member) => canonicalAddress(member.address));
}

function* addressesWithoutPointer(site: Site, file: Audited<'reverse-zone'>): Generator<RuleHit> {
  const pointed = new Set(
    file.zone.records
      .filter((record) => record.type === 'PTR')
      .map((record) => addressOfReverseName(record.name)),
  );
  const missing = new Set<string>();
  for (const { zone } of auditedFiles(site, 'zone')) {
    for (const record of zone.records) {
      const address = record.data[0];
      if (address === undefined || !isAddressRecord(record) || isLoopback(address)) continue;
      if (!isInReverseZone(address, file.zone.origin) || pointed.has(canonicalAddress(address))) continue;
      // Several names of one address need one pointer.
      if (missing.has(address)) continue;
      missing.add(address);
      const name = record.name;
      yield {
        path: file.sitePath,
        at: record.dataAt[0] ?? record.position,
        because: reasons.of('address-without-pointer', { name, address, zone: file.zone.origin }),
        hint: reasons.of('add-pointer', { label: address.split('.').at(-1) as string, name }),
      };
    }
  }
}

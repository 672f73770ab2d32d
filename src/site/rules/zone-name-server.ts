import { defineReasons, type Reason } from '../../base/reason.ts';
import { isLoopback } from '../address.ts';
import type { ZoneFile, ZoneRecord } from '../audit/audit-file.ts';
import { addressRecords, auditedFiles, forwardRecords, isInZone } from '../audit/audited.ts';
import type { Site } from '../model.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'name-server-is-loopback': {
    en: 'the name server {server} of {zone} has the address {address}: resolvers would ask themselves',
    zh: '{zone} 的域名服务器 {server} 的地址是 {address}：解析器会去查询自己',
  },
  'name-server-without-address': {
    en: 'the name server {server} of {zone} has no address',
    zh: '{zone} 的域名服务器 {server} 没有地址',
  },
  'real-name-server': {
    en: 'Let NS name a host with an A record of the DNS server, and remove the others.',
    zh: 'NS 应指向一个 A 记录为 DNS 服务器地址的名称，并删除其余 NS。',
  },
});

/** A name server nobody can ask. */
export const zoneNameServer: Rule = {
  id: 'HF056',
  name: 'zone-name-server',
  severity: 'error',
  title: { en: 'A name server that cannot be reached', zh: '域名服务器无法访问' },
  explanation: {
    en: 'Resolvers and secondaries pick among the NS records. With two, one of which is the apex with 127.0.0.1, every second choice goes to the resolver’s own machine and fails or times out, also NOTIFY does.',
    zh: '解析器和辅服务器会在 NS 记录中选择。若有两个，其中一个是指向 127.0.0.1 的顶点，则一半的选择会落到解析器自己的机器上，失败或超时，NOTIFY 也一样。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'zone', 'reverse-zone')) {
      for (const record of file.zone.records) {
        const because = record.type === 'NS' ? judge(site, file.zone, record) : undefined;
        if (because === undefined) continue;
        yield {
          path: file.sitePath,
          at: record.dataAt[0] ?? record.position,
          because,
          hint: reasons.of('real-name-server'),
        };
      }
    }
  },
};

function judge(site: Site, zone: ZoneFile, record: ZoneRecord): Reason | undefined {
  const server = record.data[0];
  if (server === undefined) return undefined;
  const found = isInZone(server, zone) ? addressRecords(zone, server) : forwardRecords(site, server);
  // A server in a zone that was not given may well have an address.
  if (found === undefined) return undefined;
  if (found.length === 0) return reasons.of('name-server-without-address', { server, zone: zone.origin });
  const address = found.map((each) => each.data[0] as string).find(isLoopback);
  return address === undefined
    ? undefined
    : reasons.of('name-server-is-loopback', { server, zone: zone.origin, address });
}

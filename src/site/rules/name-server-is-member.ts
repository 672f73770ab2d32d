import { defineReasons } from '../../base/reason.ts';
import { canonicalAddress } from '../address.ts';
import { addressRecords, auditedFiles, isInZone } from '../audit/audited.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'name-server-is-member': {
    en: "the zone’s name server {server} is at {address}, which is member '{member}' of '{endpoint}'",
    zh: '该区域的域名服务器 {server} 位于 {address}，即“{endpoint}”的成员“{member}”',
  },
  'name-dns-server': {
    en: 'Give {server} the address of the machine that runs the name server.',
    zh: '请将 {server} 的地址改为实际运行域名服务器的机器。',
  },
});

/** NS leads to one of the machines it should lead away from. */
export const nameServerIsMember: Rule = {
  id: 'HF062',
  name: 'name-server-is-member',
  severity: 'warning',
  title: { en: 'The zone names a member as its name server', zh: '区域以成员作为域名服务器' },
  explanation: {
    en: 'In the runbook `ns` has the address of the original bootstrap node, though named runs on a third machine. Resolvers that follow the NS record ask a machine with no name server on it, or one that fails together with what it should announce.',
    zh: '手册中 `ns` 的地址是原火种节点，而 named 运行在第三台机器上。按 NS 记录查询的解析器会去问一台没有域名服务的机器，或一台与其所公告的服务同时故障的机器。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'zone')) {
      const servers = file.zone.records
        .filter((record) => record.type === 'NS')
        .map((record) => record.data[0] as string);
      const found = servers.flatMap((server) =>
        addressRecords(file.zone, server).map((record) => ({ server, record })),
      );
      for (const { server, record } of found) {
        const address = record.data[0] as string;
        for (const endpoint of file.endpoints) {
          if (!isInZone(endpoint.dnsName, file.zone)) continue;
          const member = endpoint.members.find(
            (each) => canonicalAddress(each.address) === canonicalAddress(address),
          );
          if (member === undefined) continue;
          yield {
            path: file.sitePath,
            at: record.dataAt[0] ?? record.position,
            because: reasons.of('name-server-is-member', {
              server,
              address,
              member: member.name,
              endpoint: endpoint.name,
            }),
            hint: reasons.of('name-dns-server', { server }),
          };
        }
      }
    }
  },
};

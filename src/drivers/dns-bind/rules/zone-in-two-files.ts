import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { endpointsOf } from '../../endpoints-of.ts';
import type { DnsBindConfig } from '../schema.ts';

const reasons = defineReasons({
  'dns-bind/zone-in-two-files': {
    en: 'zone {zone} on {server} is said to lie in {file}, and by another place in {other}',
    zh: '{server} 上的区域 {zone} 在此处写为 {file}，而另一处写为 {other}',
  },
  'dns-bind/file-of-two-zones': {
    en: '{file} on {server} is said to hold zone {zone}, and by another place zone {other}',
    zh: '{server} 上的 {file} 在此处写为区域 {zone} 的文件，而另一处写为区域 {other} 的文件',
  },
  'dns-bind/one-file': {
    en: 'See the zone statements in named.conf, and correct one of the two places.',
    zh: '请查看 named.conf 中的 zone 语句，并更正其中一处。',
  },
});

interface Claim {
  readonly server: string;
  readonly zone: string;
  readonly zoneFile: string;
  readonly path: readonly (string | number)[];
}

/** One zone, one file: whoever writes the other changes nothing that BIND would serve. */
export const zoneInTwoFiles: Rule = {
  id: 'HF133',
  name: 'zone-in-two-files',
  severity: 'error',
  title: {
    en: 'A zone in two files, or a file of two zones',
    zh: '一个区域对应两个文件，或一个文件对应两个区域',
  },
  explanation: {
    en: 'BIND reads a zone from the one file that its zone statement names. An endpoint that edits another file publishes into the void; two zones in one file overwrite each other’s serial.',
    zh: 'BIND 只从 zone 语句指定的那个文件读取区域。编辑另一个文件的端点等于没有发布；两个区域共用一个文件会互相覆盖序列号。',
  },
  reasons,
  *check(site) {
    const claims: Claim[] = [];
    for (const endpoint of endpointsOf<DnsBindConfig>(site, 'dns-bind')) {
      for (const claim of claimsOf(endpoint.name, endpoint.driver.config)) {
        const { server, zone, zoneFile: file, path } = claim;
        const same = claims.filter((other) => other.server === server);
        const byZone = same.find((other) => other.zone === zone && other.zoneFile !== file);
        const byFile = same.find((other) => other.zone !== zone && other.zoneFile === file);
        const hint = reasons.of('dns-bind/one-file');
        if (byZone !== undefined) {
          const params = { server, zone, file, other: byZone.zoneFile };
          yield { path, because: reasons.of('dns-bind/zone-in-two-files', params), hint };
        }
        if (byFile !== undefined) {
          const params = { server, zone, file, other: byFile.zone };
          yield { path, because: reasons.of('dns-bind/file-of-two-zones', params), hint };
        }
        claims.push(claim);
      }
    }
  },
};

function claimsOf(endpoint: string, config: DnsBindConfig): Claim[] {
  const { server, zone, zoneFile } = config;
  const at = ['endpoints', endpoint, 'driver'];
  return [
    { server, zone, zoneFile, path: [...at, 'zoneFile'] },
    ...config.reverse.map((place, index) => ({
      server,
      ...place,
      path: [...at, 'reverse', index, 'zoneFile'],
    })),
  ];
}

import { isIpAddress } from '../address.ts';
import type { Endpoint, Site, SitePath } from '../model.ts';
import type { AuditContent, AuditFile, ZoneFile, ZoneRecord } from './audit-file.ts';

/** An endpoint with a DNS name. */
export type NamedEndpoint = Endpoint & { readonly dnsName: string };

export type Audited<K extends AuditContent['kind']> = Extract<AuditContent, { kind: K }> &
  Pick<AuditFile, 'path' | 'file' | 'host' | 'endpoint'> & {
    /** Where the site names the file: what a suppression's path is held against. */
    readonly sitePath: SitePath;
    /** The named endpoints it concerns. */
    readonly endpoints: readonly NamedEndpoint[];
  };

/** The audited files of some kinds, with the endpoints that each concerns. */
export function* auditedFiles<K extends AuditContent['kind']>(
  site: Site,
  ...kinds: readonly K[]
): Generator<Audited<K>> {
  const named = [...site.endpoints.values()].filter(
    (endpoint): endpoint is NamedEndpoint => endpoint.dnsName !== undefined,
  );
  for (const [index, file] of (site.auditFiles ?? []).entries()) {
    if (!(kinds as readonly string[]).includes(file.kind)) continue;
    const endpoints = named.filter(
      (endpoint) => file.endpoint === undefined || endpoint.name === file.endpoint,
    );
    yield { ...file, sitePath: ['audit', 'files', index, 'path'], endpoints } as unknown as Audited<K>;
  }
}

/** Whether a name is the zone's own or below it. */
export function isInZone(name: string, zone: ZoneFile): boolean {
  return name === zone.origin || name.endsWith(`.${zone.origin}`);
}

/** The address records of a name in a zone, aliases inside the zone followed; a wildcard counts where nothing else does. */
export function addressRecords(zone: ZoneFile, name: string, hops = 8): readonly ZoneRecord[] {
  let own = zone.records.filter((record) => record.name === name);
  if (own.length === 0)
    own = zone.records.filter((record) => record.name === `*.${name.split('.').slice(1).join('.')}`);
  const alias = own.find((record) => record.type === 'CNAME')?.data[0];
  if (alias !== undefined && hops > 0 && isInZone(alias, zone)) return addressRecords(zone, alias, hops - 1);
  return own.filter((record) => isAddressRecord(record));
}

export function isAddressRecord(record: ZoneRecord): boolean {
  return (record.type === 'A' || record.type === 'AAAA') && isIpAddress(record.data[0] ?? '');
}

/** Addresses of a name in any audited forward zone; undefined where none of them is responsible for it. */
export function forwardRecords(site: Site, name: string): readonly ZoneRecord[] | undefined {
  const zones = [...auditedFiles(site, 'zone')]
    .map((file) => file.zone)
    .filter((zone) => isInZone(name, zone));
  return zones.length === 0 ? undefined : zones.flatMap((zone) => addressRecords(zone, name));
}

import type { Zone, Zones } from '../../src/dns/zone.ts';
import { loadZone } from '../../src/dns/zone-file.ts';

/** For tests: a zone with one of everything. */
export const SITE_ZONE = `$ORIGIN site.example.
$TTL 300
@ SOA ns1 hostmaster 2026030101 3600 600 86400 5
@ NS ns1
@ NS ns2
@ A 192.0.2.10
@ CAA 0 issue "ca.example"
@ MX 10 mail
@ TXT "v=spf1 -all"
ns1 A 192.0.2.1
ns1 AAAA 2001:db8::1
ns2 A 192.0.2.2
mail A 192.0.2.25
www 1 A 192.0.2.193
www 1 AAAA 2001:db8::193
many A 192.0.2.31
many A 192.0.2.32
many A 192.0.2.33
alias CNAME www
alias2 CNAME alias
outside CNAME www.elsewhere.example.
dangling CNAME nobody
nodata CNAME mail
loop1 CNAME loop2
loop2 CNAME loop1
to-sub CNAME host.sub
_https._tcp SRV 0 5 443 www
*.wild A 192.0.2.50
*.wild TXT "from the wildcard"
*.wildalias CNAME www
host.wild A 192.0.2.51
below.empty.wild A 192.0.2.52
sub NS ns.sub
sub NS ns.other.example.
ns.sub A 192.0.2.60
other NS ns.other.example.
moved DNAME new.example.
unknown TYPE65280 \\# 2 BEEF
1 PTR host-1
big TXT ${Array.from({ length: 8 }, (_, index) => `"${String(index).repeat(200)}"`).join(' ')}
`;

/** @throws Error where the text is wrong, so that no test passes on half a zone */
export function zoneOf(text: string, origin = 'site.example'): Zone {
  const { zone, findings } = loadZone(text, { origin, file: 'test' });
  if (zone === undefined) throw new Error(JSON.stringify(findings));
  return zone;
}

export function zonesOf(...zones: readonly Zone[]): Zones {
  return new Map(zones.map((zone) => [zone.origin.key, zone]));
}

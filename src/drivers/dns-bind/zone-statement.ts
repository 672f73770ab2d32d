import type { ZonePlace } from './bind-host.ts';
import { DnsBindError } from './error.ts';
import type { NamedZone } from './named-conf.ts';

/**
 * Whether named.conf has the zone, as primary, static, from that file.
 * @returns false where it does not have it at all
 * @throws DnsBindError `dns-bind/dynamic-zone`, `dns-bind/zone-statement` where it has it in another way
 */
export function isServedFrom(zones: readonly NamedZone[], place: ZonePlace, host: string): boolean {
  const found = zones.filter((one) => one.zone === place.zone);
  const [first, ...more] = found;
  if (first === undefined) {
    if (zones.every((one) => one.view === undefined)) return false;
    throw contradiction(place, host, 'no views, or the zone in one of them', 'views without the zone', {
      hint: 'Add the zone statement to the right view by hand: Holdfast cannot know which clients see which view.',
    });
  }
  if (first.isDynamic) throw dynamic(place, host);
  if (first.type !== 'primary') {
    throw contradiction(place, host, 'type primary (master)', `type ${first.type}`, {
      hint: 'Name the primary server of the zone as `server`: changes on a secondary are lost.',
    });
  }
  if (more.length > 0) {
    throw contradiction(place, host, 'one zone statement', `one in each of ${found.length} views`, {
      hint: 'Use a name in a zone that all clients see alike.',
    });
  }
  if (first.file !== place.zoneFile) {
    throw contradiction(place, host, `file "${place.zoneFile}"`, `file "${first.file ?? ''}"`, {
      hint: 'Give the file of named.conf as `zoneFile` in the site file.',
    });
  }
  return true;
}

function contradiction(
  place: ZonePlace,
  host: string,
  expected: string,
  got: string,
  { hint }: { hint: string },
): DnsBindError {
  return new DnsBindError({
    code: 'dns-bind/zone-statement',
    message: `named.conf serves the zone ${place.zone} in another way than the site file says`,
    where: { host },
    expected,
    got,
    hint,
  });
}

function dynamic(place: ZonePlace, host: string): DnsBindError {
  return new DnsBindError({
    code: 'dns-bind/dynamic-zone',
    message: `the zone ${place.zone} is dynamic: BIND itself writes its file`,
    where: { host },
    expected: 'a static zone (no allow-update, no update-policy)',
    got: 'allow-update or update-policy in its zone statement',
    hint: 'Use the driver dns-update for this endpoint.',
  });
}

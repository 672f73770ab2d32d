/** What one publication changes in one zone, and how a client sees that it has come about. */
import type { Evidence } from '../../base/evidence.ts';
import type { Endpoint } from '../../site/model.ts';
import { type DnsServer, type WantedName, waitUntilServed } from '../ask.ts';
import type { DriverContext } from '../driver.ts';
import { epochOwner, formatMark, parseMark, refuseOlder } from '../epoch.ts';
import { pointersIn, waitForPointers } from '../pointers.ts';
import type { ZonePlace } from './bind-host.ts';
import type { RrsetChange } from './rrset-patches.ts';
import type { DnsBindConfig } from './schema.ts';
import { addressChange, epochChange, pointerChange, readName } from './zone-edit.ts';

export interface ZoneChange {
  readonly changes: readonly RrsetChange[];
  /** Looks at the file before it is edited. @throws DnsBindError to refuse */
  inspect(text: string): void;
  /** Resolves once the server gives what was published. @throws DriverError `driver/not-visible` after `timeoutMs` */
  served(ctx: DriverContext, server: DnsServer, timeoutMs: number): Promise<Evidence>;
}

/** The name's addresses and its epoch. */
export function forwardChange(
  endpoint: Endpoint<DnsBindConfig>,
  name: string,
  wanted: WantedName,
): ZoneChange {
  const { zone } = endpoint.driver.config;
  const markOwner = epochOwner(name);
  return {
    changes: [
      addressChange(name, wanted.records, wanted.ttlSeconds),
      epochChange(markOwner, formatMark(wanted.mark)),
    ],
    inspect(text) {
      const { mark } = readName(text, zone, name, markOwner);
      refuseOlder(endpoint, mark === undefined ? undefined : parseMark(mark), wanted.mark);
    },
    served: (ctx, server, timeoutMs) => waitUntilServed(ctx, server, endpoint, wanted, timeoutMs),
  };
}

/** PTR records of all members whose address lies in the zone: there for those that are answered, gone for the others. */
export function reverseChange(
  endpoint: Endpoint<DnsBindConfig>,
  name: string,
  place: ZonePlace,
  wanted: WantedName,
): ZoneChange {
  const pointers = pointersIn(endpoint, place.zone, wanted.records);
  return {
    changes: pointers.map(({ owner, isPresent }) => pointerChange(owner, name, isPresent, wanted.ttlSeconds)),
    inspect() {},
    served: (ctx, server, timeoutMs) => waitForPointers(ctx, server, name, pointers, timeoutMs),
  };
}

/** What copying files and charts shares: both members' clients and the limits. */
import type { Scope } from '../../../base/abort.ts';
import type { Clock } from '../../../base/clock.ts';
import { type Limit, limit } from '../../../base/limit.ts';
import type { HttpClient, HttpRequest } from '../http/client.ts';
import type { MeterOptions } from '../http/meter.ts';
import { patiently } from '../http/patience.ts';
import { patientClient } from '../http/patient-client.ts';
import { type Incoming, streamFrom } from '../http/stream-from.ts';
import type { Gathering } from '../parity/gather.ts';
import type { ByteRange } from './file-target.ts';

export interface Sides {
  readonly from: HttpClient;
  readonly to: HttpClient;
  /** Credentials for reading and writing, where a service asks for them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Ends all requests; the clients of both sides listen to it. */
  readonly scope: Scope;
  readonly concurrency: number;
}

/** Both sides as the comparison wants them: asking again where a server is busy. */
export function readers(sides: Sides): {
  from: { client: HttpClient; headers: Sides['headers'] };
  to: { client: HttpClient; headers: Sides['headers'] };
  gathering: Gathering;
} {
  const { headers, concurrency } = sides;
  const o = { clock: sides.clock, signal: sides.scope.signal };
  const both: Limit = limit(concurrency);
  return {
    from: { client: patientClient(sides.from, o), headers },
    to: { client: patientClient(sides.to, o), headers },
    gathering: { limit: both, lists: both, depth: 'parts', signal: sides.scope.signal },
  };
}

/** Reads one thing from the source as a stream. */
export function readFrom(
  sides: Sides,
  path: string,
  o: MeterOptions & { readonly range?: ByteRange },
): Promise<Incoming> {
  const range = o.range === undefined ? {} : { range: `bytes=${o.range.from}-${o.range.to ?? ''}` };
  const headers = { ...sides.headers, ...range, 'accept-encoding': 'identity' };
  const send = (request: HttpRequest) => sides.from.request(request);
  return streamFrom(sides.from, { method: 'GET', path, headers }, { ...o, send });
}

/** One thing after another as the limit allows, each tried again where a server was busy. */
export function copyEach<T>(
  sides: Sides,
  things: readonly T[],
  copy: (thing: T) => Promise<void>,
): Promise<void>[] {
  const { clock, scope, concurrency } = sides;
  const transfers = limit(concurrency);
  return things.map((thing) =>
    transfers.run(() => patiently({ clock, signal: scope.signal }, () => copy(thing)), scope.signal),
  );
}

/** What a client of one authoritative DNS server gets for an endpoint's name. */
import { isRetryable } from '../base/errors.ts';
import type { Evidence } from '../base/evidence.ts';
import { type Resolved, resolve } from '../dns/resolve.ts';
import type { Endpoint } from '../site/model.ts';
import { type AddressRecord, dnsNameOf, isPartOf, membersAt, sameAddresses } from './answer.ts';
import type { DriverContext, Observed } from './driver.ts';
import { DriverError } from './driver-error.ts';
import { type EpochMark, epochOwner, formatMark, parseMark, refuseOlder } from './epoch.ts';

/** Where to ask: an IP address. */
export interface DnsServer {
  readonly address: string;
  readonly port: number;
}

/** What came back for a name. */
export interface NameAnswer {
  readonly addresses: readonly string[];
  /** Seconds; undefined where there is no address. */
  readonly ttlSeconds: number | undefined;
  readonly mark: EpochMark | undefined;
  /** The TXT data of the mark as they came, for prerequisites of an update. */
  readonly markData: readonly string[];
  /** The target of a CNAME that stands at the name. */
  readonly alias: string | undefined;
  readonly evidence: Evidence;
}

const TIMEOUT_MS = 3_000;

/**
 * Asks for addresses and epoch.
 * @throws DnsError where nobody answers, DriverError `driver/not-served` where the server is not in charge of the name
 */
export async function askName(ctx: DriverContext, server: DnsServer, name: string): Promise<NameAnswer> {
  const startMs = ctx.clock.monotonicMs();
  const at = ctx.clock.now();
  const [a, aaaa, txt] = await Promise.all([
    ask(ctx, server, name, 'A'),
    ask(ctx, server, name, 'AAAA'),
    ask(ctx, server, epochOwner(name), 'TXT'),
  ]);
  const addresses = [...a.data, ...aaaa.data];
  const ttls = [a.ttl, aaaa.ttl].filter((ttl) => ttl !== undefined);
  const ttlSeconds = addresses.length === 0 ? undefined : Math.min(...ttls);
  const mark = txt.data.map(parseMark).find((one) => one !== undefined);
  return {
    addresses,
    ttlSeconds,
    mark,
    markData: txt.data,
    alias: a.answers.find((record) => record.type === 'CNAME')?.data,
    evidence: {
      asked: `A, AAAA and epoch of ${name} at ${formatServer(server)}`,
      got: describe(addresses, ttlSeconds, mark),
      at,
      tookMs: ctx.clock.monotonicMs() - startMs,
    },
  };
}

/**
 * Asks one authoritative question. NXDOMAIN is an answer; REFUSED, SERVFAIL and a referral are none.
 * @throws DnsError, DriverError `driver/not-served`
 */
export async function ask(
  ctx: DriverContext,
  server: DnsServer,
  name: string,
  type: string,
): Promise<Resolved> {
  const { clock, signal, random } = ctx;
  const query = { servers: [server], name, type, recurse: false, timeoutMs: TIMEOUT_MS, tries: 3 };
  const resolved = await resolve({ ...query, clock, signal, random });
  const isAnswer = resolved.rcode === 'NOERROR' || resolved.rcode === 'NXDOMAIN';
  if (isAnswer && resolved.authoritative) return resolved;
  throw new DriverError({
    code: 'driver/not-served',
    message: `the DNS server ${formatServer(server)} is not in charge of ${name}`,
    expected: 'an authoritative answer',
    got: isAnswer ? 'an answer that is not authoritative' : resolved.rcode,
    hint: 'Check that the server is the primary of the zone, and that the zone is loaded: see its log.',
    retryable: resolved.rcode === 'SERVFAIL',
  });
}

/** {@link askName} as the contract wants it. */
export async function observeAt(
  ctx: DriverContext,
  endpoint: Endpoint,
  server: DnsServer,
): Promise<Observed> {
  const { addresses, ttlSeconds, evidence } = await askName(ctx, server, dnsNameOf(endpoint));
  return {
    ...membersAt(endpoint, addresses),
    ...(ttlSeconds === undefined ? {} : { ttlMs: ttlSeconds * 1_000 }),
    evidence,
  };
}

/** What a server must answer once an answer is published. */
export interface WantedName {
  readonly records: readonly AddressRecord[];
  readonly ttlSeconds: number;
  readonly mark: EpochMark;
  /** The server gives one of the records at a time, by weight. */
  readonly oneAtATime?: boolean;
}

/** Whether clients get exactly that. */
export function isServed(answer: NameAnswer, wanted: WantedName): boolean {
  const addresses = wanted.records.map((record) => record.address);
  const isPart = wanted.oneAtATime === true && isPartOf(answer.addresses, addresses);
  return (
    (isPart || sameAddresses(answer.addresses, addresses)) &&
    answer.ttlSeconds === wanted.ttlSeconds &&
    answer.mark !== undefined &&
    answer.mark.epoch === wanted.mark.epoch &&
    answer.mark.answer === wanted.mark.answer
  );
}

/**
 * Asks until the server gives what was published.
 * @throws DriverError `driver/older-epoch` as soon as somebody has published a newer answer meanwhile
 * @throws DriverError `driver/not-visible` after `timeoutMs`; what `askName` throws, where that cannot be asked for good
 */
export async function waitUntilServed(
  ctx: DriverContext,
  server: DnsServer,
  endpoint: Endpoint,
  wanted: WantedName,
  timeoutMs: number,
): Promise<Evidence> {
  const name = dnsNameOf(endpoint);
  const endMs = ctx.clock.monotonicMs() + timeoutMs;
  const expected = describe(
    wanted.records.map((record) => record.address),
    wanted.ttlSeconds,
    wanted.mark,
  );
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    const isLast = ctx.clock.monotonicMs() >= endMs;
    const answer = await askName(ctx, server, name).catch((error: unknown) => {
      if (isLast || ctx.signal.aborted || !isRetryable(error)) throw error;
      return undefined;
    });
    if (answer !== undefined && isServed(answer, wanted)) return { ...answer.evidence, expected };
    if ((answer?.mark?.epoch ?? 0) > wanted.mark.epoch) refuseOlder(endpoint, answer?.mark, wanted.mark);
    if (answer !== undefined && isLast) throw notVisible(server, name, expected, answer.evidence.got);
    await ctx.clock.sleep(pauseMs, ctx.signal);
  }
}

/** DNS counts whole seconds: half a second becomes one, never none, which would mean "do not keep it". */
export function ttlSecondsOf(ttlMs: number): number {
  return ttlMs <= 0 ? 0 : Math.max(1, Math.round(ttlMs / 1_000));
}

/** `192.0.2.1:53`, `[2001:db8::1]:53` */
export function formatServer(server: DnsServer): string {
  return server.address.includes(':')
    ? `[${server.address}]:${server.port}`
    : `${server.address}:${server.port}`;
}

function describe(
  addresses: readonly string[],
  ttl: number | undefined,
  mark: EpochMark | undefined,
): string {
  const list = addresses.length === 0 ? 'no address' : [...addresses].sort().join(', ');
  const about = [ttl === undefined ? '' : `TTL ${ttl}`, mark === undefined ? 'no epoch' : formatMark(mark)];
  return [list, ...about.filter(Boolean)].join(', ');
}

function notVisible(server: DnsServer, name: string, expected: string, got: string): DriverError {
  return new DriverError({
    code: 'driver/not-visible',
    message: `the DNS server ${formatServer(server)} does not give the published answer for ${name}`,
    expected,
    got,
    hint: 'See the log of the server: it may not have loaded the change, or serve the zone from elsewhere (a view, another file).',
    retryable: true,
  });
}

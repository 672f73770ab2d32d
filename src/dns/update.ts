import type { Clock } from '../base/clock.ts';
import { DnsError } from './error.ts';
import { type DnsPeer, exchangeTcp, exchangeUdp, formatPeer, isReplyTo } from './exchange.ts';
import { FLAG, parseMessage } from './message.ts';
import { RCODE, rcodeName } from './rcode.ts';
import { signMessage, type TsigKey, type Verified, verifyMessage } from './tsig.ts';
import { buildUpdate, type Update } from './update-message.ts';

export interface SendUpdateOptions extends Update {
  /** The zone's primary server, an IP address. */
  readonly server: string;
  /** Default 53. */
  readonly port?: number;
  /** Signs the update; the answer must be signed by it too. Without one nothing is signed or checked. */
  readonly key?: TsigKey;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** 0…1, for the message's ID. */
  readonly random: () => number;
}

export interface Updated {
  readonly protocol: 'udp' | 'tcp';
  readonly tookMs: number;
}

/** Larger updates go over TCP at once. */
const LARGEST_UDP_UPDATE = 1232;
/** The answers that mean "a prerequisite did not hold" (RFC 2136 §3.2). */
const LOST_RACE: ReadonlySet<number> = new Set([
  RCODE.YXDOMAIN,
  RCODE.YXRRSET,
  RCODE.NXDOMAIN,
  RCODE.NXRRSET,
]);

/**
 * Sends one update to a zone's primary server and waits until it says that the change is made. All or nothing. Over
 * UDP first; over TCP where the update is large, or where UDP brings no answer in half of the time.
 *
 * An update whose answer is lost may have been made: after `dns/timeout`, and after `dns/update-lost-race` that
 * followed a repetition (its message says so), look before trying again.
 *
 * @throws DnsError `dns/update-lost-race` (a prerequisite did not hold), `dns/update-refused` (with `rcode`;
 *   retryable for SERVFAIL), `dns/untrusted-answer`, `dns/timeout`, `dns/unreachable`
 */
export async function sendUpdate(o: SendUpdateOptions): Promise<Updated> {
  const server = { address: o.server, port: o.port ?? 53 };
  const id = Math.floor(o.random() * 0x10000) & 0xffff;
  const plain = buildUpdate(o, id);
  const startMs = o.clock.monotonicMs();
  const send = async (protocol: 'udp' | 'tcp', timeoutMs: number, repeated: boolean): Promise<Updated> => {
    const signed = o.key && signMessage(plain, o.key, { nowMs: o.clock.now() });
    const wire = signed?.wire ?? plain;
    const { clock, signal } = o;
    const accepts = (reply: Buffer): boolean => isReplyTo(plain, reply);
    const exchange = protocol === 'udp' ? exchangeUdp : exchangeTcp;
    const reply = await exchange(server, wire, { timeoutMs, clock, signal, accepts });
    judge(trusted(reply, o, server, signed?.mac), server, o.zone, repeated);
    return { protocol, tookMs: o.clock.monotonicMs() - startMs };
  };
  if (plain.length > LARGEST_UDP_UPDATE) return send('tcp', o.timeoutMs, false);
  try {
    return await send('udp', o.timeoutMs / 2, false);
  } catch (error) {
    if (!(error instanceof DnsError) || (error.code !== 'dns/timeout' && error.code !== 'dns/unreachable'))
      throw error;
    const leftMs = Math.max(1, o.timeoutMs - (o.clock.monotonicMs() - startMs));
    return send('tcp', leftMs, error.code === 'dns/timeout');
  }
}

/** Checks the answer's signature. @returns the answer without it */
function trusted(reply: Buffer, o: SendUpdateOptions, server: DnsPeer, requestMac?: Uint8Array): Uint8Array {
  if (o.key === undefined || requestMac === undefined) return reply;
  const verified = verifyMessage(reply, [o.key], { nowMs: o.clock.now(), requestMac });
  if (verified.ok && verified.tsigError === 0) return verified.stripped;
  // Servers refuse what they do not serve without a signature. A forged no does no more harm than a lost packet.
  const rcode = (reply[3] as number) & 0xf;
  if (!verified.ok && verified.error === 'unsigned' && rcode in REFUSAL_HINTS) return reply;
  throw untrusted(verified, reply, o.key, server);
}

function untrusted(verified: Verified, reply: Buffer, key: TsigKey, server: DnsPeer): DnsError {
  const complaint = TSIG_COMPLAINTS[verified.tsigError ?? 0];
  if (complaint !== undefined) {
    return new DnsError({
      code: 'dns/update-refused',
      message: `the DNS server ${formatPeer(server)} did not accept our TSIG signature`,
      expected: `that it knows the key '${key.name}' (${key.algorithm}) and that both clocks agree`,
      got: complaint.what,
      hint: complaint.hint,
      rcode: 'NOTAUTH',
    });
  }
  return new DnsError({
    code: 'dns/untrusted-answer',
    message: `the answer of the DNS server ${formatPeer(server)} is not signed by the key '${key.name}'`,
    expected: 'an answer signed by the key of the update',
    got: `${verified.ok ? 'a TSIG error' : verified.error}, response code ${rcodeName((reply[3] as number) & 0xf)}`,
    hint: 'The server may not know the key, or somebody answers in its place: see the log of the server.',
  });
}

const TSIG_COMPLAINTS: Readonly<Record<number, { what: string; hint: string }>> = {
  16: { what: 'BADSIG', hint: 'The secrets differ: compare the key on both sides.' },
  17: {
    what: 'BADKEY',
    hint: 'The server has no key of this name and algorithm: add it to its configuration.',
  },
  18: { what: 'BADTIME', hint: 'The clocks differ by more than five minutes: check NTP on both sides.' },
  22: { what: 'BADTRUNC', hint: 'The server asks for longer signatures: use hmac-sha256 or hmac-sha512.' },
};

function judge(answer: Uint8Array, server: DnsPeer, zone: string, repeated: boolean): void {
  const { rcode, flags } = parseMessage(answer);
  if (rcode === RCODE.NOERROR && (flags & FLAG.TC) === 0) return;
  const name = rcodeName(rcode);
  if (LOST_RACE.has(rcode)) {
    throw new DnsError({
      code: 'dns/update-lost-race',
      message: `the zone ${zone} is not as the update expects${repeated ? ' (a first try may have been made)' : ''}`,
      expected: 'that the prerequisites of the update hold',
      got: name,
      hint: 'Somebody else changed the records first: look at them, then decide again.',
      rcode: name,
    });
  }
  throw new DnsError({
    code: 'dns/update-refused',
    message: `the DNS server ${formatPeer(server)} refused the update of zone ${zone}`,
    expected: 'NOERROR',
    got: name,
    hint: REFUSAL_HINTS[rcode] ?? 'See the log of the server.',
    retryable: rcode === RCODE.SERVFAIL,
    rcode: name,
  });
}

const REFUSAL_HINTS: Readonly<Record<number, string>> = {
  [RCODE.REFUSED]:
    'Allow updates by this key: allow-update or update-policy in BIND, acl with action update in Knot.',
  [RCODE.NOTAUTH]: 'The server is not the primary of this zone, or does not know the key.',
  [RCODE.NOTZONE]: 'A name of the update lies outside the zone: check zone and names.',
  [RCODE.NOTIMP]: 'The server knows no RFC 2136 updates: use the driver dns-bind, or another server.',
  [RCODE.SERVFAIL]: 'The server failed inside: often its zone file or journal is not writable by it.',
};

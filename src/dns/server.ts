import type { Socket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { messageOf, systemCode } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { DnsError } from './error.ts';
import { type DnsPeer, formatPeer } from './exchange.ts';
import { type NotifyTarget, notifySecondary } from './notify.ts';
import { Responder, type ResponderCounts } from './responder.ts';
import { RateLimit, type RateLimitOptions } from './rrl.ts';
import { listenTcp, type TcpCounts, type TcpLimits, type TcpListener } from './tcp-listener.ts';
import { transferMessages } from './transfer.ts';
import { checkTsigKey, type TsigKey } from './tsig.ts';
import { listenUdp, type UdpCounts } from './udp-listener.ts';
import type { Zone, Zones } from './zone.ts';
import { ZoneHistory } from './zone-history.ts';

export interface DnsServerOptions {
  /**
   * Where to listen, UDP and TCP on the same port; port 0 takes a free one. `0.0.0.0` and `::` stand for each address
   * that the machine has now, so that answers come from the address that was asked.
   */
  readonly listen: readonly DnsPeer[];
  readonly zones?: Iterable<Zone>;
  /** Who may transfer zones; queries signed by them get signed answers. */
  readonly keys?: readonly TsigKey[];
  /** Off unless given. */
  readonly rrl?: RateLimitOptions;
  /** Secondaries that are told when a zone's serial changes. */
  readonly notify?: readonly NotifyTarget[];
  readonly tcp?: Partial<TcpLimits>;
  /** Whether other processes may listen on the same port; the kernel shares the queries out among them. */
  readonly reusePort?: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0…1 */
  readonly random: () => number;
}

export interface DnsServerStats {
  readonly answers: Readonly<ResponderCounts>;
  readonly udp: Readonly<UdpCounts>;
  readonly tcp: Readonly<TcpCounts>;
}

export interface DnsServer extends AsyncDisposable {
  /** Each once, for UDP and TCP alike. */
  readonly addresses: readonly DnsPeer[];
  readonly zones: Zones;
  readonly stats: DnsServerStats;
  /**
   * Replaces all zones at once, without a moment in between. Zones that are the same object as before cost nothing.
   * A zone whose content changed needs a newer serial, or its secondaries stay with the old one: that is logged.
   */
  publish(zones: Iterable<Zone>): void;
}

const TCP_LIMITS: TcpLimits = { mostConnections: 512, mostPerClient: 64, idleMs: 10_000 };
/** How often a free port is looked for that is free for UDP and TCP alike. */
const PORT_TRIES = 20;

/**
 * Starts an authoritative server for the zones given; it answers from memory only.
 * @throws DnsError `dns/listen` with the address; `dns/bad-key`
 */
export async function startDnsServer(o: DnsServerOptions): Promise<DnsServer> {
  const keys = o.keys ?? [];
  for (const key of [...keys, ...(o.notify ?? []).flatMap((target) => target.key ?? [])]) checkTsigKey(key);
  const server = new RunningServer(o, keys);
  try {
    // The zones first: nobody may be told REFUSED because we only just started.
    server.publish(o.zones ?? []);
    for (const where of o.listen.flatMap(eachAddress)) await server.listen(where);
    server.announce();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

class RunningServer implements DnsServer {
  readonly addresses: DnsPeer[] = [];
  readonly stats: DnsServerStats & { udp: UdpCounts; tcp: TcpCounts };
  readonly #o: DnsServerOptions;
  readonly #responder: Responder;
  readonly #history = new ZoneHistory();
  readonly #rateLimit: RateLimit | undefined;
  readonly #open: AsyncDisposable[] = [];
  #isAnnounced = false;
  /** Notifications under way, by origin: a newer one takes the place of an older one. */
  readonly #notifying = new Map<string, AbortController>();

  constructor(o: DnsServerOptions, keys: readonly TsigKey[]) {
    this.#o = o;
    this.#responder = new Responder({ keys, clock: o.clock, log: o.log });
    this.#rateLimit = o.rrl && new RateLimit(o.rrl, o.clock);
    this.stats = {
      answers: this.#responder.counts,
      udp: { queries: 0, limited: 0, slipped: 0, sendErrors: 0 },
      tcp: { queries: 0, connections: 0, open: 0, refused: 0, transfers: 0 },
    };
  }

  get zones(): Zones {
    return this.#responder.zones;
  }

  publish(zones: Iterable<Zone>): void {
    const next = new Map([...zones].map((zone) => [zone.origin.key, zone]));
    const before = this.#responder.zones;
    this.#responder.publish(next);
    for (const zone of next.values()) this.#noteChange(zone, before.get(zone.origin.key));
  }

  /** From now on secondaries are told of changes, and at once of what there is: they can ask us now. */
  announce(): void {
    this.#isAnnounced = true;
    for (const zone of this.zones.values()) this.#notify(zone);
  }

  async listen(where: DnsPeer): Promise<void> {
    const { address, port } = where;
    for (let attempt = 1; ; attempt++) {
      let tcp: TcpListener | undefined;
      try {
        tcp = await this.#listenTcp(where);
        const udp = await this.#listenUdp({ address, port: tcp.port });
        this.#open.push(tcp, { [Symbol.asyncDispose]: () => udp[Symbol.asyncDispose]() });
        this.addresses.push({ address, port: tcp.port });
        return;
      } catch (error) {
        await tcp?.[Symbol.asyncDispose]();
        if (port === 0 && attempt < PORT_TRIES && systemCode(error) === 'EADDRINUSE') continue;
        throw cannotListen(where, error);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const notifying of this.#notifying.values()) notifying.abort(new Error('the DNS server stops'));
    await Promise.all(this.#open.splice(0).map((open) => open[Symbol.asyncDispose]()));
  }

  #listenTcp(where: DnsPeer): Promise<TcpListener> {
    const { clock, reusePort = false } = this.#o;
    return listenTcp(where, {
      responder: this.#responder,
      clock,
      counts: this.stats.tcp,
      limits: { ...TCP_LIMITS, ...this.#o.tcp },
      reusePort,
      transfer: (request) => {
        const zone = this.zones.get(request.query.key) as Zone;
        this.#o.log.info('a zone is transferred', { zone: zone.origin.toString(), serial: zone.serial });
        return transferMessages(request, zone, this.#history, () => clock.now());
      },
    });
  }

  #listenUdp(where: DnsPeer): Promise<Socket> {
    const { reusePort = false } = this.#o;
    const { udp: counts } = this.stats;
    return listenUdp(where, { responder: this.#responder, rateLimit: this.#rateLimit, counts, reusePort });
  }

  #noteChange(zone: Zone, before: Zone | undefined): void {
    const { log } = this.#o;
    const about = { zone: zone.origin.toString(), serial: zone.serial };
    const change = this.#history.note(before, zone);
    if (change === 'unchanged') return;
    log.info('a zone is published', { ...about, records: zone.recordCount });
    if (change === 'serial-not-raised') {
      log.warn('a zone changed without a newer serial: its secondaries will not see it', about);
    }
    if (this.#isAnnounced) this.#notify(zone);
  }

  #notify(zone: Zone): void {
    const { log, notify = [], clock, random } = this.#o;
    this.#notifying.get(zone.origin.key)?.abort(new Error('there is a newer serial'));
    const controller = new AbortController();
    this.#notifying.set(zone.origin.key, controller);
    for (const target of notify) {
      const about = { clock, log, random, signal: controller.signal };
      notifySecondary(zone, target, about).catch((error: unknown) => {
        log.error('a secondary could not be notified', { zone: zone.origin.toString(), error });
      });
    }
  }
}

/** The addresses that a wildcard stands for: a socket bound to it would answer from whatever address routes choose. */
function eachAddress(where: DnsPeer): DnsPeer[] {
  if (where.address !== '0.0.0.0' && where.address !== '::') return [where];
  const family = where.address === '::' ? 'IPv6' : 'IPv4';
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter((found) => found.family === family)
      .map(({ address }) => {
        const isLinkLocal = isIPv6(address) && address.toLowerCase().startsWith('fe80:');
        return { address: isLinkLocal ? `${address}%${name}` : address, port: where.port };
      }),
  );
}

function cannotListen(where: DnsPeer, cause: unknown): DnsError {
  const code = systemCode(cause);
  const hints: Record<string, string> = {
    EADDRINUSE:
      'Another program listens there, often systemd-resolved or BIND: stop it or choose another port.',
    EACCES: 'Ports below 1024 need CAP_NET_BIND_SERVICE, or net.ipv4.ip_unprivileged_port_start=53.',
    EADDRNOTAVAIL: 'No interface of this machine carries the address.',
  };
  const isAddress = isIP(where.address.split('%')[0] as string) !== 0;
  return new DnsError({
    code: 'dns/listen',
    message: `the DNS server cannot listen on ${formatPeer(where)}`,
    expected: isAddress ? 'an address of this machine and a free port, for UDP and TCP' : 'an IP address',
    got: code ?? messageOf(cause),
    hint: hints[code ?? ''] ?? 'Check the address and the port.',
    cause,
  });
}

/** The embedded server while the watcher runs: one for all endpoints of this driver. */
import type { Evidence } from '../../base/evidence.ts';
import { type DnsServer as RunningDns, startDnsServer } from '../../dns/server.ts';
import type { TsigKey } from '../../dns/tsig.ts';
import type { Endpoint } from '../../site/model.ts';
import { addressRecords } from '../answer.ts';
import { type DnsServer, formatServer, ttlSecondsOf, type WantedName, waitUntilServed } from '../ask.ts';
import type { Answer, DriverContext, DriverService, Published } from '../driver.ts';
import { markOf, refuseOlder } from '../epoch.ts';
import { keep, readKept } from './kept-state.ts';
import type { DnsEmbeddedConfig } from './schema.ts';
import { answerOf, type PreparedZone, prepareZones, type Served, serveState } from './served-zones.ts';

type EmbeddedEndpoint = Endpoint<DnsEmbeddedConfig>;

/** Nothing is between us and the server but this machine. */
const VISIBLE_WITHIN_MS = 2_000;

export class EmbeddedService implements DriverService {
  readonly listening: readonly string[];
  /** The folder of `serve`: everything is kept there. */
  readonly stateDir: string;
  readonly #server: RunningDns;
  readonly #prepared: readonly PreparedZone[];
  readonly #endpoints: ReadonlySet<string>;
  readonly #onStop: (service: EmbeddedService) => void;
  #served: Served;
  /** Publications run one after the other: each builds on the state of the one before. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    server: RunningDns,
    o: {
      stateDir: string;
      endpoints: readonly EmbeddedEndpoint[];
      prepared: readonly PreparedZone[];
      served: Served;
      onStop: (service: EmbeddedService) => void;
    },
  ) {
    this.#server = server;
    this.#prepared = o.prepared;
    this.#served = o.served;
    this.#endpoints = new Set(o.endpoints.map((endpoint) => endpoint.name));
    this.#onStop = o.onStop;
    this.stateDir = o.stateDir;
    this.listening = server.addresses.map((address) => `${formatServer(address)}/udp+tcp`);
  }

  serves(endpoint: Endpoint): boolean {
    return this.#endpoints.has(endpoint.name);
  }

  /** Whether an answer was ever published; until then it is what the policy prefers that is served. */
  isPublished(endpoint: Endpoint): boolean {
    return this.#served.state.answers[endpoint.name] !== undefined;
  }

  /** Where a client on this machine asks. */
  get address(): DnsServer {
    return this.#server.addresses[0] as DnsServer;
  }

  /**
   * Keeps the answer, then serves it: after a power cut in between clients get the new one.
   * @throws DriverError `driver/…`
   */
  publish(ctx: DriverContext, endpoint: EmbeddedEndpoint, answer: Answer): Promise<Published> {
    const result = this.#queue.then(() => this.#publish(ctx, endpoint, answer));
    this.#queue = result.catch(() => {});
    return result;
  }

  async #publish(ctx: DriverContext, endpoint: EmbeddedEndpoint, answer: Answer): Promise<Published> {
    ctx.signal.throwIfAborted();
    const records = addressRecords(endpoint, answer);
    const mark = markOf(answer, records);
    const before = this.#served.state;
    const kept = before.answers[endpoint.name];
    const last = answerOf(endpoint, before);
    refuseOlder(endpoint, kept === undefined ? undefined : last.mark, mark);
    const isSame =
      kept !== undefined &&
      kept.epoch === answer.epoch &&
      last.mark.answer === mark.answer &&
      kept.ttlMs === answer.ttlMs;
    if (!isSame) {
      const { members, ttlMs, epoch } = answer;
      const answers = {
        ...before.answers,
        [endpoint.name]: { members: [...members], ttlMs, epoch, by: mark.by },
      };
      const next = serveState(this.#prepared, { ...before, answers }, ctx.clock.now(), this.#served);
      await keep(this.stateDir, next.state, ctx);
      this.#served = next;
      this.#server.publish(next.zones);
    }
    const wanted = { records, ttlSeconds: ttlSecondsOf(answer.ttlMs), mark };
    return { changed: !isSame, evidence: await this.#confirm(ctx, endpoint, wanted) };
  }

  #confirm(ctx: DriverContext, endpoint: EmbeddedEndpoint, wanted: WantedName): Promise<Evidence> {
    const oneAtATime = endpoint.policy === 'weighted';
    return waitUntilServed(ctx, this.address, endpoint, { ...wanted, oneAtATime }, VISIBLE_WITHIN_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#onStop(this);
    await this.#queue;
    await this.#server[Symbol.asyncDispose]();
  }
}

/**
 * Starts it with what was kept: the first query after a restart gets the answer from before.
 * @throws DnsEmbeddedError `dns-embedded/…`; DnsError `dns/listen`, `dns/bad-zone`, `dns/bad-key`
 */
export async function startService(
  ctx: DriverContext,
  endpoints: readonly EmbeddedEndpoint[],
  onStop: (service: EmbeddedService) => void,
): Promise<EmbeddedService> {
  const { clock, log, random, stateDir } = ctx;
  const prepared = prepareZones(ctx.site, endpoints);
  const kept = await readKept(stateDir, log);
  const served = serveState(prepared, kept, clock.now(), undefined);
  await keep(stateDir, served.state, ctx);
  const { secondaries, ...options } = await serverOptions(ctx, endpoints);
  const server = await startDnsServer({
    ...options,
    keys: secondaries.map(({ key }) => key),
    notify: secondaries,
    zones: served.zones,
    clock,
    log,
    random,
  });
  return new EmbeddedService(server, { stateDir, endpoints, prepared, served, onStop });
}

interface Secondary extends DnsServer {
  readonly key: TsigKey;
}

/** What all endpoints say together: every address once, every secondary once, the strictest rate limit. */
async function serverOptions(
  ctx: DriverContext,
  endpoints: readonly EmbeddedEndpoint[],
): Promise<{
  listen: DnsServer[];
  secondaries: Secondary[];
  rrl?: { responsesPerSecond: number; slip: number; exempt: readonly string[] };
}> {
  const configs = endpoints.map((endpoint) => endpoint.driver.config);
  const listen = uniqueBy(
    configs.flatMap((config) => config.listen),
    formatServer,
  );
  const wanted = uniqueBy(
    configs.flatMap((config) => config.secondaries),
    ({ address, key }) => `${formatServer(address)} ${key.name}`,
  );
  const secondaries: Secondary[] = [];
  for (const { address, key } of wanted) {
    secondaries.push({ ...address, key: { ...key, secret: await ctx.secret(key.secret) } });
  }
  const limits = configs.flatMap((config) => config.rateLimit ?? []);
  const [strictest] = limits.sort((a, b) => a.perSecond - b.perSecond);
  if (strictest === undefined) return { listen, secondaries };
  const { perSecond, slip, exempt } = strictest;
  return { listen, secondaries, rrl: { responsesPerSecond: perSecond, slip, exempt } };
}

function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

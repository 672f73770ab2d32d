/**
 * Failover of a DNS endpoint as a client sees it: two HTTP servers in processes of their own, the active one killed
 * with SIGKILL, and a client that resolves, keeps answers for their TTL, and fetches all the time.
 * Ours is the real watcher with the embedded DNS server: probes each 250 ms, fall 2, TTL 1 s. Beside it gdnsd, at the
 * fastest it can be set to, with the same members and the same client.
 * `node bench/failover.ts [rounds]`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../src/base/clock.ts';
import { registry } from '../src/base/registry.ts';
import { resolve } from '../src/dns/resolve.ts';
import { runClient } from '../src/drill/client.ts';
import { findOutages, type Sample } from '../src/drill/outage.ts';
import { makeDnsEmbedded } from '../src/drivers/dns-embedded/index.ts';
import { dnsEmbeddedConfig } from '../src/drivers/dns-embedded/schema.ts';
import { probeKinds } from '../src/probes/registry.ts';
import { stacks } from '../src/stacks/registry.ts';
import { startWatcher } from '../src/watch/watcher.ts';
import { makeContext, makeEndpoint, makeSite, NAME, ZONE } from '../test/driver-world.ts';
import { gdnsdMissing, startFailoverGdnsd } from '../test/gdnsd.ts';
import { closedPort } from '../test/listen.ts';
import { type BenchRow, formatRows, median, reachesTarget } from './row.ts';

const ROUNDS = 30;
/** gdnsd needs seconds for each: fewer are enough to be seen beside. */
const GDNSD_ROUNDS = 12;
const ADDRESSES = ['127.0.0.21', '127.0.0.22'] as const;
/** From the start of one request of the client to the next. */
const REQUEST_PERIOD_MS = 10;
const TTL_MS = 1_000;
/** An outage that lasts this long is none that we would call a failover. */
const PATIENCE_MS = 20_000;
const clock = new SystemClock();

interface Contender extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** The member that it goes back to by itself as soon as that is well; undefined: it stays. */
  readonly preferred?: string;
}

/**
 * Measures both, one after the other.
 * @param rounds kills of the active member; gdnsd gets at most {@link GDNSD_ROUNDS}
 */
export async function run(rounds = ROUNDS): Promise<BenchRow[]> {
  const port = await closedPort(ADDRESSES[0]);
  const ours = await measure(rounds, port, startHoldfast);
  const rows = rowsOf('holdfast', ours, { median: '< 900', worst: '< 1600' });
  if (gdnsdMissing !== undefined) return rows;
  const theirs = await measure(Math.min(rounds, GDNSD_ROUNDS), port, startGdnsdHere);
  return [
    ...rows,
    ...rowsOf('gdnsd', theirs, {}),
    {
      name: 'failover: holdfast, median',
      value: median(ours) / median(theirs),
      unit: 'x',
      target: '< 1',
      ratioTo: 'gdnsd, median',
    },
  ];
}

function rowsOf(
  who: string,
  outages: readonly number[],
  targets: { median?: string; worst?: string },
): BenchRow[] {
  const row = (name: string, value: number, target?: string): BenchRow => ({
    name: `failover: ${who}, ${name} of ${outages.length}`,
    value,
    unit: 'ms',
    ...(target === undefined ? {} : { target }),
  });
  return [row('median', median(outages), targets.median), row('worst', Math.max(...outages), targets.worst)];
}

/** @returns one outage a round, in milliseconds */
async function measure(
  rounds: number,
  port: number,
  start: (port: number) => Promise<Contender>,
): Promise<number[]> {
  await using stack = new AsyncDisposableStack();
  const members = new Map<string, Member>();
  for (const address of ADDRESSES) members.set(address, stack.use(await Member.start(address, port)));
  const contender = stack.use(await start(port));
  const client = stack.use(startClient(contender, port));
  const outages: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const active = await client.steady(contender.preferred);
    // At a random moment between two probes; over the life of a cached answer, which counts for most of the outage,
    // the kills are spread evenly, so that 30 of them say as much as 300 at random.
    await client.renewal();
    await clock.sleep(((round + Math.random()) / rounds) * TTL_MS);
    client.forget();
    await members.get(active)?.kill();
    outages.push(await client.outage());
    await members.get(active)?.start();
    await allWell(port);
  }
  return outages;
}

/** Gives those who probe the time to see that the restarted member is back: the next round needs it. */
async function allWell(port: number): Promise<void> {
  for (const address of ADDRESSES) await fetchFrom(address, port, new AbortController().signal);
  await clock.sleep(1_000);
}

/** An HTTP server in a process of its own. */
class Member {
  readonly #address: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(address: string, port: number) {
    this.#address = address;
    this.#port = port;
  }

  static async start(address: string, port: number): Promise<Member> {
    const member = new Member(address, port);
    await member.start();
    return member;
  }

  async start(): Promise<void> {
    const program = join(import.meta.dirname, 'http-member.ts');
    const child = spawn(process.execPath, [program, this.#address, String(this.#port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    await once(child.stdout, 'data');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

interface Client extends AsyncDisposable {
  /** Resolves with the address that is served (the preferred one, if any), once nothing has failed for a second. */
  steady(preferred: string | undefined): Promise<string>;
  /** Resolves right after the client has resolved the name. */
  renewal(): Promise<void>;
  /** Begins anew. */
  forget(): void;
  /** Resolves with the length of the outage, once it is over. */
  outage(): Promise<number>;
}

function startClient(server: Contender, port: number): Client {
  const stop = new AbortController();
  let samples: Sample[] = [];
  let renewals = 0;
  const servers = [{ address: server.address, port: server.port }];
  const running = runClient(
    {
      clock,
      periodMs: REQUEST_PERIOD_MS,
      timeoutMs: 1_000,
      members: new Set<string>(ADDRESSES),
      onSample: (sample) => samples.push(sample),
      fetch: (address, signal) => fetchFrom(address, port, signal),
      async resolve(signal) {
        const query = { servers, name: NAME, timeoutMs: 500, recurse: false, clock, signal };
        const { data, ttl } = await resolve({ ...query, random: Math.random });
        renewals++;
        return { addresses: data, ttlMs: (ttl ?? 0) * 1_000 };
      },
    },
    stop.signal,
  );
  return {
    async steady(preferred) {
      return until('all requests succeed', () => {
        const recent = samples.filter((one) => one.endedMs > clock.monotonicMs() - 1_000);
        const isSteady = recent.length > 20 && recent.every((one) => one.ok);
        const [address, ...others] = new Set(recent.map((one) => one.address));
        if (!isSteady || others.length > 0 || address !== (preferred ?? address)) return undefined;
        return address;
      });
    },
    async renewal() {
      const before = renewals;
      await until('the client resolves', () => (renewals > before ? true : undefined));
    },
    forget() {
      samples = samples.filter((one) => one.ok).slice(-1);
    },
    outage: () =>
      until('the outage is over', () => {
        const [first] = findOutages(samples);
        return first?.toMs === undefined ? undefined : first.toMs - first.fromMs;
      }),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the client stops'));
      await running;
    },
  };
}

async function until<T>(what: string, look: () => T | undefined): Promise<T> {
  const endMs = clock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (clock.monotonicMs() > endMs) throw new Error(`waited ${PATIENCE_MS} ms in vain: ${what}`);
    await clock.sleep(5);
  }
}

/** One GET on a connection of its own. */
function fetchFrom(address: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const request = get({ host: address, port, path: '/', agent: false, signal }, (response) => {
      response.on('error', fail);
      response.on('end', () => (response.statusCode === 200 ? done() : fail(new Error('not 200'))));
      response.resume();
    });
    request.on('error', fail);
  });
}

async function startHoldfast(port: number): Promise<Contender> {
  await using started = new AsyncDisposableStack();
  const stateDir = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  started.defer(() => rmSync(stateDir, { recursive: true, force: true }));
  const config = dnsEmbeddedConfig.parse({ listen: ['127.0.0.1:0'], zone: ZONE });
  const endpoint = makeEndpoint('dns-embedded', config, {
    members: ADDRESSES.map((address) => ({ name: address, host: address, address, weight: 1 })),
    probes: [{ name: 'files', kind: 'http', args: probeKinds.get('http').args.parse({ port, path: '/' }) }],
    intervalMs: 250,
    timeoutMs: 250,
    rise: 2,
    fall: 2,
    ttlMs: TTL_MS,
  });
  const site = makeSite([endpoint]);
  const { hosts, log, secret } = makeContext({ site, stateDir });
  const drivers = registry('driver', [makeDnsEmbedded()], (driver) => driver.name);
  const families = { drivers, probeKinds, stacks };
  const watcher = started.use(
    await startWatcher({
      ...{ site, hosts, clock, log, stateDir, secret, random: Math.random },
      ...families,
      holder: 'bench/failover.ts',
      pid: process.pid,
      signal: new AbortController().signal,
    }),
  );
  const dnsPort = Number(/:(\d+)\//.exec(watcher.listening[0] ?? '')?.[1]);
  const running = started.move();
  return {
    address: '127.0.0.1',
    port: dnsPort,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function startGdnsdHere(port: number): Promise<Contender> {
  const [primary, secondary] = ADDRESSES;
  const label = NAME.split('.')[0] as string;
  const gdnsd = await startFailoverGdnsd({ zone: ZONE, label, port, path: '/', primary, secondary });
  return { ...gdnsd, preferred: primary };
}

if (process.argv[1] === import.meta.filename) {
  const rows = await run(Number(process.argv[2] ?? ROUNDS));
  console.log(formatRows(rows));
  process.exitCode = rows.every(reachesTarget) ? 0 : 1;
}

/** A site with one endpoint, for tests of drivers, and a context whose every outside call can be counted and cut. */
import { randomInt } from 'node:crypto';
import { SystemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import { Secret } from '../src/base/secret.ts';
import type { Answer, DriverContext } from '../src/drivers/driver.ts';
import type { HostPool } from '../src/hosts/host.ts';
import { localTransport } from '../src/hosts/local.ts';
import type { Endpoint, HostSpec, Member, Site } from '../src/site/model.ts';

export const NAME = 'www.tinder-node-server.com';
export const ZONE = 'tinder-node-server.com';

/** Two members as in the runbook, and one that has IPv6 only. Addresses of documentation (RFC 5737, RFC 3849). */
export const MEMBERS: readonly Member[] = [
  { name: 'active', host: 'active', address: '192.0.2.193', weight: 1 },
  { name: 'standby', host: 'standby', address: '192.0.2.194', weight: 3 },
  { name: 'six', host: 'six', address: '2001:db8::2', weight: 1 },
];

/** An endpoint of that name; defaults as the site loader gives them. */
export function makeEndpoint<C>(kind: string, config: C, overrides: Partial<Endpoint<C>> = {}): Endpoint<C> {
  return {
    name: 'tinder',
    dnsName: NAME,
    addresses: [],
    driver: { kind, config },
    policy: 'failover',
    members: MEMBERS,
    probes: [],
    rise: 2,
    fall: 2,
    intervalMs: 1_000,
    timeoutMs: 1_000,
    ttlMs: 5_000,
    holdDownMs: 10_000,
    failoverTargetMs: 30_000,
    failback: { mode: 'manual', afterMs: 600_000 },
    ...overrides,
  };
}

/** An answer as the watcher gives it. */
export function makeAnswer(members: readonly string[], epoch: number, ttlMs = 5_000): Answer {
  return { members, ttlMs, epoch, because: { code: 'test', params: {} } };
}

/** A site of these endpoints, their members' hosts, and `hosts`. */
export function makeSite(endpoints: readonly Endpoint[], hosts: readonly HostSpec[] = []): Site {
  const members = endpoints.flatMap((endpoint) => endpoint.members);
  const specs = [...members.map((member) => localHost(member.host, member.address)), ...hosts];
  return {
    name: 'test',
    file: 'site.yaml',
    hosts: new Map(specs.map((spec) => [spec.name, spec])),
    endpoints: new Map(endpoints.map((endpoint) => [endpoint.name, endpoint])),
    stacks: new Map(),
    watch: { concurrency: 8 },
    suppressions: [],
    digest: 'sha256:0',
    where: () => ({ file: 'site.yaml', line: 1, column: 1 }),
  };
}

/** This machine under a name and an address. */
export function localHost(name: string, address = '127.0.0.1'): HostSpec {
  return {
    name,
    address,
    addresses: [address],
    transport: 'local',
    port: 22,
    user: 'root',
    identities: [],
    sudo: 'none',
    jump: [],
    knownHosts: [],
    labels: {},
  };
}

/** A pool that reaches every host of the site through the local transport. */
export function localPool(site: Site): HostPool {
  const transport = localTransport({ clock: new SystemClock(), env: { PATH: process.env.PATH } });
  return {
    connect: (name, signal) => transport.connect(site.hosts.get(name) as HostSpec, { signal }),
    controller: () => {
      throw new Error('these tests have no controller');
    },
    async [Symbol.asyncDispose]() {},
  };
}

export interface ContextOptions {
  readonly site: Site;
  readonly stateDir: string;
  readonly signal?: AbortSignal;
  readonly hosts?: HostPool;
  /** By reference. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** The context a driver gets: the real clock, the local transport, secrets from a table. */
export function makeContext(o: ContextOptions): DriverContext {
  return {
    clock: new SystemClock(),
    log: silentLogger,
    signal: o.signal ?? new AbortController().signal,
    site: o.site,
    hosts: o.hosts ?? localPool(o.site),
    stateDir: o.stateDir,
    random: () => randomInt(0, 2 ** 32) / 2 ** 32,
    async secret(reference) {
      const value = o.secrets?.[reference];
      if (value === undefined) throw new Error(`no secret ${reference} in this test`);
      return new Secret(reference, value);
    },
  };
}

/**
 * The same context, aborted at the n-th call to the world: to clock, hosts and secrets. Counting from 1; a driver that
 * ends before that has not been cut.
 */
export function cutAt(context: DriverContext, n: number): { context: DriverContext; wasCut: () => boolean } {
  const controller = new AbortController();
  let calls = 0;
  const count = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, key) {
        const value = Reflect.get(object, key) as unknown;
        if (typeof value === 'object' && value !== null) return count(value);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (++calls === n) controller.abort(new Error(`cut at call ${n}`));
          const result = value.apply(object, args) as unknown;
          return result instanceof Promise ? result.then(countResult) : result;
        };
      },
    });
  const countResult = (result: unknown): unknown =>
    typeof result === 'object' && result !== null && 'files' in result ? count(result) : result;
  return {
    context: {
      ...context,
      signal: controller.signal,
      clock: count(context.clock),
      hosts: count(context.hosts),
      secret: count({ get: context.secret }).get,
    },
    wasCut: () => controller.signal.aborted,
  };
}

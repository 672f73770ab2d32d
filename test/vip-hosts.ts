/** Hosts of a segment as the driver lays them out: its own files, with the real keepalived and health loop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { proxyPaths } from '../src/drivers/proxy-paths.ts';
import { drivers } from '../src/drivers/registry.ts';
import { vrrpPaths } from '../src/drivers/vrrp-paths.ts';
import type { Step } from '../src/engine/step.ts';
import type { FactQuery, Facts } from '../src/hosts/fact.ts';
import type { HostAddress } from '../src/hosts/facts/addresses.ts';
import type { Endpoint, Site } from '../src/site/model.ts';
import type { Daemon } from './daemon.ts';
import { noFacts } from './facts.ts';
import type { Segment, SegmentHost } from './vip-segment.ts';

/** The packages are there, and nothing was published yet. */
const INSTALLED = {
  packageManager: 'apt-get',
  installed: ['haproxy', 'nginx', 'libnginx-mod-stream', 'socat'],
  servers: undefined,
};

/** Each host with `eth0` and its addresses, whose subnets are /24 and /64; nothing else is known. */
export function segmentFacts(addresses: Readonly<Record<string, readonly string[]>>): Facts {
  const found = new Map(Object.entries(addresses).map(([host, list]) => [host, list.map(onEth0)]));
  return {
    ...noFacts,
    get: <T, A>({ host, kind }: FactQuery<T, A>) => {
      if (kind.name === 'proxy-state') return INSTALLED as T;
      return (kind.name === 'addresses' ? found.get(host) : undefined) as T | undefined;
    },
  };
}

/** `eth0` and its address as the fact gives it. @param text `198.18.9.1/24` */
export function onEth0(text: string): HostAddress {
  const [address = '', prefix = '24'] = text.split('/');
  const family = address.includes(':') ? 6 : 4;
  const flags = { secondary: false, temporary: false, duplicate: false };
  return { address, family, prefix: Number(prefix), interface: 'eth0', scope: 'global', ...flags };
}

/** Starts the proxy that a plan has laid out, as its unit would. */
export async function startProxy(host: SegmentHost, endpoint: Endpoint): Promise<Daemon> {
  const { etc, pid, run } = proxyPaths(endpoint.name);
  if (endpoint.driver.kind === 'haproxy') {
    return host.start('haproxy', ['-W', '-db', '-f', `${etc}/haproxy.cfg`, '-p', pid], /Loading success/);
  }
  const line = `rm -f ${run}/answer.sock; exec nginx -c ${etc}/nginx.conf -g 'daemon off;'`;
  return host.start('sh', ['-c', line], /start worker process/);
}

interface FileArgs {
  readonly path: string;
  readonly content?: string;
  readonly around?: readonly [string, string];
  readonly mode?: string;
}

/** Lays out what the plan of an endpoint says about files and folders; units and packages are the caller's. */
export async function layOut(segment: Segment, steps: readonly Step[]): Promise<void> {
  const { signal } = new AbortController();
  for (const { kind, host, args } of steps) {
    if (host === undefined) continue;
    const { shell, connection } = segment.host(host);
    if (kind === 'directory') shell(`mkdir -p ${(args as FileArgs).path}`);
    if (kind === 'sysctl') {
      const { values } = args as { values: Readonly<Record<string, string>> };
      for (const [key, value] of Object.entries(values)) shell(`sysctl -qw ${key}=${value}`);
    }
    const files = kind === 'file' ? [args as FileArgs] : kind === 'service-config' ? filesOf(args) : [];
    for (const { path, content: given, around, mode } of files) {
      const content = given ?? around?.join('pass1234');
      if (content === undefined) continue;
      shell(`mkdir -p ${path.slice(0, path.lastIndexOf('/'))}`);
      const attributes = { mode: Number.parseInt(mode ?? '0644', 8) };
      await connection.files.replace(path, Buffer.from(content), attributes, signal);
    }
  }
}

function filesOf(args: unknown): readonly FileArgs[] {
  return (args as { files: readonly FileArgs[] }).files;
}

/** A host that takes part: its keepalived and its health loop. */
export interface VipHost extends AsyncDisposable {
  readonly host: SegmentHost;
  /** What keepalived has written since its last start. */
  log(): string;
  /** SIGKILL to every process of keepalived; the address stays on the interface, as after a real crash. */
  killKeepalived(): Promise<void>;
  startKeepalived(): Promise<void>;
}

export interface VipGroup extends AsyncDisposable {
  readonly hosts: ReadonlyMap<string, VipHost>;
  /** Hosts on which the address stands now. */
  owners(): string[];
}

/**
 * Lays an endpoint out with the steps of its own plan and starts everything.
 * @param names hosts that take part
 * @param before what has to run on each of them first
 */
export async function startVipGroup(
  segment: Segment,
  site: Site,
  endpoint: Endpoint,
  facts: Facts,
  names: readonly string[],
  before: (host: SegmentHost) => Promise<void> = async () => {},
): Promise<VipGroup> {
  await using opened = new AsyncDisposableStack();
  await layOut(segment, drivers.get(endpoint.driver.kind).plan(site, endpoint, facts));
  const hosts = new Map<string, VipHost>();
  for (const name of names) {
    await before(segment.host(name));
    hosts.set(name, opened.use(await startVipHost(segment.host(name), endpoint)));
  }
  const running = opened.move();
  return {
    hosts,
    owners: () =>
      names.filter((name) =>
        segment.host(name).shell(`ip -o addr show to ${endpoint.addresses[0]}`).includes(' eth0 '),
      ),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function startVipHost(host: SegmentHost, endpoint: Endpoint): Promise<VipHost> {
  const { etc } = vrrpPaths(endpoint.name);
  const health = await host.start('sh', ['-c', `echo started; exec ${etc}/health`], /started/);
  let keepalived: Daemon | undefined;
  const startKeepalived = async (): Promise<void> => {
    keepalived = await host.start('keepalived', ['-n', '-l', '-D', '-P'], /Entering (BACKUP|FAULT) STATE/);
  };
  await startKeepalived();
  return {
    host,
    log: () => keepalived?.log() ?? '',
    async killKeepalived() {
      host.shell('killall -q -9 keepalived');
      await keepalived?.kill();
      while (host.shell('pgrep -x keepalived').trim() !== '') await sleep(20);
    },
    startKeepalived,
    async [Symbol.asyncDispose]() {
      await keepalived?.kill();
      await health.kill();
    },
  };
}

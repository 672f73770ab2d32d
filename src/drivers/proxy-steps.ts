/** The steps that put a proxy on its hosts, and an address in front where the endpoint has one. Pure. */
import type { Reason } from '../base/reason.ts';
import type { Step } from '../engine/step.ts';
import { serviceConfigArgs } from '../engine/steps/service-config.ts';
import { ask, type FactQuery, type Facts } from '../hosts/fact.ts';
import type { Endpoint, HostName, Site } from '../site/model.ts';
import { proxyPaths } from './proxy-paths.ts';
import { proxyHosts } from './proxy-publish.ts';
import { proxyReasons as reasons } from './proxy-reasons.ts';
import type { ProxyConfig } from './proxy-schema.ts';
import { type ProxyState, proxyState } from './proxy-state.ts';
import { groupOf } from './vrrp-group.ts';
import { vrrpPaths } from './vrrp-paths.ts';
import { planVrrp, vrrpFacts } from './vrrp-steps.ts';

/** What differs between proxies. */
export interface ProxyRecipe {
  readonly program: 'haproxy' | 'nginx';
  packages(state: ProxyState): readonly string[];
  /** The unit that the package brings and starts by itself; stopped where Holdfast installs the package. */
  readonly packagedUnit: string;
  /** What `publish` writes later, and has the proxy read by itself: content by file name. */
  answerFiles?(state: ProxyState): Readonly<Record<string, string>>;
  /** Content by file name below the proxy's folder. */
  files(state: ProxyState): Readonly<Record<string, string>>;
  readonly unit: string;
  readonly test: readonly string[];
}

/** What the plan needs to know of the hosts. */
export function proxyFacts(endpoint: Endpoint<ProxyConfig>): FactQuery[] {
  const hosts = proxyHosts(endpoint);
  return [
    ...hosts.map((host) => ask(host, proxyState, argsOf(endpoint)) as unknown as FactQuery),
    ...(endpoint.addresses.length === 0 ? [] : vrrpFacts(hosts)),
  ];
}

/**
 * One host after the other: first what lets the address move, so that a proxy may listen on it, then the proxy.
 * @throws KeepalivedError where a host cannot take part in moving the address
 */
export function planProxy(
  site: Site,
  endpoint: Endpoint<ProxyConfig>,
  facts: Facts,
  recipe: ProxyRecipe,
): Step[] {
  const steps: Step[] = [];
  for (const host of proxyHosts(endpoint)) {
    const state = facts.get(ask(host, proxyState, argsOf(endpoint)));
    if (state === undefined) return [];
    steps.push(...planHost(site, endpoint, host, state, recipe, steps.at(-1)?.id));
  }
  if (endpoint.addresses.length === 0) return steps;
  const group = groupOf(site, endpoint, proxyHosts(endpoint), facts);
  if (group === undefined) return [];
  const vip = planVrrp(site, group, facts, {
    bindsAhead: false,
    // Another proxy could be anything but better: whoever runs may own. What a proxy passes to is its own business.
    health: () => ({
      own: '127.0.0.1',
      peers: ['-'],
      asks: [],
      ports: endpoint.driver.config.ports.map((one) => one.listen),
    }),
  });
  const [first, ...rest] = vip;
  const last = steps.at(-1)?.id;
  if (first === undefined || last === undefined) return [...steps, ...vip];
  return [...steps, { ...first, needs: [last] }, ...rest];
}

function planHost(
  site: Site,
  endpoint: Endpoint<ProxyConfig>,
  host: HostName,
  state: ProxyState,
  recipe: ProxyRecipe,
  after: string | undefined,
): Step[] {
  const steps: Step[] = [];
  const make = (id: string, kind: string, why: Reason, args: unknown): void => {
    const before = steps.at(-1)?.id ?? after;
    const from = site.where(['endpoints', endpoint.name, 'driver']);
    const needs = before === undefined ? [] : [before];
    steps.push({ id: `${endpoint.name}/proxy/${host}/${id}`, kind, host, args, needs, why, from });
  };
  const paths = proxyPaths(endpoint.name);
  planPackage(make, endpoint, host, state, recipe);
  const folder = reasons.of('proxy/folder', { endpoint: endpoint.name });
  for (const path of [paths.etc, paths.run, paths.state]) {
    make(`folder${path}`, 'directory', folder, { path, mode: '0755', owner: 'root', group: 'root' });
  }
  make('folders-at-boot', 'file', folder, textFile(paths.tmpfiles, `d ${paths.run} 0755 root root -\n`));
  planAddress(make, endpoint);
  const { ports } = endpoint.driver.config;
  const why = reasons.of('proxy/configure', {
    host,
    endpoint: endpoint.name,
    ports: ports.map(({ listen }) => String(listen)),
    members: endpoint.members.map(({ name }) => name),
  });
  for (const [name, content] of Object.entries(recipe.answerFiles?.(state) ?? {})) {
    make(name, 'file', why, textFile(`${paths.etc}/${name}`, content));
  }
  const files = Object.entries(recipe.files(state)).map(([name, content]) =>
    textFile(`${paths.etc}/${name}`, content),
  );
  make('config', 'service-config', why, {
    ...serviceConfigArgs.parse({
      unit: paths.unit,
      files: [...files, textFile(paths.unitFile, recipe.unit)],
      how: 'reload',
      test: recipe.test,
    }),
  });
  make('runs', 'service', reasons.of('proxy/run', { endpoint: endpoint.name, host }), running(paths.unit));
  return steps;
}

type Make = (id: string, kind: string, why: Reason, args: unknown) => void;

/** A packaged instance is stopped only together with the installation: one that somebody made is not ours. */
function planPackage(
  make: Make,
  { name }: Endpoint,
  host: HostName,
  state: ProxyState,
  recipe: ProxyRecipe,
): void {
  const missing = recipe.packages(state).filter((one) => !state.installed.includes(one));
  if (missing.length === 0) return;
  const why = reasons.of('proxy/package', { host, endpoint: name, packages: missing });
  const packages = missing.map((one) => ({ name: one }));
  make('package', 'package', why, { packages, recommends: false, timeoutMs: 900_000 });
  if (!missing.includes(recipe.program)) return;
  const stop = {
    unit: recipe.packagedUnit,
    wanted: 'stopped',
    enabled: false,
    steadyMs: 3_000,
    timeoutMs: 120_000,
  };
  make('packaged-instance', 'service', reasons.of('proxy/packaged-instance'), stop);
}

/** The proxy listens on an address that the host may not have yet, and a host without it may not own that. */
function planAddress(make: Make, endpoint: Endpoint): void {
  const { addresses, name } = endpoint;
  if (addresses.length === 0) return;
  const why = reasons.of('proxy/hook', { addresses });
  const family = addresses.some((address) => address.includes(':')) ? ['ipv4', 'ipv6'] : ['ipv4'];
  const values = Object.fromEntries(family.map((one) => [`net.${one}.ip_nonlocal_bind`, '1']));
  const slug = proxyPaths(name)
    .slug.toLowerCase()
    .replace(/[^a-z0-9-]/g, '-');
  make('bind-ahead', 'sysctl', why, { name: `proxy-${slug}`, values });
  const folder = `${vrrpPaths(name).etc}/check.d`;
  make('hook-folder', 'directory', why, { path: folder, mode: '0755', owner: 'root', group: 'root' });
  const hook = `#!/bin/sh\n# Written by Holdfast: without its proxy the host may not own the address.\nread -r pid <${proxyPaths(name).pid} && [ -d "/proc/$pid" ]\n`;
  make('hook', 'file', why, {
    path: `${folder}/50-proxy`,
    content: hook,
    mode: '0755',
    owner: 'root',
    group: 'root',
  });
}

function argsOf(endpoint: Endpoint) {
  return { servers: `${proxyPaths(endpoint.name).etc}/servers.conf` };
}

function textFile(path: string, content: string) {
  return { path, content, mode: '0644', owner: 'root', group: 'root' };
}

function running(unit: string) {
  return { unit, wanted: 'running', enabled: true, steadyMs: 3_000, timeoutMs: 120_000 };
}

/** The steps that let a group of hosts move an address between them. Pure: made from facts. */
import type { Reason } from '../base/reason.ts';
import type { Step } from '../engine/step.ts';
import { serviceConfigArgs } from '../engine/steps/service-config.ts';
import { ask, type FactQuery, type Facts } from '../hosts/fact.ts';
import { firewall } from '../hosts/facts/firewall.ts';
import { os } from '../hosts/facts/os.ts';
import type { HostName, Site } from '../site/model.ts';
import { groupConf, type Hearing } from './vrrp-conf.ts';
import { KeepalivedError } from './vrrp-error.ts';
import { groupFacts, isSix, type VrrpGroup, type VrrpHost } from './vrrp-group.ts';
import { type HealthOptions, healthScript, healthUnit } from './vrrp-health.ts';
import { wantedMainConf } from './vrrp-main-conf.ts';
import { notifyScript } from './vrrp-notify.ts';
import { KEEPALIVED_CONF, KEEPALIVED_DROP_IN, KEEPALIVED_INCLUDES, vrrpPaths } from './vrrp-paths.ts';
import { vrrpReasons as reasons } from './vrrp-reasons.ts';
import { type KeepalivedState, keepalivedState } from './vrrp-state.ts';

export interface VrrpPlanOptions {
  /** What the loop on a host asks. */
  health(host: VrrpHost): HealthOptions;
  readonly process?: string | undefined;
  /** Whether something listens on the address before the host owns it. */
  readonly bindsAhead: boolean;
}

/** What the plan needs to know of the hosts. */
export function vrrpFacts(hosts: readonly HostName[]): FactQuery[] {
  const more = hosts.flatMap((host) => [
    ask(host, keepalivedState, undefined) as unknown as FactQuery,
    ask(host, firewall, undefined) as unknown as FactQuery,
    ask(host, os, undefined) as unknown as FactQuery,
  ]);
  return [...groupFacts(hosts), ...more];
}

/**
 * One host after the other, the preferred one first: while one of them changes, the others can own the address.
 * @throws KeepalivedError where a host cannot take part
 */
export function planVrrp(site: Site, group: VrrpGroup, facts: Facts, o: VrrpPlanOptions): Step[] {
  const steps: Step[] = [];
  const make = maker(site, group, steps);
  const [first] = group.hosts;
  if (first === undefined) return [];
  const { addresses, routerId } = group;
  const known = group.hosts.map(({ host, interface: name, source }) => ({ host, interface: name, source }));
  make('free', 'vip-free', first.host, reasons.of('keepalived/free', { addresses, id: String(routerId) }), {
    addresses,
    interface: first.interface,
    routerId,
    hosts: known,
  });
  for (const me of group.hosts) planHost(make, site, group, me, facts, o);
  make('owner', 'vip-owner', first.host, reasons.of('keepalived/owner', { addresses }), {
    endpoint: group.endpoint.name,
    addresses,
    hosts: known.map(({ host, interface: name }) => ({ host, interface: name })),
    deadlineMs: 30_000 + group.advertMs * 10,
  });
  return steps;
}

type Make = (id: string, kind: string, host: HostName, why: Reason, args: unknown) => void;

/** Each step needs the one before it. */
function maker(site: Site, group: VrrpGroup, steps: Step[]): Make {
  const { name } = group.endpoint;
  return (id, kind, host, why, args) => {
    const before = steps.at(-1);
    steps.push({
      id: `${name}/vip/${id === 'free' || id === 'owner' ? id : `${host}/${id}`}`,
      kind,
      host,
      args,
      needs: before === undefined ? [] : [before.id],
      why,
      from: site.where(['endpoints', name, 'driver']),
    });
  };
}

function planHost(
  make: Make,
  site: Site,
  group: VrrpGroup,
  me: VrrpHost,
  facts: Facts,
  o: VrrpPlanOptions,
): void {
  const { host } = me;
  const { endpoint, addresses } = group;
  const state = facts.get(ask(host, keepalivedState, undefined));
  const paths = vrrpPaths(endpoint.name);
  openFirewall(make, group, me, facts, state);
  if (state?.version === undefined) {
    const packages = [{ name: 'keepalived' }];
    make('package', 'package', host, reasons.of('keepalived/package', { addresses }), {
      packages,
      recommends: false,
      timeoutMs: 900_000,
    });
  }
  const folder = reasons.of('keepalived/folder', { endpoint: endpoint.name });
  const folders = [
    `${paths.etc}/notify.d`,
    `${paths.etc}/check.d`,
    `${paths.etc}/aside.d`,
    paths.run,
    paths.state,
    KEEPALIVED_INCLUDES,
    KEEPALIVED_DROP_IN.slice(0, KEEPALIVED_DROP_IN.lastIndexOf('/')),
  ];
  for (const path of folders) {
    make(`folder${path}`, 'directory', host, folder, { path, mode: '0755', owner: 'root', group: 'root' });
  }
  make(
    'folders-at-boot',
    'file',
    host,
    folder,
    textFile(paths.tmpfiles, `d ${paths.run} 0755 root root -\n`),
  );
  const notify = reasons.of('keepalived/notify', { addresses });
  make('notify', 'file', host, notify, scriptFile(`${paths.etc}/notify`, notifyScript(endpoint)));
  planHealth(make, group, me, hearingOf(facts, host, state), o);
  planSysctl(make, group, me, o);
  planPassword(make, group, me);
  planKeepalived(make, site, group, me, facts, state, o);
}

function planHealth(
  make: Make,
  { endpoint }: VrrpGroup,
  me: VrrpHost,
  hearing: Hearing,
  o: VrrpPlanOptions,
): void {
  const { etc, unit, unitFile } = vrrpPaths(endpoint.name);
  const why = reasons.of('keepalived/health', { endpoint: endpoint.name });
  const script = scriptFile(`${etc}/health`, healthScript(endpoint, o.health(me)));
  if (hearing === 'scripts') {
    make('health', 'file', me.host, why, script);
    return;
  }
  make('health', 'service-config', me.host, why, {
    ...serviceConfigArgs.parse({
      unit,
      files: [script, textFile(unitFile, healthUnit(endpoint))],
      how: 'restart',
    }),
  });
  make('health-runs', 'service', me.host, why, running(unit));
}

function planSysctl(make: Make, group: VrrpGroup, me: VrrpHost, o: VrrpPlanOptions): void {
  const { slug } = vrrpPaths(group.endpoint.name);
  const name = `vip-${slug.toLowerCase().replace(/[^a-z0-9-]/g, '-')}`;
  const { addresses } = group;
  if (o.bindsAhead) {
    const values = { [`net.${isSix(group) ? 'ipv6' : 'ipv4'}.ip_nonlocal_bind`]: '1' };
    make('bind-ahead', 'sysctl', me.host, reasons.of('keepalived/sysctl-bind', { addresses }), {
      name: `${name}-bind`,
      values,
    });
  }
  if (me.alsoOn.length === 0 || isSix(group)) return;
  const values = { 'net.ipv4.conf.all.arp_ignore': '1', 'net.ipv4.conf.all.arp_announce': '2' };
  make('arp', 'sysctl', me.host, reasons.of('keepalived/sysctl-arp', { host: me.host }), {
    name: `${name}-arp`,
    values,
  });
}

function planPassword(make: Make, { endpoint, password }: VrrpGroup, me: VrrpHost): void {
  if (password === undefined) return;
  make('password', 'file', me.host, reasons.of('keepalived/password', { endpoint: endpoint.name }), {
    path: vrrpPaths(endpoint.name).password,
    contentFrom: password,
    around: ['auth_pass ', '\n'],
    mode: '0600',
    owner: 'root',
    group: 'root',
  });
}

function planKeepalived(
  make: Make,
  site: Site,
  group: VrrpGroup,
  me: VrrpHost,
  facts: Facts,
  state: KeepalivedState | undefined,
  o: VrrpPlanOptions,
): void {
  const { host } = me;
  const { endpoint, addresses } = group;
  const paths = vrrpPaths(endpoint.name);
  const hearing = hearingOf(facts, host, state);
  const vips = [...site.endpoints.values()].flatMap((one) => one.addresses);
  const conf = groupConf(group, me, { hearing, process: o.process, intervalMs: endpoint.intervalMs });
  const params = { host, addresses, priority: String(me.priority), interface: me.interface };
  const config = serviceConfigArgs.parse({
    unit: 'keepalived.service',
    files: [
      textFile(
        KEEPALIVED_DROP_IN,
        '# Written by Holdfast: who dies comes back, and takes off what it left on the interface.\n[Service]\nRestart=always\nRestartSec=1\n',
      ),
      textFile(paths.conf, conf),
      textFile(KEEPALIVED_CONF, wantedMainConf(host, state, vips)),
    ],
    watch: group.password === undefined ? [] : [paths.password],
    how: 'reload',
    // keepalived 1.x knows no `-t`.
    ...(hearing === 'files' ? { test: ['keepalived', '-t'] } : {}),
  });
  make('keepalived', 'service-config', host, reasons.of('keepalived/configure', params), config);
  make(
    'keepalived-runs',
    'service',
    host,
    reasons.of('keepalived/run', { host, addresses }),
    running('keepalived.service'),
  );
}

/**
 * firewalld is told; another firewall is not ours to edit.
 * @throws KeepalivedError `keepalived/firewall` where it filters and no rule of it names VRRP
 */
function openFirewall(
  make: Make,
  group: VrrpGroup,
  me: VrrpHost,
  facts: Facts,
  state: KeepalivedState | undefined,
): void {
  const found = facts.get(ask(me.host, firewall, undefined));
  if (found === undefined || state === undefined) return;
  if (found.manager === 'firewalld') {
    const why = reasons.of('keepalived/firewall', { host: me.host });
    const rule = `rule family="${isSix(group) ? 'ipv6' : 'ipv4'}" protocol value="vrrp" accept`;
    for (const [id, flags] of [
      ['firewall-now', []],
      ['firewall-at-boot', ['--permanent']],
    ] as const) {
      const words = (verb: string): string[] => ['firewall-cmd', ...flags, `--${verb}-rich-rule=${rule}`];
      make(id, 'command', me.host, why, {
        run: words('add'),
        unless: words('query'),
        undo: words('remove'),
        timeoutMs: 60_000,
      });
    }
    return;
  }
  if (found.filtersInput !== true || state.firewallNamesVrrp) return;
  const family = isSix(group) ? 'ip6tables' : 'iptables';
  throw new KeepalivedError({
    code: 'keepalived/firewall',
    message: 'the firewall filters what comes in, and no rule of it names VRRP',
    where: { host: me.host },
    expected: 'a rule that lets IP protocol 112 in',
    got: found.manager === 'ufw' ? 'ufw, without such a rule' : 'rules in the kernel, none for VRRP',
    hint: `Add one where the host keeps its rules, e.g. \`${family} -I INPUT -p 112 -j ACCEPT\`${found.manager === 'ufw' ? ' in /etc/ufw/before.rules' : ''}, then plan again.`,
  });
}

/** Track files came with keepalived 2; CentOS 7 has 1.3. What is not installed yet will be what the distribution has. */
function hearingOf(facts: Facts, host: HostName, state: KeepalivedState | undefined): Hearing {
  const version = state?.version;
  if (version !== undefined) return Number(version.split('.')[0]) >= 2 ? 'files' : 'scripts';
  const found = facts.get(ask(host, os, undefined));
  return found?.family === 'redhat' && Number.parseInt(found.version, 10) === 7 ? 'scripts' : 'files';
}

function textFile(path: string, content: string) {
  return { path, content, mode: '0644', owner: 'root', group: 'root' };
}

function scriptFile(path: string, content: string) {
  return { path, content, mode: '0755', owner: 'root', group: 'root' };
}

function running(unit: string) {
  return { unit, wanted: 'running', enabled: true, steadyMs: 3_000, timeoutMs: 120_000 };
}

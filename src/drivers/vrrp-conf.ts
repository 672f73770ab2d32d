/** keepalived.conf(5) for one host. Pure; what differs between versions of keepalived is said where it does. */
import { isIPv6 } from 'node:net';
import { isSix, type VrrpGroup, type VrrpHost, WISH_WEIGHT } from './vrrp-group.ts';
import { KEEPALIVED_INCLUDES, vrrpPaths } from './vrrp-paths.ts';

/** keepalived allows no more (`preempt_delay`, in seconds). */
export const LONGEST_PREEMPT_DELAY_MS = 1_000_000;

/** How keepalived hears of health: from files it watches (inotify), or by asking a script (before version 2). */
export type Hearing = 'files' | 'scripts';

export interface ConfOptions {
  readonly hearing: Hearing;
  /** Name of the process without which a host may not own the address; the kernel tells when it ends. */
  readonly process?: string | undefined;
  /** Between two runs of the script, where it is asked. */
  readonly intervalMs: number;
}

/** The file that keepalived reads first: the same for every endpoint of the host. */
export function mainConf(host: string): string {
  return `# Written by Holdfast. Addresses that move are in ${KEEPALIVED_INCLUDES}, one file an endpoint.
global_defs {
    router_id ${host.replace(/[^A-Za-z0-9_.-]/g, '-')}
    # Scripts run as root only where nobody else could have changed them.
    enable_script_security
    script_user root
    # Neighbours that missed the first announcement hear of the owner again.
    vrrp_garp_master_refresh 60
    # Ten advertisements a second may not wait for a busy machine.
    vrrp_priority -20
}
include ${KEEPALIVED_INCLUDES}/*.conf
`;
}

/** The file of one endpoint on one of its hosts. */
export function groupConf(group: VrrpGroup, me: VrrpHost, o: ConfOptions): string {
  const { slug, etc } = vrrpPaths(group.endpoint.name);
  const trackers = o.hearing === 'files' ? trackFiles(group, o) : trackScripts(group, o);
  const lines = [
    `# Written by Holdfast: endpoint ${group.endpoint.name} on ${me.host}.`,
    ...trackers.definitions,
    `vrrp_instance ${slug} {`,
    '    # The priority decides, not who starts first as what.',
    '    state BACKUP',
    `    interface ${me.interface}`,
    `    virtual_router_id ${group.routerId}`,
    `    priority ${me.priority}`,
    `    version ${group.version}`,
    `    advert_int ${group.advertMs / 1_000}`,
    ...indent(failback(group)),
    ...indent(peers(group, me)),
    ...indent(authentication(group)),
    ...indent(virtualAddresses(group, me)),
    ...indent(trackers.uses),
    `    notify "${etc}/notify"`,
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Without a person nothing takes the address from an owner who is well (`nopreempt`), or only after the preferred
 * member has been well for a while (`preempt_delay`).
 */
function failback({ endpoint }: VrrpGroup): string[] {
  const { mode, afterMs } = endpoint.failback;
  if (mode === 'manual') return ['nopreempt'];
  return [`preempt_delay ${Math.ceil(Math.min(afterMs, LONGEST_PREEMPT_DELAY_MS) / 1_000)}`];
}

function peers(group: VrrpGroup, me: VrrpHost): string[] {
  const others = group.hosts.filter(({ host }) => host !== me.host).map(({ source }) => source);
  if (group.multicast || others.length === 0) return [`mcast_src_ip ${me.source}`];
  return [`unicast_src_ip ${me.source}`, ...block('unicast_peer', others)];
}

/** The password itself stands in a file of its own that only root reads. */
function authentication({ password, endpoint }: VrrpGroup): string[] {
  if (password === undefined) return [];
  return block('authentication', ['auth_type PASS', `include ${vrrpPaths(endpoint.name).password}`]);
}

/** Those of the other family move along, but stand in no advertisement (RFC 9568 §5.2.9: one family a router). */
function virtualAddresses(group: VrrpGroup, me: VrrpHost): string[] {
  const line = (address: string): string => {
    const [first = ''] = group.addresses;
    const sameFamily = isIPv6(address) === isIPv6(first);
    return `${address}/${sameFamily ? me.prefix : isIPv6(address) ? 64 : 32} dev ${me.interface}`;
  };
  const own = group.addresses.filter((address) => isIPv6(address) === isSix(group));
  const others = group.addresses.filter((address) => isIPv6(address) !== isSix(group));
  return [
    ...block('virtual_ipaddress', own.map(line)),
    ...(others.length === 0 ? [] : block('virtual_ipaddress_excluded', others.map(line))),
  ];
}

interface Trackers {
  readonly definitions: readonly string[];
  readonly uses: readonly string[];
}

/**
 * Three files, each noticed as it is closed. `health` and `aside` put the host into FAULT: it gives the address up with
 * an advertisement of priority 0, for which nobody waits, and even under `nopreempt`. `wish` only adds to the priority.
 */
function trackFiles({ endpoint }: VrrpGroup, { process }: ConfOptions): Trackers {
  const { slug, run, state } = vrrpPaths(endpoint.name);
  const file = (name: string, path: string, weight: number, first: number): string[] =>
    block(`vrrp_track_file ${slug}_${name}`, [`file "${path}"`, `weight ${weight}`, `init_file ${first}`]);
  const definitions = [
    '# 1 until the first look has found the service well.',
    ...file('health', `${run}/health`, 0, 1),
    ...file('aside', `${run}/aside`, 0, 0),
    ...file('wish', `${state}/wish`, 1, 0),
  ];
  const uses = block('track_file', [`${slug}_health`, `${slug}_aside`, `${slug}_wish`]);
  if (process === undefined) return { definitions, uses };
  const tracked = block(`vrrp_track_process ${slug}_process`, [
    `process "${process}"`,
    'weight 0',
    'quorum 1',
  ]);
  return {
    definitions: [...definitions, ...tracked],
    uses: [...uses, ...block('track_process', [`${slug}_process`])],
  };
}

/** keepalived 1.x knows neither: it asks, in whole seconds. */
function trackScripts({ endpoint }: VrrpGroup, { intervalMs, process }: ConfOptions): Trackers {
  const { slug, run, state, etc } = vrrpPaths(endpoint.name);
  const interval = `interval ${Math.max(1, Math.round(intervalMs / 1_000))}`;
  const script = (name: string, line: string, more: readonly string[]): string[] =>
    block(`vrrp_script ${slug}_${name}`, [`script "${line}"`, ...more]);
  const definitions = [
    ...script('health', `${etc}/health once`, [interval, `rise ${endpoint.rise}`, `fall ${endpoint.fall}`]),
    ...script('aside', `/bin/grep -qsx 0 ${run}/aside`, ['interval 1']),
    ...script('wish', `/bin/grep -qs ^[1-9] ${state}/wish`, ['interval 1', `weight ${WISH_WEIGHT}`]),
    ...(process === undefined
      ? []
      : script('process', `/usr/bin/pgrep -x ${process}`, ['interval 1', 'fall 1', 'rise 2'])),
  ];
  const names = ['health', 'aside', 'wish', ...(process === undefined ? [] : ['process'])];
  return {
    definitions,
    uses: block(
      'track_script',
      names.map((name) => `${slug}_${name}`),
    ),
  };
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...indent(lines), '}'];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}

/**
 * What would go wrong with a keepalived.conf that somebody made by hand: the Cloudpods runbook's, or anybody's. Pure.
 * Sources: keepalived.conf(5) of 2.2.7, RFC 9568, and what the lab showed.
 */
import type { Severity } from '../base/finding.ts';
import type { Reason } from '../base/reason.ts';
import type { HostAddress } from '../hosts/facts/addresses.ts';
import type { Bridge } from '../hosts/facts/bridges.ts';
import type { HostName } from '../site/model.ts';
import { auditReasons as reasons } from './vrrp-audit-reasons.ts';
import { type ConfNode, child, parseKeepalivedConf } from './vrrp-conf-tree.ts';
import type { CheckScript } from './vrrp-state.ts';
import { holds } from './vrrp-subnet.ts';

/** One host's file, and what of the host counts for it. */
export interface AuditedConf {
  readonly host: HostName;
  readonly text: string;
  readonly scripts: readonly CheckScript[];
  readonly addresses: readonly HostAddress[];
  readonly bridges: readonly Bridge[];
}

export interface AuditHit {
  readonly rule: `keepalived/${string}`;
  readonly severity: Severity;
  readonly because: Reason;
  readonly host: HostName;
  readonly line: number;
}

interface Instance {
  readonly host: HostName;
  readonly node: ConfNode;
  readonly name: string;
  readonly tree: readonly ConfNode[];
  readonly vips: readonly string[];
}

type Code = Parameters<typeof reasons.of>[0];

/** All hits, host by host, then those that show only between hosts. */
export function auditKeepalived(files: readonly AuditedConf[]): AuditHit[] {
  const all = files.map((file) => ({ file, tree: parseKeepalivedConf(file.text) }));
  const instances = all.flatMap(({ file, tree }) => instancesOf(file.host, tree));
  return [
    ...all.flatMap(({ file, tree }) => [...ofScripts(file, tree), ...ofAddresses(file, tree)]),
    ...instances.flatMap((instance) => [...ofInstance(instance)]),
    ...betweenInstances(instances),
  ];
}

function instancesOf(host: HostName, tree: readonly ConfNode[]): Instance[] {
  return tree
    .filter(({ words }) => words[0] === 'vrrp_instance')
    .map((node) => ({ host, node, name: node.words[1] ?? '', tree, vips: vipsOf(node) }));
}

function vipsOf({ children }: ConfNode): string[] {
  const found = child(children, 'virtual_ipaddress')?.children ?? [];
  return found.map(({ words }) => (words[0] ?? '').split('/')[0] as string);
}

function* ofInstance({ host, node, name }: Instance): Generator<AuditHit> {
  const { children } = node;
  const at = (key: string): ConfNode => child(children, key) ?? node;
  const value = (key: string): string | undefined => child(children, key)?.words[1];
  const hit = (code: Code, severity: Severity, where: ConfNode, params: Reason['params'] = {}): AuditHit =>
    make(code, severity, host, where, { name, ...params });
  const isMaster = value('state') === 'MASTER';
  if (isMaster && child(children, 'nopreempt') !== undefined)
    yield hit('keepalived/nopreempt-ignored', 'error', at('nopreempt'));
  else if (isMaster && !takesTime(node)) yield hit('keepalived/takes-back', 'warning', at('state'));
  const interval = Number(value('advert_int') ?? 1);
  if (interval >= 1) {
    const outage = String(Math.ceil(interval * 4));
    yield hit('keepalived/slow', 'warning', at('advert_int'), { interval: String(interval), outage });
  }
  const password = child(child(children, 'authentication')?.children ?? [], 'auth_pass');
  if (password?.words.slice(1).join(' ') === TOO_LONG)
    yield hit('keepalived/long-password', 'error', password);
  if (password !== undefined) yield hit('keepalived/plain-password', 'info', password);
  if (child(children, 'unicast_peer') === undefined) yield hit('keepalived/multicast', 'info', node);
  if (!children.some(({ words }) => /^track_(script|process|file)$/.test(words[0] ?? '')))
    yield hit('keepalived/blind', 'error', node);
}

/** Whether who comes back waits before it takes the address from one that is worse, or does not take it at all. */
function takesTime({ children }: ConfNode): boolean {
  return ['nopreempt', 'preempt_delay'].some((name) => child(children, name) !== undefined);
}

/** What `vrrp-state.ts` leaves of a password that is longer than VRRP has room for. */
const TOO_LONG = '*** (more than 8)';

function* ofScripts({ host, scripts }: AuditedConf, tree: readonly ConfNode[]): Generator<AuditHit> {
  const found = tree.filter(({ words }) => words[0] === 'vrrp_script');
  const globals = child(tree, 'global_defs')?.children ?? [];
  if (found.length > 0 && child(globals, 'enable_script_security') === undefined)
    yield make('keepalived/script-security', 'warning', host, found[0] as ConfNode);
  for (const node of found) {
    const name = node.words[1] ?? '';
    const missing = ['fall', 'rise'].filter((key) => child(node.children, key) === undefined);
    if (missing.length > 0) yield make('keepalived/no-fall', 'warning', host, node, { name, missing });
    const command = child(node.children, 'script');
    const script = scripts.find(({ path }) => path === command?.words[1]?.split(' ')[0]);
    if (command === undefined || script === undefined) continue;
    const params = { name, path: script.path };
    if (script.mode === undefined) yield make('keepalived/no-script', 'error', host, command, params);
    else if (!/[1357]/.test(script.mode))
      yield make('keepalived/not-executable', 'error', host, command, params);
    else if (/[2367][0-7]$|[2367]$/.test(script.mode) || script.owner !== 'root')
      yield make('keepalived/script-of-others', 'error', host, command, params);
    if (script.isShallow) yield make('keepalived/port-only', 'error', host, command, params);
  }
}

/** The runbook's note on br0, and its neighbour: an address outside of every subnet. */
function* ofAddresses(file: AuditedConf, tree: readonly ConfNode[]): Generator<AuditHit> {
  const { host, addresses, bridges } = file;
  if (addresses.length === 0) return;
  for (const { node, name, vips } of instancesOf(host, tree)) {
    const at = child(node.children, 'interface');
    const link = at?.words[1];
    if (at === undefined || link === undefined) continue;
    const bridge = bridges.find(({ ports }) => ports.includes(link));
    if (bridge !== undefined) {
      yield make('keepalived/on-bridge-port', 'error', host, at, { name, link, bridge: bridge.name });
      continue;
    }
    const own = addresses.filter((one) => one.interface === link && !vips.includes(one.address));
    for (const vip of vips.filter((one) => !own.some((address) => holds(address, one))))
      yield make('keepalived/outside-subnet', 'error', host, at, { name, link, vip });
  }
}

function betweenInstances(all: readonly Instance[]): AuditHit[] {
  return all.flatMap((one, index) => {
    const others = all.slice(index + 1);
    return others.flatMap((other) => [...betweenTwo(one, other)]);
  });
}

/** Two that have an address in common are one router; two that have not must not have its id. */
function* betweenTwo(one: Instance, other: Instance): Generator<AuditHit> {
  const node = (key: string): ConfNode => child(other.node.children, key) ?? other.node;
  const value = ({ node: { children } }: Instance, key: string): string | undefined =>
    child(children, key)?.words[1];
  const hit = (code: Code, severity: Severity, key: string, params: Reason['params']): AuditHit =>
    make(code, severity, other.host, node(key), {
      name: other.name,
      other: `${one.host} ${one.name}`,
      ...params,
    });
  const id = value(one, 'virtual_router_id') ?? '';
  const isSameId = id === value(other, 'virtual_router_id');
  if (!one.vips.some((vip) => other.vips.includes(vip))) {
    if (isSameId) yield hit('keepalived/id-twice', 'error', 'virtual_router_id', { id });
    return;
  }
  if (!isSameId) yield hit('keepalived/other-id', 'error', 'virtual_router_id', { id });
  const [first, second] = [Number(value(one, 'priority') ?? 100), Number(value(other, 'priority') ?? 100)];
  if (first === second)
    yield hit('keepalived/same-priority', 'error', 'priority', { priority: String(first) });
  if (value(one, 'state') === 'MASTER' && value(other, 'state') === 'MASTER')
    yield hit('keepalived/two-masters', 'warning', 'state', {});
  if (value(one, 'advert_int') !== value(other, 'advert_int'))
    yield hit('keepalived/other-interval', 'error', 'advert_int', {});
  // A master was told so already.
  const better = first > second ? one : other;
  if (first !== second && value(better, 'state') !== 'MASTER' && !takesTime(better.node))
    yield make('keepalived/takes-back', 'warning', better.host, better.node, { name: better.name });
  yield* tooLight(one, other, first, second);
}

/** A failed check that takes less from the priority than the other is behind moves nothing. */
function* tooLight(one: Instance, other: Instance, first: number, second: number): Generator<AuditHit> {
  const better = first >= second ? one : other;
  for (const node of better.tree.filter(({ words }) => words[0] === 'vrrp_script')) {
    const at = child(node.children, 'weight');
    const weight = Number(at?.words[1] ?? 0);
    if (at === undefined || weight === 0 || Math.abs(weight) > Math.abs(first - second)) continue;
    const params = {
      name: node.words[1] ?? '',
      weight: String(weight),
      apart: String(Math.abs(first - second)),
    };
    yield make('keepalived/too-light', 'error', better.host, at, params);
  }
}

function make(
  code: Code,
  severity: Severity,
  host: HostName,
  { line }: ConfNode,
  params: Reason['params'] = {},
): AuditHit {
  return { rule: code, severity, because: reasons.of(code, { host, ...params }), host, line };
}

/** The runbook's preconditions as `verify` asks them of every host at any time: who the name is, and who is trusted. */
import type { Reason } from '../../base/reason.ts';
import type { Facts } from '../../hosts/fact.ts';
import type { HostName, Member, Site, StackSpec } from '../../site/model.ts';
import type { HostCheck } from '../stack.ts';
import { nameViewOf } from './facts.ts';
import { describeView, findProblems, nameReasons } from './name-view.ts';
import { addressesOf, findNodes, leadsTo, type Nodes } from './nodes.ts';
import { reasons } from './reasons.ts';
import type { Dce5Spec } from './schema.ts';
import { describeTrust, findRefusing, placeOf, trustOf } from './trust.ts';

/** See the top of this file. A name that is wrong fails; a tool that would refuse a certificate is a warning, as in a plan. */
export function checkHosts(
  site: Site,
  stack: StackSpec<Dce5Spec>,
  facts: Facts,
  active: readonly Member[],
): HostCheck[] {
  const nodes = findNodes(site, stack);
  if (nodes === undefined) return [];
  return [...site.hosts.keys()].flatMap((host) => [
    nameCheck(host, facts, nodes, active),
    ...trustCheck(host, facts, nodes),
  ]);
}

function nameCheck(host: HostName, facts: Facts, nodes: Nodes, active: readonly Member[]): HostCheck {
  const { name } = nodes;
  const all = [nodes.original, ...nodes.standbys];
  const leading = all.filter(({ member }) => active.some((one) => one.name === member.name));
  const wanted = leadsTo(nodes, leading.length > 0 ? leading : all);
  const asked = `who ${name} is, of getent, each name server, /etc/hosts and CoreDNS`;
  const about = { host, check: 'name', asked, expected: `${wanted.join(' or ')}, by DNS alone` };
  const view = facts.get(nameViewOf(host, name));
  if (view === undefined) {
    const detail = facts.unreachable.get(host) ?? 'no answer';
    const because = reasons.of('dce5/host-not-asked', { host, detail });
    return { ...about, ok: false, got: detail, because, warnings: [] };
  }
  const got = describeView(view);
  const [first, ...others] = findProblems(view, name, wanted);
  if (first === undefined)
    return {
      ...about,
      ok: true,
      got,
      because: nameReasons.of('dce5-name/right', { name, got }),
      warnings: [],
    };
  const warnings = [...others, ...remediesOf(host, [first, ...others])];
  return { ...about, ok: false, got, because: first, warnings };
}

/** Each once, however many problems it mends. */
function remediesOf(host: HostName, problems: readonly Reason[]): Reason[] {
  const remedies = problems.map(({ code, params }): Reason => {
    if (code === 'dce5-name/coredns')
      return reasons.of('dce5/remove-from-coredns', { host, map: params.map ?? 'coredns' });
    if (code === 'dce5-name/override') return reasons.of('dce5/apply-removes', { host });
    return reasons.of('dce5/look-at-resolver', { host });
  });
  const seen = new Set<string>();
  return remedies.filter((remedy) => {
    const key = JSON.stringify(remedy);
    return !seen.has(key) && seen.add(key);
  });
}

function trustCheck(host: HostName, facts: Facts, nodes: Nodes): HostCheck[] {
  const { name } = nodes;
  const trust = facts.get(trustOf(host, name, addressesOf(nodes)));
  if (trust === undefined || trust.runtimes.length === 0) return [];
  const got = describeTrust(trust);
  const warnings = findRefusing(trust).flatMap(({ runtime, addresses }) => {
    const place = placeOf(runtime, name);
    return [
      reasons.of('dce5/untrusted', { host, runtime, addresses: [...addresses], place }),
      reasons.of('dce5/trust-it', { place }),
    ];
  });
  const asked = `whose certificates ${trust.runtimes.join(', ')} on ${host} accept`;
  const expected = `those of ${addressesOf(nodes).join(', ')}`;
  return [
    {
      host,
      check: 'trust',
      ok: true,
      asked,
      got,
      expected,
      because: reasons.of('dce5/trusts', { host, got }),
      warnings,
    },
  ];
}

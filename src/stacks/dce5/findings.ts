/** What is not right on the hosts as they are. The plan mends the files; it cannot know what else they were used for. */
import type { Finding } from '../../base/finding.ts';
import type { Facts } from '../../hosts/fact.ts';
import type { AuditFile } from '../../site/audit/audit-file.ts';
import { parseClusterConfig } from '../../site/audit/cluster-config.ts';
import type { Site, StackSpec } from '../../site/model.ts';
import type { Rule } from '../../site/rule.ts';
import { sanCrossed } from '../../site/rules/san-crossed.ts';
import { configOf, installedOn, nameViewOf } from './facts.ts';
import { nameReasons } from './name-view.ts';
import { addressesOf, findNodes, type Nodes } from './nodes.ts';
import { reasons } from './reasons.ts';
import type { Dce5Spec } from './schema.ts';
import { findRefusing, placeOf, trustOf } from './trust.ts';

type Stack = StackSpec<Dce5Spec>;

/** Existing clusterConfig.yaml files against the runbook's table, CoreDNS, and who would refuse the certificate. */
export function findingsOf(site: Site, stack: Stack, facts: Facts): Finding[] {
  const nodes = findNodes(site, stack);
  if (nodes === undefined) return [];
  const { name } = nodes;
  const from = site.where(['stacks', stack.name]);
  const coredns = [...site.hosts.keys()].flatMap((host) =>
    (facts.get(nameViewOf(host, name))?.coredns ?? []).map(
      (found): Finding => ({
        rule: 'dce5/coredns',
        severity: 'error',
        because: nameReasons.of('dce5-name/coredns', { name, ...found }),
        hint: reasons.of('dce5/remove-from-coredns', { host, map: found.map }),
        position: from,
      }),
    ),
  );
  return [
    ...crossed(site, stack, facts),
    ...overridden(site, facts, name),
    ...foreseen(facts, nodes).map((found) => ({ ...found, position: from })),
    ...coredns,
    ...untrusted(site, facts, nodes).map((found) => ({ ...found, position: from })),
  ];
}

/** The plan takes the lines out; a person should know which, and on which host, before they are gone. */
function overridden(site: Site, facts: Facts, name: string): Finding[] {
  return [...site.hosts.keys()].flatMap((host) =>
    (facts.get(nameViewOf(host, name))?.overrides ?? []).map(
      ({ line, address }): Finding => ({
        rule: 'dce5/override',
        severity: 'warning',
        because: nameReasons.of('dce5-name/override', { name, line, address }),
        hint: reasons.of('dce5/override-goes', { host }),
        position: { file: `${host}:/etc/hosts`, line, column: 1 },
      }),
    ),
  );
}

/** Behind a proxy nothing keeps the installer from its line: who watches /etc/hosts should know why it comes and goes. */
function foreseen(facts: Facts, { name, front, original }: Nodes): Finding[] {
  const { host } = original.member;
  if (front.length === 0 || facts.get(installedOn(host))?.state === 'done') return [];
  const because = reasons.of('dce5/line-foreseen', { host, name, addresses: [...front] });
  return [
    {
      rule: 'dce5/line-foreseen',
      severity: 'warning',
      because,
      hint: reasons.of('dce5/line-goes', { host }),
    },
  ];
}

/** The lint rule that judges vendor files beside the site file judges those on the hosts, too. */
function crossed(site: Site, stack: Stack, facts: Facts): Finding[] {
  const path = stack.spec.config;
  const endpoint = site.endpoints.get(stack.endpoint ?? '');
  const auditFiles = (endpoint?.members ?? []).flatMap(({ host }): AuditFile[] => {
    const text = facts.get(configOf(host, path));
    if (text === undefined) return [];
    const file = `${host}:${path}`;
    const { cluster } = parseClusterConfig(file, text);
    return [{ kind: 'cluster-config', cluster, path, file, host, endpoint: endpoint?.name ?? '' }];
  });
  return [sanCrossed].flatMap((rule: Rule) =>
    [...rule.check({ ...site, auditFiles })].map(
      ({ at, because, hint }): Finding => ({
        rule: rule.id,
        // The plan corrects it: what is left to know is that an installation made from it has the wrong certificate.
        severity: 'warning',
        because,
        hint,
        ...(at === undefined ? {} : { position: at }),
      }),
    ),
  );
}

function untrusted(site: Site, facts: Facts, nodes: Nodes): Finding[] {
  const { name } = nodes;
  return [...site.hosts.keys()].flatMap((host) => {
    const trust = facts.get(trustOf(host, name, addressesOf(nodes)));
    return (trust === undefined ? [] : findRefusing(trust)).map(({ runtime, addresses }): Finding => {
      const place = placeOf(runtime, name);
      const because = reasons.of('dce5/untrusted', { host, runtime, addresses: [...addresses], place });
      return {
        rule: 'dce5/untrusted',
        severity: 'warning',
        because,
        hint: reasons.of('dce5/trust-it', { place }),
      };
    });
  });
}

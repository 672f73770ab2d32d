import { joinReasons } from '../../base/reason.ts';
import type { FactQuery } from '../../hosts/fact.ts';
import type { ProbeSpec, Site, StackSpec } from '../../site/model.ts';
import type { Stack } from '../stack.ts';
import { activeOn } from './active.ts';
import { configOf, installedOn, nameViewOf } from './facts.ts';
import { findingsOf } from './findings.ts';
import { checkHosts } from './host-checks.ts';
import { nameReasons } from './name-view.ts';
import { addressesOf, findNodes } from './nodes.ts';
import { planDce5 } from './plan.ts';
import { dce5Certificate } from './probes/dce5-certificate.ts';
import { reasons } from './reasons.ts';
import { dce5WithoutArtifacts } from './rules/dce5-without-artifacts.ts';
import { type Dce5Spec, dce5Spec } from './schema.ts';
import { dce5Config } from './steps/dce5-config.ts';
import { dce5Copy } from './steps/dce5-copy.ts';
import { dce5Install } from './steps/dce5-install.ts';
import { dce5Name } from './steps/dce5-name.ts';
import { dce5Tools } from './steps/dce5-tools.ts';
import { trustOf } from './trust.ts';

const rules = [dce5WithoutArtifacts];

/**
 * The vendor's installer of DCE 5.0 and its `clusterConfig.yaml`, for an original bootstrap node and its standby. What
 * they serve, and whether both hold the same, is the `artifacts` stack's behind the same endpoint; a node leads by a
 * failback or a switchover only with both: what that stack asks, and the certificate.
 */
export const dce5: Stack<Dce5Spec> = {
  name: 'dce5',
  summary: {
    en: 'The DCE 5.0 installer: an original bootstrap node and its standby, built and upgraded in order.',
    zh: 'DCE 5.0 安装器：按顺序构建和升级原火种节点与备用火种节点。',
  },
  spec: dce5Spec,
  rules,
  reasons: joinReasons(reasons, nameReasons, ...rules.map((rule) => rule.reasons)),
  stepKinds: [dce5Tools, dce5Name, dce5Copy, dce5Config, dce5Install],
  probeKinds: [dce5Certificate],
  afterEndpoint: true,
  facts(site, stack) {
    const nodes = findNodes(site, stack);
    if (nodes === undefined) return [];
    const {
      name,
      original,
      standbys,
      front: [front],
    } = nodes;
    const { host, address: own } = original.member;
    return [
      ...(front === undefined ? [] : [activeOn(host, { name, front, own }) as FactQuery]),
      ...[original, ...standbys].flatMap(({ member: { host } }): FactQuery[] => [
        configOf(host, stack.spec.config) as FactQuery,
        installedOn(host) as FactQuery,
      ]),
      ...[...site.hosts.keys()].flatMap((host): FactQuery[] => [
        nameViewOf(host, name) as FactQuery,
        trustOf(host, name, addressesOf(nodes)) as FactQuery,
      ]),
    ];
  },
  plan: planDce5,
  findings: findingsOf,
  hostChecks: checkHosts,
  probes: (site, stack) => certificateProbe(site, stack, { strict: false }),
  fitToLead: (site, stack) => certificateProbe(site, stack, { strict: true }),
};

/** Strict before a node leads: by a person's wish clients never come to a name that its certificate lacks. */
function certificateProbe(site: Site, stack: StackSpec<Dce5Spec>, o: { strict: boolean }): ProbeSpec[] {
  const name = findNodes(site, stack)?.name;
  if (name === undefined) return [];
  const { kind, args } = dce5Certificate;
  return [{ name: 'certificate', kind, args: args.parse({ name, ...o }) }];
}

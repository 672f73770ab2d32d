/**
 * What building an artifacts stack needs: no host overrides the name, every service answers on every member, and
 * hosts that do not get a member for the name do so in the end. The services themselves are the vendor's installer's.
 */
import { isIP } from 'node:net';
import type { Step } from '../../engine/step.ts';
import type { ProbeStepArgs } from '../../engine/steps/probe.ts';
import type { FactQuery, Facts } from '../../hosts/fact.ts';
import { entriesFor } from '../../hosts/facts/hosts-file.ts';
import type { Endpoint, Member, Site, StackSpec } from '../../site/model.ts';
import type { Goal } from '../stack.ts';
import { hostsFileOf, resolvedNameOf, resolverOf } from './facts.ts';
import { reasons } from './reasons.ts';
import type { ArtifactsSpec } from './schema.ts';
import { endpointOf, serviceProbes } from './services.ts';
import { isRight } from './steps/name-resolves.ts';

type Stack = StackSpec<ArtifactsSpec>;

/** A member that was just installed may still be unpacking its offline package. */
const SERVICE_DEADLINE_MS = 120_000;
const PROBE_TIMEOUT_MS = 10_000;

/** Of every host: its hosts file, its resolver, and what it gets for the endpoint's name. */
export function artifactsFacts(site: Site, stack: Stack): FactQuery[] {
  const name = endpointOf(site, stack)?.dnsName;
  if (name === undefined) return [];
  return [...site.hosts.keys()].flatMap((host) => [
    hostsFileOf(host) as FactQuery,
    resolverOf(host) as FactQuery,
    resolvedNameOf(host, name) as FactQuery,
  ]);
}

/** Building does all of it; promoting asks the member alone; nothing else changes what these servers are. */
export function planArtifacts(site: Site, stack: Stack, facts: Facts, goal: Goal): Step[] {
  const endpoint = endpointOf(site, stack);
  if (endpoint === undefined) return [];
  if (goal.kind === 'promote') {
    return endpoint.members
      .filter((member) => member.name === goal.member)
      .flatMap((member) => serviceSteps(site, stack, member));
  }
  if (goal.kind !== 'build') return [];
  return [
    ...overrideSteps(site, stack, endpoint, facts),
    ...endpoint.members.flatMap((member) => serviceSteps(site, stack, member)),
    ...resolverSteps(site, stack, endpoint, facts),
  ];
}

/** Hosts whose hosts file names the endpoint, and those whose file is not known. */
function overrideSteps(site: Site, stack: Stack, { dnsName }: Endpoint, facts: Facts): Step[] {
  if (dnsName === undefined) return [];
  const overriding = [...site.hosts.keys()].filter((host) => {
    const entries = facts.get(hostsFileOf(host));
    return entries === undefined || entriesFor(entries, dnsName).length > 0;
  });
  return overriding.map((host) => ({
    id: `${stack.name}/${host}/no-override`,
    kind: 'hosts-file',
    host,
    args: { absent: [dnsName] },
    needs: [],
    why: reasons.of('artifacts/no-override', { name: dnsName }),
    from: site.where(['stacks', stack.name, 'endpoint']),
  }));
}

function serviceSteps(site: Site, stack: Stack, member: Member): Step<ProbeStepArgs>[] {
  return serviceProbes(site, stack).map((probe) => ({
    id: `${stack.name}/${member.name}/${probe.name}`,
    kind: 'probe',
    args: {
      probe: probe.kind,
      args: probe.args,
      target: { member: member.name, address: member.address },
      deadlineMs: SERVICE_DEADLINE_MS,
      intervalMs: 1_000,
      timeoutMs: PROBE_TIMEOUT_MS,
    },
    needs: [],
    why: reasons.of('artifacts/must-answer', { service: probe.name, member: member.name }),
    from: site.where(['stacks', stack.name, probe.name]),
  }));
}

/**
 * Hosts that do not get a member (or the endpoint's own address) where others do. Where nobody gets one, the name has not been published yet (the
 * watcher does that), and there is nothing to wait for.
 */
function resolverSteps(site: Site, stack: Stack, endpoint: Endpoint, facts: Facts): Step[] {
  const { dnsName: name } = endpoint;
  const front =
    endpoint.addresses.length > 0 ? endpoint.addresses : endpoint.members.map(({ address }) => address);
  const addresses = front.filter((address) => isIP(address) !== 0);
  if (name === undefined || addresses.length < front.length) return [];
  const found = [...site.hosts.keys()].map((host) => ({ host, got: facts.get(resolvedNameOf(host, name)) }));
  const isPublished = found.some(({ got }) => got !== undefined && isRight(got, { addresses }));
  if (!isPublished) return [];
  const overridden = new Set(overrideSteps(site, stack, endpoint, facts).map((step) => step.id));
  return found
    .filter(({ got }) => got !== undefined && !isRight(got, { addresses }))
    .map(({ host }) => ({
      id: `${stack.name}/${host}/name-resolves`,
      kind: 'name-resolves',
      host,
      args: { name, addresses, deadlineMs: 60_000, intervalMs: 2_000 },
      needs: [`${stack.name}/${host}/no-override`].filter((id) => overridden.has(id)),
      why: reasons.of('artifacts/must-resolve', { host, endpoint: endpoint.name, name }),
      from: site.where(['stacks', stack.name, 'endpoint']),
    }));
}

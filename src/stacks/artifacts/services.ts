/** The services of the stack as probes: what says that one member is well. Pure. */

import { http } from '../../probes/http.ts';
import { https } from '../../probes/https.ts';
import { hostAndPort } from '../../probes/wire/host-and-port.ts';
import type { Endpoint, Member, ProbeSpec, Site, StackSpec } from '../../site/model.ts';
import { artifactsChartDownload } from './probes/artifacts-chart-download.ts';
import { artifactsFileDownload } from './probes/artifacts-file-download.ts';
import { artifactsImagePull } from './probes/artifacts-image-pull.ts';
import type { ArtifactsParityArgs } from './probes/artifacts-parity.ts';
import { type ArtifactsSpec, type ServiceName, type ServiceSpec, servicesOf } from './schema.ts';

/** The first bytes of an index tell that it is one: the rest is not downloaded on every probe. */
const INDEX_BYTES = 4_096;

/** The endpoint in front of the stack, where it has one. */
export function endpointOf(site: Site, stack: StackSpec<ArtifactsSpec>): Endpoint | undefined {
  return stack.endpoint === undefined ? undefined : site.endpoints.get(stack.endpoint);
}

/** One probe a service, each under the name that clients use. */
export function serviceProbes(site: Site, stack: StackSpec<ArtifactsSpec>): ProbeSpec[] {
  const name = endpointOf(site, stack)?.dnsName;
  return servicesOf(stack.spec).map(([service, spec]) => {
    const { scheme } = spec;
    const args = { ...common(spec, name), ...particular(service) };
    return scheme === 'https'
      ? { name: service, kind: https.kind, args: https.args.parse({ ...args, ...tls(spec, name) }) }
      : { name: service, kind: http.kind, args: http.args.parse(args) };
  });
}

/** Where the endpoint names probes of its own, nobody has asked whether every service answers. */
export function unaskedProbes(site: Site, stack: StackSpec<ArtifactsSpec>): ProbeSpec[] {
  const isAsked = endpointOf(site, stack)?.probes.length === 0;
  return isAsked ? [] : serviceProbes(site, stack);
}

/** How long fetching one small thing may take: it need not be small where everything is large. */
const TRIAL_TIMEOUT_MS = 120_000;

/** What a person tries by hand after a change: an image pull, a file download, a chart. */
export function trialProbes(site: Site, stack: StackSpec<ArtifactsSpec>): ProbeSpec[] {
  const name = endpointOf(site, stack)?.dnsName;
  const { registry, files, charts } = stack.spec;
  const trial = (title: string, kind: string, spec: false | ServiceSpec): ProbeSpec[] =>
    spec === false
      ? []
      : [{ name: title, kind, args: { ...spec, ...nameOf(spec, name) }, timeoutMs: TRIAL_TIMEOUT_MS }];
  return [
    ...trial('image pull', artifactsImagePull.kind, registry),
    ...trial('file download', artifactsFileDownload.kind, files && files.compare !== false && files),
    ...trial('chart download', artifactsChartDownload.kind, charts),
  ];
}

/** The comparison of two members, with its own deadline. */
export function parityProbe(site: Site, stack: StackSpec<ArtifactsSpec>, active: Member): ProbeSpec {
  const name = endpointOf(site, stack)?.dnsName;
  const { registry, files, charts, parity } = stack.spec;
  const args: ArtifactsParityArgs = {
    active: { member: active.name, address: active.address },
    registry: registry && { ...registry, ...nameOf(registry, name) },
    files: files && { ...files, ...nameOf(files, name) },
    charts: charts && { ...charts, ...nameOf(charts, name) },
    parity,
  };
  return { name: 'parity', kind: 'artifacts-parity', args, timeoutMs: parity.timeout };
}

/** A plain service is asked under the name that clients use; with TLS the https probe does that by itself. */
function common(
  { scheme, port, path, auth }: ServiceSpec,
  name: string | undefined,
): Record<string, unknown> {
  const host =
    name === undefined || scheme === 'https' ? undefined : port === 80 ? name : hostAndPort(name, port);
  return { port, path, ...(auth === undefined ? {} : { auth }), ...(host === undefined ? {} : { host }) };
}

/** A registry that wants credentials is well, too, when it says so; a chart repository is one with an index. */
function particular(service: ServiceName): Record<string, unknown> {
  if (service === 'registry') return { status: [200, 401] };
  if (service === 'files') return {};
  return { body: { contains: 'apiVersion' }, maxBodyBytes: INDEX_BYTES };
}

function tls(spec: ServiceSpec, name: string | undefined): Record<string, unknown> {
  const { caFile, fingerprint, insecure, minValidFor } = spec;
  return {
    ...nameOf(spec, name),
    insecure,
    minValidFor: `${minValidFor}ms`,
    ...(caFile === undefined ? {} : { caFile }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
}

/** The name that the certificate must cover: the spec's own, or the one that clients use. */
function nameOf({ serverName }: ServiceSpec, name: string | undefined): { serverName?: string } {
  const covered = serverName ?? name;
  return covered === undefined ? {} : { serverName: covered };
}

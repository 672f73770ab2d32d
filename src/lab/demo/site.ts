/** The example's site file, adapted to loopback: what differs from production is listed and shown. */
import { parseDocument } from 'yaml';
import { HoldfastError } from '../../base/errors.ts';
import type { Ports } from './member.ts';

export interface DemoPlace {
  /** Member host → loopback address. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly dns: { readonly address: string; readonly port: number };
  readonly ports: Ports;
}

export interface AdaptedSite {
  readonly text: string;
  readonly endpoint: string;
  readonly dnsName: string;
  /** In order of preference. */
  readonly members: readonly [string, string];
  /** What was changed, one line each. */
  readonly changes: readonly string[];
}

/**
 * Takes the example as it is and sets only what loopback needs.
 * @throws HoldfastError `demo/unfit-example` where it is not a pair behind one name
 */
export function adaptSite(example: string, place: DemoPlace): AdaptedSite {
  const document = parseDocument(example);
  const site = document.toJS() as {
    hosts: Record<string, unknown>;
    endpoints: Record<string, { name?: string; members: string[] }>;
    stacks: Record<string, { kind: string }>;
  };
  const [endpoint, spec] = Object.entries(site.endpoints)[0] ?? [];
  const stack = Object.entries(site.stacks).find(([, each]) => each.kind === 'artifacts')?.[0];
  const [preferred, standby] = spec?.members ?? [];
  if (
    endpoint === undefined ||
    spec?.name === undefined ||
    stack === undefined ||
    preferred === undefined ||
    standby === undefined
  ) {
    throw new HoldfastError({
      code: 'demo/unfit-example',
      message: 'the example does not describe a pair of artifact servers behind one name',
      hint: 'Restore examples/dce5-bootstrap/site.yaml, or pass another pair with --site.',
    });
  }
  const changes: string[] = [];
  const set = (path: readonly string[], value: unknown, why: string): void => {
    document.setIn(path, document.createNode(value));
    changes.push(`${path.join('.')}: ${JSON.stringify(value)} (${why})`);
  };
  for (const host of Object.keys(site.hosts)) {
    const address = place.addresses[host] ?? place.dns.address;
    set(['hosts', host], { address, transport: 'local' }, 'this machine');
  }
  const at = (key: string): string[] => ['endpoints', endpoint, key];
  const listen = [`${place.dns.address}:${place.dns.port}`];
  set(at('driver'), { kind: 'dns-embedded', listen }, 'a port that needs no root');
  set(at('interval'), '250ms', 'so that you need not wait');
  set(at('timeout'), '250ms', 'as above');
  set(at('ttl'), '1s', 'as above');
  set(at('holdDown'), '1s', 'as above');
  set(at('failback'), { mode: 'auto', after: '3s' }, 'as above');
  set(
    ['stacks', stack, 'registry'],
    { scheme: 'http', port: place.ports.registry },
    'no certificates on loopback',
  );
  set(
    ['stacks', stack, 'files'],
    { port: place.ports.http, path: '/files/SHA256SUMS', compare: { index: '/files/SHA256SUMS' } },
    'no MinIO on loopback',
  );
  set(
    ['stacks', stack, 'charts'],
    { port: place.ports.http, path: '/charts/index.yaml' },
    'served beside the files',
  );
  return { text: String(document), endpoint, dnsName: spec.name, members: [preferred, standby], changes };
}

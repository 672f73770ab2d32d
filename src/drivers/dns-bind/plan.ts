/**
 * Steps that make a BIND server serve the endpoint's zones: none where it does so rightly, otherwise only what
 * differs. Pure: made from facts.
 */
import { dirname } from 'node:path';
import type { Reason } from '../../base/reason.ts';
import type { Step } from '../../engine/step.ts';
import { type ServiceConfigArgs, serviceConfigArgs } from '../../engine/steps/service-config.ts';
import { ask, type FactQuery, type Facts } from '../../hosts/fact.ts';
import type { Endpoint, Site } from '../../site/model.ts';
import { type AddressRecord, dnsNameOf } from '../answer.ts';
import type { ZonePlace } from './bind-host.ts';
import { type BindState, type BindStateArgs, bindState, OWN_CONFIG } from './bind-state.ts';
import { DnsBindError } from './error.ts';
import { namedZones, parseNamedConf } from './named-conf.ts';
import { zoneStatement } from './new-zone.ts';
import { planZoneFiles } from './planned-zone.ts';
import { dnsBindReasons as reasons } from './reasons.ts';
import type { DnsBindConfig } from './schema.ts';
import { isServedFrom } from './zone-statement.ts';

/** Where Debian wants additions; elsewhere they go into named.conf itself. */
const LOCAL_CONFIG = 'named.conf.local';

type PlannedFile = ServiceConfigArgs['files'][number];

/** What the plan needs to know of the server. */
export function bindFacts(_site: Site, endpoint: Endpoint<DnsBindConfig>): FactQuery[] {
  return [queryOf(endpoint) as unknown as FactQuery];
}

/** See the top of this file. @throws DnsBindError where named.conf contradicts the site file */
export function planBind(site: Site, endpoint: Endpoint<DnsBindConfig>, facts: Facts): Step[] {
  const { config } = endpoint.driver;
  const state = facts.get(queryOf(endpoint));
  if (state === undefined) return [];
  if (state.configFile === undefined) return [installStep(site, endpoint, state)];
  const missing = missingZones(config, state);
  const files = [...zoneFiles(site, endpoint, state), ...configFiles(config, state, missing)];
  if (files.length === 0) return [];
  const name = dnsNameOf(endpoint);
  const zones = placesOf(config).map((place) => place.zone);
  const isNew = missing.length > 0;
  const why = isNew
    ? reasons.of('dns-bind/zones-missing', { host: config.server, zones: missing.map((place) => place.zone) })
    : reasons.of('dns-bind/zones-differ', { zones, name });
  const configure = step(site, endpoint, 'bind-zones', 'service-config', why, {
    ...serviceConfigArgs.parse({ unit: config.unit, files, how: 'reload' }),
    test: ['named-checkconf', state.configFile],
  });
  if (!isNew) return [configure];
  const run = step(
    site,
    endpoint,
    'bind-runs',
    'service',
    reasons.of('dns-bind/must-run', { host: config.server, name }),
    { unit: config.unit, wanted: 'running', enabled: true, steadyMs: 3_000, timeoutMs: 120_000 },
  );
  return [configure, { ...run, needs: [configure.id] }];
}

function queryOf({ driver: { config } }: Endpoint<DnsBindConfig>): FactQuery<BindState, BindStateArgs> {
  const folders = new Set(['/etc/bind', '/etc', ...(config.configFile ? [dirname(config.configFile)] : [])]);
  const configs = [...folders].flatMap((folder) =>
    ['named.conf', LOCAL_CONFIG, OWN_CONFIG].map((file) => `${folder}/${file}`),
  );
  const zoneFiles = placesOf(config).map((place) => place.zoneFile);
  return ask(config.server, bindState, { configFile: config.configFile, zoneFiles, configs });
}

function placesOf(config: DnsBindConfig): ZonePlace[] {
  return [{ zone: config.zone, zoneFile: config.zoneFile }, ...config.reverse];
}

function missingZones(config: DnsBindConfig, state: BindState): ZonePlace[] {
  if (state.config === undefined) throw badConfig(config, state);
  const zones = namedZones(parseNamedConf(state.config));
  return placesOf(config).filter((place) => !isServedFrom(zones, place, config.server));
}

/** Content in another encoding cannot stand in a plan: such a file is left to `publish`, which edits bytes. */
function zoneFiles(site: Site, endpoint: Endpoint<DnsBindConfig>, state: BindState): PlannedFile[] {
  const { config } = endpoint.driver;
  const textOf = (path: string): string | undefined => {
    const bytes = state.files.get(path);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1');
  };
  const { files } = planZoneFiles(endpoint, textOf, addressOf(site, config));
  return placesOf(config).flatMap(({ zone, zoneFile }) => {
    const text = files.get(zoneFile);
    if (text === undefined) return [];
    const content = Buffer.from(text, 'latin1').toString('utf8');
    if (content.includes('\ufffd')) return [];
    return [{ path: zoneFile, content, validate: ['named-checkzone', zone, '{path}'] }];
  });
}

/** The zone statements in a file of their own, and the line that includes it. */
function configFiles(config: DnsBindConfig, state: BindState, missing: readonly ZonePlace[]): PlannedFile[] {
  if (missing.length === 0) return [];
  const folder = dirname(state.configFile as string);
  const textOf = (path: string): string => Buffer.from(state.files.get(path) ?? []).toString();
  const own = `${folder}/${OWN_CONFIG}`;
  const statements = missing.map(({ zone, zoneFile }) => zoneStatement(zone, zoneFile)).join('');
  const put = { path: own, content: textOf(own) + statements };
  if (state.includesOwn) return [put];
  const local = `${folder}/${LOCAL_CONFIG}`;
  const hasLocal = state.files.has(local) || state.secretive.includes(local);
  const including = hasLocal ? local : (state.configFile as string);
  if (state.secretive.includes(including)) throw holdsSecret(config, including, own);
  const before = textOf(including);
  const line = `include "${own}";\n`;
  const lineEnd = before === '' || before.endsWith('\n') ? '' : '\n';
  return [put, { path: including, content: `${before}${lineEnd}${line}` }];
}

function addressOf(site: Site, config: DnsBindConfig): AddressRecord {
  const address = config.address ?? site.hosts.get(config.server)?.address ?? '';
  return { type: address.includes(':') ? 'AAAA' : 'A', address };
}

function installStep(site: Site, endpoint: Endpoint<DnsBindConfig>, state: BindState): Step {
  const { config } = endpoint.driver;
  const names = state.packageManager === 'apt-get' ? ['bind9', 'bind9-utils'] : ['bind', 'bind-utils'];
  const why = reasons.of('dns-bind/no-bind', { host: config.server, zone: config.zone });
  const packages = names.map((name) => ({ name }));
  return step(site, endpoint, 'bind', 'package', why, { packages, recommends: false, timeoutMs: 900_000 });
}

function step(
  site: Site,
  endpoint: Endpoint<DnsBindConfig>,
  id: string,
  kind: string,
  why: Reason,
  args: unknown,
): Step {
  const from = site.where(['endpoints', endpoint.name, 'driver']);
  return {
    id: `${endpoint.name}/${id}`,
    kind,
    host: endpoint.driver.config.server,
    args,
    needs: [],
    why,
    from,
  };
}

function badConfig(config: DnsBindConfig, state: BindState): DnsBindError {
  return new DnsBindError({
    code: 'dns-bind/config',
    message: `BIND itself does not accept its configuration ${state.configFile}`,
    where: { host: config.server },
    expected: 'that named-checkconf finds no mistake',
    got: 'mistakes',
    hint: `Run \`named-checkconf ${state.configFile}\` on the host and mend what it reports; then plan again.`,
  });
}

/** A plan is read and kept by people: a file with a key in it cannot stand there. */
function holdsSecret(config: DnsBindConfig, file: string, own: string): DnsBindError {
  return new DnsBindError({
    code: 'dns-bind/config',
    message: `a line is missing in ${file}, which holds a secret and so is not put into a plan`,
    where: { host: config.server },
    expected: `include "${own}";`,
    got: 'no such line, as far as BIND knows',
    hint: `Create an empty ${own}, add the line to ${file} by hand, and plan again; or move the keys into a file of their own.`,
  });
}

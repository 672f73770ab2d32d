/** From a host of the site to the chain of servers that are logged in to on the way to it. Pure. */
import { join } from 'node:path';
import type { HostName, HostSpec } from '../site/model.ts';
import type { SecretRef } from '../site/secret-ref.ts';
import { HostError } from './host-error.ts';
import type { SshConfig, SshConfigValues } from './ssh-config.ts';

/** One server, with everything needed to log in to it. */
export interface SshTarget {
  readonly name: HostName;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly sudo: HostSpec['sudo'];
  /** Absolute paths, tried in order before the agent. */
  readonly identities: readonly string[];
  /** Whether somebody named them; a default that is missing or useless is not worth a word. */
  readonly identitiesNamed: boolean;
  readonly passphrase?: SecretRef;
  readonly password?: SecretRef;
  readonly knownHosts: readonly string[];
  /** The name under which known_hosts has it. */
  readonly keyName: string;
  readonly hostKey?: string;
  /** ~/.ssh/config has a ProxyCommand for it, which is not followed. */
  readonly ignoresProxyCommand: boolean;
}

export interface TargetSources {
  readonly hosts: ReadonlyMap<HostName, HostSpec>;
  readonly config: SshConfig;
  readonly home: string;
  /** Who runs Holdfast: the user of a hop that ~/.ssh/config names without one. */
  readonly localUser: string;
}

const DEFAULT_IDENTITIES = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'];
const DEFAULT_KNOWN_HOSTS = ['~/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'];

/**
 * The servers in the order in which they are reached, the host itself last. The site file beats ~/.ssh/config, which
 * beats the defaults. Only the first hop's own jump hosts are followed, as with `ssh -J`.
 * @throws HostError `host/jump-loop`, `host/unknown-name`
 */
export function resolveChain(spec: HostSpec, sources: TargetSources): SshTarget[] {
  return chainTo(spec, sources, []);
}

function chainTo(spec: HostSpec, sources: TargetSources, trail: readonly HostName[]): SshTarget[] {
  if (trail.includes(spec.name)) throw jumpLoop(trail[0] ?? spec.name, [...trail, spec.name]);
  const values = sources.config.lookUp(spec.address);
  const hops = hopsOf(spec, values, sources);
  const target = toTarget(spec, values, sources);
  const [first, ...rest] = hops;
  if (first === undefined) return [target];
  const before = chainTo(first, sources, [...trail, spec.name]);
  const between = rest.map((hop) => toTarget(hop, sources.config.lookUp(hop.address), sources));
  return [...before, ...between, target];
}

function hopsOf(spec: HostSpec, values: SshConfigValues, sources: TargetSources): HostSpec[] {
  if (spec.jump.length > 0) {
    return spec.jump.map((name) => {
      const hop = sources.hosts.get(name);
      if (hop === undefined) throw unknownHop(spec.name, name, sources.hosts);
      return hop;
    });
  }
  const mayAsk = spec.implied?.includes('jump') ?? false;
  return mayAsk ? (values.proxyJump ?? []).map((hop) => parseHop(spec.name, hop, sources.localUser)) : [];
}

function toTarget(spec: HostSpec, values: SshConfigValues, { home }: TargetSources): SshTarget {
  const isImplied = (key: NonNullable<HostSpec['implied']>[number]): boolean =>
    spec.implied?.includes(key) ?? false;
  const user = (isImplied('user') ? values.user : undefined) ?? spec.user;
  const named =
    spec.identities.length > 0 && !isImplied('identities') ? spec.identities : values.identityFiles;
  const knownHosts =
    (isImplied('knownHosts') ? values.knownHosts : undefined) ??
    (spec.knownHosts.length > 0 ? spec.knownHosts : DEFAULT_KNOWN_HOSTS);
  const address = values.hostName ?? spec.address;
  return {
    name: spec.name,
    address,
    port: (isImplied('port') ? values.port : undefined) ?? spec.port,
    user,
    sudo: isImplied('sudo') ? (user === 'root' ? 'none' : 'nopasswd') : spec.sudo,
    identities: (named.length > 0 ? named : DEFAULT_IDENTITIES).map((path) => inHome(path, home)),
    identitiesNamed: named.length > 0,
    ...(spec.passphrase === undefined ? {} : { passphrase: spec.passphrase }),
    ...(spec.password === undefined ? {} : { password: spec.password }),
    knownHosts: knownHosts.map((path) => inHome(path, home)),
    keyName: values.hostKeyAlias ?? address,
    ...(spec.hostKey === undefined ? {} : { hostKey: spec.hostKey }),
    ignoresProxyCommand: values.hasProxyCommand && spec.jump.length === 0,
  };
}

/** `[user@]host[:port]`, `[user@][v6]:port` or `ssh://…`, as ProxyJump takes them. */
function parseHop(host: HostName, text: string, localUser: string): HostSpec {
  const match =
    /^(?:ssh:\/\/)?(?:(?<user>[^@]+)@)?(?:\[(?<v6>[^\]]+)\]|(?<name>[^:/]+))(?::(?<port>\d+))?\/?$/.exec(
      text,
    );
  const { user, v6, name, port } = match?.groups ?? {};
  const address = v6 ?? name;
  if (address === undefined) {
    throw new HostError({
      code: 'host/ssh-config-unreadable',
      host,
      message: 'cannot read ProxyJump in ~/.ssh/config',
      expected: '[user@]host[:port]',
      got: `'${text}'`,
      hint: "Correct it, or name the way in the site file: the host's `jump`.",
    });
  }
  return {
    name: text,
    address,
    addresses: [address],
    transport: 'ssh',
    port: port === undefined ? 22 : Number(port),
    user: user ?? localUser,
    identities: [],
    sudo: 'none',
    jump: [],
    knownHosts: [],
    labels: {},
    implied: [
      ...(port === undefined ? (['port'] as const) : []),
      ...(user === undefined ? (['user'] as const) : []),
      'identities',
      'jump',
      'knownHosts',
    ],
  };
}

function inHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}

function jumpLoop(host: HostName, trail: readonly string[]): HostError {
  return new HostError({
    code: 'host/jump-loop',
    host,
    message: 'its jump hosts lead in a circle',
    expected: 'a way that ends at a host without jump hosts',
    got: trail.join(' → '),
    hint: 'Remove `jump` from one of these hosts (or ProxyJump in ~/.ssh/config).',
  });
}

function unknownHop(host: HostName, hop: string, hosts: ReadonlyMap<HostName, HostSpec>): HostError {
  return new HostError({
    code: 'host/unknown-name',
    host,
    message: `its jump host '${hop}' is no host of the site`,
    expected: `one of ${[...hosts.keys()].join(', ')}`,
    got: hop,
    hint: 'Add the jump host under `hosts`, or correct the name.',
  });
}

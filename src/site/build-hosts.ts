import type { AccessFrame, HostFrame } from './frame.ts';
import type { HostName, HostSpec } from './model.ts';

const KNOWN_HOSTS = ['~/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'] as const;

/** Hosts with everything that `access` and the defaults say. */
export function buildHosts(
  frames: Readonly<Record<string, HostFrame>>,
  access: AccessFrame = {},
): ReadonlyMap<HostName, HostSpec> {
  // A jump host is not reached through itself: the default chain does not hold for those in it.
  const chain = new Set(access.jump ?? []);
  const hosts = new Map<HostName, HostSpec>();
  for (const [name, frame] of Object.entries(frames)) {
    hosts.set(name, buildHost(name, typeof frame === 'string' ? { address: frame } : frame, access, chain));
  }
  return hosts;
}

type FullHost = Exclude<HostFrame, string>;

function buildHost(
  name: HostName,
  host: FullHost,
  access: AccessFrame,
  chain: ReadonlySet<string>,
): HostSpec {
  const address = addressOf(host);
  const user = host.user ?? access.user ?? 'root';
  const passphrase = host.passphrase ?? access.passphrase;
  const password = host.password ?? access.password;
  const implied = impliedOf(host, access, chain.has(name));
  return {
    name,
    address,
    addresses: [...new Set([address, ...(host.addresses ?? [])])],
    transport: host.transport ?? 'ssh',
    port: host.port ?? access.port ?? 22,
    user,
    identities: identitiesOf(host) ?? identitiesOf(access) ?? [],
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(password === undefined ? {} : { password }),
    sudo:
      host.sudo ??
      (host.user === undefined ? access.sudo : undefined) ??
      (user === 'root' ? 'none' : 'nopasswd'),
    jump: host.jump ?? (chain.has(name) ? [] : (access.jump ?? [])),
    knownHosts: host.knownHosts ?? access.knownHosts ?? KNOWN_HOSTS,
    ...(host.hostKey === undefined ? {} : { hostKey: host.hostKey }),
    labels: host.labels ?? {},
    ...(implied.length === 0 ? {} : { implied }),
  };
}

/** What neither the host nor `access` says: there `~/.ssh/config` may have a word. A jump host has no way of its own. */
function impliedOf(
  host: FullHost,
  access: AccessFrame,
  isJumpHost: boolean,
): NonNullable<HostSpec['implied']> {
  if (host.transport === 'local') return [];
  const said = { ...access, ...host };
  const identities = said.identities ?? said.identity;
  const jump = isJumpHost ? [] : said.jump;
  const given = {
    port: said.port,
    user: said.user,
    sudo: said.sudo,
    identities,
    jump,
    knownHosts: said.knownHosts,
  };
  return (['port', 'user', 'sudo', 'identities', 'jump', 'knownHosts'] as const).filter(
    (key) => given[key] === undefined,
  );
}

/** The address SSH goes to; the local machine needs none. @returns '' where the host has none (reported before) */
function addressOf(host: FullHost): string {
  return host.address ?? host.addresses?.[0] ?? (host.transport === 'local' ? '127.0.0.1' : '');
}

function identitiesOf(keys: Pick<AccessFrame, 'identity' | 'identities'>): readonly string[] | undefined {
  if (keys.identity === undefined && keys.identities === undefined) return undefined;
  return [...new Set([...(keys.identity ?? []), ...(keys.identities ?? [])])];
}

/** What is asked of hosts before a plan. */
import { isIP } from 'node:net';
import { ask, type FactKind, type FactQuery } from '../../hosts/fact.ts';
import { type HostsEntry, hostsFile } from '../../hosts/facts/hosts-file.ts';
import { type Resolver, resolver } from '../../hosts/facts/resolver.ts';
import { quote } from '../../hosts/shell.ts';
import type { HostName } from '../../site/model.ts';

export interface NameArgs {
  readonly name: string;
}

/** A silent name server keeps getent for half a minute; a host without timeout(1) just takes that long. */
const PATIENCE_S = 5;

/** The command that asks for a name as every program on the host does: nsswitch.conf, hosts file, then DNS. */
export function getentCommand(name: string): string {
  const getent = `getent ahosts ${quote(name)} 2>/dev/null`;
  return `if command -v timeout >/dev/null; then timeout ${PATIENCE_S} ${getent}; else ${getent}; fi; :`;
}

/** Addresses in the output of `getent ahosts`, each once. */
export function parseGetent(output: string): string[] {
  const words = output.split('\n').map((line) => line.trim().split(/\s+/)[0] ?? '');
  return [...new Set(words.filter((word) => isIP(word) !== 0).map(canonicalAddress))];
}

/** One spelling for each address; an IPv4 address mapped into IPv6 is the IPv4 address. */
export function canonicalAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? address;
}

/** What a host gets for a name; empty where it gets nothing. */
const resolvedName: FactKind<readonly string[], NameArgs> = {
  name: 'artifacts-resolved-name',
  command: ({ name }) => getentCommand(name),
  parse: (output) => parseGetent(output),
  /** A failover between plan and apply changes it, and makes the plan no worse. */
  stable: () => null,
};

export function resolvedNameOf(host: HostName, name: string): FactQuery<readonly string[], NameArgs> {
  return ask(host, resolvedName, { name });
}

export function hostsFileOf(host: HostName): FactQuery<readonly HostsEntry[], void> {
  return ask(host, hostsFile, undefined);
}

export function resolverOf(host: HostName): FactQuery<Resolver, void> {
  return ask(host, resolver, undefined);
}

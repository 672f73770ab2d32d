/**
 * What a site file says, after defaults: the values every layer above works with. Made only by `load.ts`;
 * everything in it is plain data, so that it has a digest.
 */
import type { Digest } from '../base/digest.ts';
import type { Position } from '../base/position.ts';
import type { AuditFile } from './audit/audit-file.ts';
import type { EndpointName, HostName, MemberName, SitePath, StackName } from './names.ts';
import type { SecretRef } from './secret-ref.ts';

export type { EndpointName, HostName, MemberName, SitePath, StackName } from './names.ts';

export interface Site {
  readonly name: string;
  /** The file as the user named it. */
  readonly file: string;
  readonly hosts: ReadonlyMap<HostName, HostSpec>;
  readonly endpoints: ReadonlyMap<EndpointName, Endpoint>;
  readonly stacks: ReadonlyMap<StackName, StackSpec>;
  readonly watch: WatchSpec;
  readonly suppressions: readonly Suppression[];
  /** Vendor files beside the site that lint checks too; none where the file names none. */
  readonly auditFiles?: readonly AuditFile[];
  /** SHA-256 of what the file says (comments, order of keys and layout do not count). */
  readonly digest: Digest;
  /** Where a value stands in the file; the nearest parent's place where the path itself is a default. */
  where(path: SitePath): Position;
}

export interface HostSpec {
  readonly name: HostName;
  /** The first address: where SSH goes. IPv4, IPv6 or a name. */
  readonly address: string;
  /** All its addresses, the first included. */
  readonly addresses: readonly string[];
  readonly transport: 'ssh' | 'local';
  readonly port: number;
  readonly user: string;
  /** Private key files, tried in order before the agent. */
  readonly identities: readonly string[];
  readonly passphrase?: SecretRef;
  readonly password?: SecretRef;
  /** How the user becomes root: already root, sudo without a password, or sudo with one. */
  readonly sudo: 'none' | 'nopasswd' | { readonly password: SecretRef };
  /** Hosts to jump through, in order, by name of this site. */
  readonly jump: readonly HostName[];
  /** OpenSSH known_hosts files to check against. */
  readonly knownHosts: readonly string[];
  /** Host key pinned in the site file, as `ssh-ed25519 AAAA…`. */
  readonly hostKey?: string;
  /** Which of these the file leaves to their defaults: there `~/.ssh/config` may say otherwise. Absent: none. */
  readonly implied?: readonly ('port' | 'user' | 'sudo' | 'identities' | 'jump' | 'knownHosts')[];
  readonly labels: Readonly<Record<string, string>>;
}

export type PolicyName = 'failover' | 'all-healthy' | 'weighted';

export interface Endpoint<C = unknown> {
  readonly name: EndpointName;
  /** The DNS name that clients use, without a final dot, where there is one. */
  readonly dnsName?: string;
  /** Addresses that clients use (a VIP), where the endpoint has its own. */
  readonly addresses: readonly string[];
  readonly driver: { readonly kind: string; readonly config: C };
  readonly policy: PolicyName;
  /** In order of preference. */
  readonly members: readonly Member[];
  /** All must be up for a member to be up. */
  readonly probes: readonly ProbeSpec[];
  readonly rise: number;
  readonly fall: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly ttlMs: number;
  /** After a change, none follows for this long, unless the active member goes down. */
  readonly holdDownMs: number;
  /** The longest outage the owner accepts; lint holds TTL and probing against it. */
  readonly failoverTargetMs: number;
  readonly failback: { readonly mode: 'auto' | 'manual'; readonly afterMs: number };
}

export interface Member {
  readonly name: MemberName;
  readonly host: HostName;
  readonly address: string;
  readonly weight: number;
}

/** One probe to run against a member. `args` has been parsed by the schema of its kind. */
export interface ProbeSpec {
  /** Unique among the endpoint's probes; shown to people: `registry`, `files` … */
  readonly name: string;
  readonly kind: string;
  readonly args: unknown;
  /** Its own deadline where the endpoint's `timeoutMs` does not fit: comparing two registries takes minutes. */
  readonly timeoutMs?: number;
}

export interface StackSpec<S = unknown> {
  readonly name: StackName;
  readonly kind: string;
  /** The endpoint in front of it, where it has one. */
  readonly endpoint?: EndpointName;
  readonly spec: S;
}

export interface WatchSpec {
  /** How many probes may be under way at once. */
  readonly concurrency: number;
}

/** A lint rule switched off in the file, with its reason. */
export interface Suppression {
  readonly rule: string;
  readonly path?: string;
  readonly because: string;
}

/** A file of the existing installation, read beside the site file and parsed: what the audit rules look at. */
import type { Position } from '../../base/position.ts';
import type { EndpointName, HostName } from '../names.ts';

export type AuditContent =
  | { readonly kind: 'zone'; readonly zone: ZoneFile }
  | { readonly kind: 'reverse-zone'; readonly zone: ZoneFile }
  | { readonly kind: 'hosts-file'; readonly hosts: HostsFile }
  | { readonly kind: 'cluster-config'; readonly cluster: ClusterConfig }
  | { readonly kind: 'resolv-conf'; readonly resolver: ResolvConf };

export type AuditFile = AuditContent & {
  /** As the site file names it. */
  readonly path: string;
  /** As positions name it: from where the site file was named. */
  readonly file: string;
  /** The host it was taken from, where the site says so. */
  readonly host?: HostName;
  /** The endpoint it concerns, where the site says so; otherwise any. */
  readonly endpoint?: EndpointName;
};

/** A value in a vendor file, with its place there. */
export interface Placed<T> {
  readonly value: T;
  readonly position: Position;
}

/** /etc/hosts: each name with its address (hosts(5)). */
export interface HostsFile {
  readonly entries: readonly HostsEntry[];
}

export interface HostsEntry {
  /** Lower case, without a final dot. */
  readonly name: string;
  readonly address: string;
  /** Of the name. */
  readonly position: Position;
}

/** /etc/resolv.conf (resolv.conf(5)), with the defaults of glibc where it is silent. */
export interface ResolvConf {
  readonly nameservers: readonly Placed<string>[];
  readonly search: readonly Placed<string>[];
  readonly ndots: Placed<number> | undefined;
  readonly timeoutMs: Placed<number> | undefined;
  readonly attempts: Placed<number> | undefined;
}

/** What an audit needs of a DCE 5.0 `clusterConfig.yaml` (apiVersion provision.daocloud.io). */
export interface ClusterConfig {
  /** `spec.bootstrapNode`: a domain (domain mode), an address or `auto` (IP mode). */
  readonly bootstrapNode: Placed<string> | undefined;
  /** `spec.imagesAndCharts.additionalSSLSubjectAltName`, split where it names several. */
  readonly additionalNames: Placed<readonly string[]> | undefined;
  /** Places of passwords that stand in the file itself. Never their values. */
  readonly plainPasswords: readonly Placed<string>[];
}

/** A zone in the text form of RFC 1035 §5, as far as an audit needs it. */
export interface ZoneFile {
  /** The zone's name, lower case, without a final dot. */
  readonly origin: string;
  readonly records: readonly ZoneRecord[];
}

export interface ZoneRecord {
  /** Full owner name, lower case, without a final dot. */
  readonly name: string;
  readonly type: string;
  readonly ttlMs: number;
  /** Where the TTL stands: at the record or in `$TTL`. */
  readonly ttlAt: Position;
  /** The words after the type; names in them are full, lower case, without a final dot. */
  readonly data: readonly string[];
  /** Of the owner where it is written, otherwise of the type. */
  readonly position: Position;
  /** Of each word of `data`. */
  readonly dataAt: readonly Position[];
}

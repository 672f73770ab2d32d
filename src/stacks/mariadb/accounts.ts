/** The accounts of a pair, each with no more rights than it needs. Pure. */
import type { SecretRef } from '../../site/secret-ref.ts';
import { isOlder, type Version } from './facts.ts';
import type { Pair } from './pair.ts';
import type { MariadbSpec } from './schema.ts';

export interface Account {
  readonly user: string;
  /** As MariaDB matches it: an address, or `network/netmask`. */
  readonly host: string;
  readonly password: SecretRef;
  /** Whether it must come over TLS. */
  readonly tls: boolean;
  readonly grants: readonly Grant[];
}

export interface Grant {
  readonly privileges: readonly string[];
  /** `*.*` or `database.*`; with backquotes where needed, `_` in them with a backslash. */
  readonly on: string;
}

/** All that a platform does with its databases; without SUPER and READ ONLY ADMIN, which would write on a fenced host. */
const PLATFORM = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'DROP',
  'REFERENCES',
  'INDEX',
  'ALTER',
  'CREATE TEMPORARY TABLES',
  'LOCK TABLES',
  'EXECUTE',
  'CREATE VIEW',
  'SHOW VIEW',
  'CREATE ROUTINE',
  'ALTER ROUTINE',
  'EVENT',
  'TRIGGER',
  'SHOW DATABASES',
] as const;

/**
 * Replication: each node from the other's address only. PROCESS shows whether a commit waits for an acknowledgement,
 * which the standby's proof of being level needs. The monitor sees states, and of data who led when and what it compares.
 */
export function accountsOf(spec: MariadbSpec, { nodes }: Pair, version: Version | undefined): Account[] {
  const { replication, platform, monitor } = spec;
  const replicas = nodes.map(
    ({ member }): Account => ({
      user: replication.user,
      host: member.address,
      password: replication.password,
      tls: true,
      grants: [
        { privileges: ['REPLICATION SLAVE', 'PROCESS'], on: '*.*' },
        { privileges: ['SELECT'], on: 'holdfast.*' },
      ],
    }),
  );
  const platforms = (platform?.networks ?? []).map(
    (network): Account => ({
      user: platform!.user,
      host: hostPattern(network),
      password: platform!.password,
      tls: false,
      grants: [{ privileges: PLATFORM, on: '*.*' }],
    }),
  );
  const monitors = (monitor?.networks ?? []).map(
    (network): Account => ({
      user: monitor!.user,
      host: hostPattern(network),
      password: monitor!.password,
      tls: false,
      grants: [
        { privileges: [isOlder(version, 10, 5) ? 'REPLICATION CLIENT' : 'SLAVE MONITOR'], on: '*.*' },
        { privileges: ['SELECT'], on: 'holdfast.*' },
        ...databasesOf(monitor!.checksums).map((on): Grant => ({ privileges: ['SELECT'], on })),
      ],
    }),
  );
  return [...replicas, ...platforms, ...monitors];
}

/** `my_shop.orders` → `` `my\_shop`.* ``: a whole database, because a table that is not there yet cannot be granted. */
function databasesOf(tables: readonly string[]): string[] {
  const names = new Set(tables.map((table) => table.split('.')[0] as string));
  return [...names].map((name) => `\`${name.replaceAll('_', '\\_')}\`.*`);
}

/** `10.0.0.0/24` → `10.0.0.0/255.255.255.0`, as MariaDB writes networks; one address stays. */
export function hostPattern(network: string): string {
  const [address = '', bits] = network.split('/');
  if (bits === undefined || bits === '32') return address;
  const mask = Number(bits) === 0 ? 0 : (0xffffffff << (32 - Number(bits))) >>> 0;
  const quad = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return `${quad((number & mask) >>> 0)}/${quad(mask)}`;
}

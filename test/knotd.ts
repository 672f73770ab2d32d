/** A real Knot DNS on a loopback port of its own, with zones and a TSIG key in a folder of its own. */
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, startDaemonIn } from './daemon.ts';
import { freeDnsPort } from './loopback.ts';
import type { TestKey } from './named.ts';

const KNOTD = '/usr/sbin/knotd';

/** Why tests with a real Knot must be skipped here, or undefined. */
export const knotdMissing: string | undefined = existsSync(KNOTD)
  ? undefined
  : 'no /usr/sbin/knotd here (Debian package knot)';

export interface KnotdOptions {
  readonly key: TestKey;
  /** Zones it is primary of, updated by the key. */
  readonly zones?: readonly { readonly zone: string; readonly text: string }[];
  /** Zones it takes from a primary on loopback, with the key. */
  readonly secondaryOf?: {
    readonly address: string;
    readonly port: number;
    readonly zones: readonly string[];
  };
  /** Default: a free one. */
  readonly port?: number;
}

export interface TestKnotd extends Daemon {
  readonly address: string;
  readonly port: number;
}

/** Starts it and waits until it answers for its zones. */
export async function startKnotd(o: KnotdOptions): Promise<TestKnotd> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-knotd-'));
  const port = o.port ?? (await freeDnsPort());
  for (const name of ['zones', 'db', 'run']) mkdirSync(join(folder, name));
  for (const { zone, text } of o.zones ?? []) writeFileSync(join(folder, 'zones', `${zone}.zone`), text);
  const config = join(folder, 'knot.conf');
  writeFileSync(config, configText(o, folder, port), { mode: 0o600 });
  const daemon = await startDaemonIn(folder, KNOTD, ['-c', config], /server started/);
  return { ...daemon, address: '127.0.0.1', port };
}

function configText({ key, zones = [], secondaryOf }: KnotdOptions, folder: string, port: number): string {
  const primaries = zones.map(({ zone }) => `  - domain: ${zone}\n    acl: by-key`);
  const secondaries = (secondaryOf?.zones ?? []).map(
    (zone) => `  - domain: ${zone}\n    master: primary\n    acl: notified`,
  );
  return `server:
    rundir: "${folder}/run"
    listen: 127.0.0.1@${port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stdout
    any: info
database:
    storage: "${folder}/db"
key:
  - id: ${key.name}
    algorithm: ${key.algorithm}
    secret: ${key.secret}
remote:
  - id: primary
    address: ${secondaryOf?.address ?? '127.0.0.1'}@${secondaryOf?.port ?? 53}
    key: ${key.name}
acl:
  - id: by-key
    key: ${key.name}
    action: [update, transfer]
  - id: notified
    address: 127.0.0.1
    key: ${key.name}
    action: notify
template:
  - id: default
    storage: "${folder}/zones"
    file: "%s.zone"
    zonefile-sync: -1
    journal-content: changes
zone:
${[...primaries, ...secondaries].join('\n')}
`;
}

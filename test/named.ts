/**
 * A real BIND on a loopback port of its own, with zones, keys and a control channel in a folder of its own.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TsigKey } from '../src/dns/tsig.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { freeDnsPort } from './loopback.ts';

const NAMED = '/usr/sbin/named';

/** Why tests with a real BIND must be skipped here, or undefined. */
export const namedMissing: string | undefined = [NAMED, '/usr/sbin/rndc', '/usr/bin/named-checkzone'].every(
  (path) => existsSync(path),
)
  ? undefined
  : 'no named, rndc and named-checkzone here (Debian packages bind9, bind9-utils)';

export interface TestZone {
  readonly zone: string;
  readonly text: string;
  /** More statements of its zone block, e.g. `allow-update { key k; };` */
  readonly statements?: string;
}

export interface TestKey {
  readonly name: string;
  readonly algorithm: 'hmac-sha256' | 'hmac-sha512' | 'hmac-md5';
  /** base64 */
  readonly secret: string;
}

export interface NamedOptions {
  readonly zones: readonly TestZone[];
  readonly keys?: readonly TestKey[];
  /** More statements of the options block. */
  readonly options?: string;
  /** Default 127.0.0.1; the other that BIND can take is ::1. */
  readonly address?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Zones it takes from a primary, with a key of `keys`. */
  readonly secondaryOf?: {
    readonly address: string;
    readonly port: number;
    readonly key: string;
    readonly zones: readonly string[];
  };
}

export interface TestNamed extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly folder: string;
  /** `rndc` with its configuration: a prefix of commands. */
  readonly rndcCommand: string;
  readonly configFile: string;
  zoneFile(zone: string): string;
  rndc(...args: readonly string[]): string;
  log(): string;
  /** SIGKILL, without a word to the journal. */
  kill(): Promise<void>;
  /** After a kill: again, with the same folder. */
  restart(): Promise<void>;
}

/** A key as `tsig-keygen` makes it. */
export function makeTsigKey(
  name = 'holdfast-test',
  algorithm: TestKey['algorithm'] = 'hmac-sha256',
): TestKey {
  return { name, algorithm, secret: randomBytes(32).toString('base64') };
}

/** A key of ours as a server's configuration has it. */
export function keyOf({ name, algorithm, secret }: TsigKey): TestKey {
  return { name, algorithm: algorithm as TestKey['algorithm'], secret: secret.reveal() };
}

/** Starts it and waits until its zones are loaded. A port that another process took meanwhile is given up for the next. */
export async function startNamed(o: NamedOptions): Promise<TestNamed> {
  for (let attempt = 1; ; attempt++) {
    const named = await startOnce(o);
    if (!/address in use/.test(named.log())) return named;
    await named[Symbol.asyncDispose]();
    if (attempt === 3) throw new Error(`named found no free port:\n${named.log()}`);
  }
}

async function startOnce(o: NamedOptions): Promise<TestNamed> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-named-'));
  const address = o.address ?? '127.0.0.1';
  const port = o.port ?? (await freeDnsPort(address));
  const controlPort = await freeDnsPort(address);
  const zoneFile = (zone: string): string => join(folder, `${zone}.zone`);
  for (const { zone, text } of o.zones) writeFileSync(zoneFile(zone), text);
  const rndcKey = makeTsigKey('rndc');
  const configFile = join(folder, 'named.conf');
  const rndcConfig = join(folder, 'rndc.conf');
  writeFileSync(join(folder, 'keys.conf'), [rndcKey, ...(o.keys ?? [])].map(keyText).join(''), {
    mode: 0o600,
  });
  writeFileSync(configFile, configText(o, { folder, address, port, controlPort, zoneFile }));
  const server = `default-server ${address}; default-port ${controlPort};`;
  writeFileSync(rndcConfig, `${keyText(rndcKey)}options { default-key "rndc"; ${server} };\n`, {
    mode: 0o600,
  });
  const launch = (): Promise<Daemon> => startDaemon(NAMED, ['-g', '-n', '1', '-c', configFile], / running\n/);
  let daemon = await launch();
  return {
    address,
    port,
    folder,
    configFile,
    rndcCommand: `rndc -c ${rndcConfig}`,
    zoneFile,
    rndc: (...args) => execFileSync('rndc', ['-c', rndcConfig, ...args], { encoding: 'utf8', stdio: 'pipe' }),
    log: () => daemon.log(),
    kill: () => daemon.kill(),
    async restart() {
      daemon = await launch();
    },
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configText(
  o: NamedOptions,
  at: {
    folder: string;
    address: string;
    port: number;
    controlPort: number;
    zoneFile(zone: string): string;
  },
): string {
  const isV6 = at.address.includes(':');
  return [
    `include "${at.folder}/keys.conf";`,
    'options {',
    `  directory "${at.folder}"; pid-file "${at.folder}/named.pid"; session-keyfile none; lock-file none;`,
    `  managed-keys-directory "${at.folder}"; dnssec-validation no; recursion no; notify no;`,
    `  listen-on port ${at.port} { ${isV6 ? 'none' : at.address}; };`,
    `  listen-on-v6 port ${at.port} { ${isV6 ? at.address : 'none'}; };`,
    `  ${o.options ?? ''}`,
    '};',
    `controls { inet ${at.address} port ${at.controlPort} allow { any; } keys { "rndc"; }; };`,
    ...o.zones.map(
      ({ zone, statements }) =>
        `zone "${zone}" IN { type primary; file "${at.zoneFile(zone)}"; ${statements ?? ''} };`,
    ),
    ...secondaryZones(o),
    '',
  ].join('\n');
}

function secondaryZones({ secondaryOf }: NamedOptions): string[] {
  if (secondaryOf === undefined) return [];
  const { address, port, key, zones } = secondaryOf;
  const primaries = `primaries { ${address} port ${port} key "${key}"; };`;
  const told = `allow-notify { key ${key}; };`;
  return zones.map((zone) => `zone "${zone}" IN { type secondary; ${primaries} ${told} };`);
}

function keyText(key: TestKey): string {
  return `key "${key.name}" { algorithm ${key.algorithm}; secret "${key.secret}"; };\n`;
}

/** A real gdnsd with one name that fails over from a primary to a secondary, at the fastest it can be set to. */
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, startDaemonIn } from './daemon.ts';
import { freeDnsPort } from './loopback.ts';

const GDNSD = '/usr/sbin/gdnsd';

/** Why gdnsd cannot be run here, or undefined. */
export const gdnsdMissing: string | undefined = existsSync(GDNSD)
  ? undefined
  : 'no /usr/sbin/gdnsd here (Debian package gdnsd)';

export interface FailoverName {
  readonly zone: string;
  /** In the zone, without it: `www`. */
  readonly label: string;
  /** Where both addresses serve HTTP. */
  readonly port: number;
  readonly path: string;
  readonly primary: string;
  readonly secondary: string;
}

export interface TestGdnsd extends Daemon {
  readonly address: string;
  readonly port: number;
}

/** Starts it with one thread and a zone. @param more sections of its configuration, after `options` */
export async function startGdnsd(o: { zone: string; text: string }, more = ''): Promise<TestGdnsd> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-gdnsd-'));
  const port = await freeDnsPort();
  for (const name of ['zones', 'run', 'state']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'config'), configText(folder, port) + more);
  writeFileSync(join(folder, 'zones', o.zone), o.text);
  const daemon = await startDaemonIn(folder, GDNSD, ['-c', folder, 'start'], /DNS listeners started/);
  return { ...daemon, address: '127.0.0.1', port };
}

/**
 * Starts it with a name that fails over. gdnsd 3.8.1 takes no interval under 2 s (its man page says 1), no timeout under
 * 1 s; one failure is enough to be down, one success to be up; TTL 1 s.
 */
export function startFailoverGdnsd(o: FailoverName): Promise<TestGdnsd> {
  const text = `@ 60 SOA ns hostmaster 1 60 60 60 5\n@ 60 NS ns\nns 60 A 127.0.0.1\n${o.label} 1/1 DYNA simplefo!pair\n`;
  return startGdnsd({ zone: o.zone, text }, failoverText(o));
}

function configText(folder: string, port: number): string {
  return `options => {
  listen => 127.0.0.1:${port}
  udp_threads => 1
  tcp_threads => 1
  min_ttl => 1
  run_dir => ${folder}/run
  state_dir => ${folder}/state
}
`;
}

function failoverText(o: FailoverName): string {
  return `service_types => {
  web => {
    plugin => http_status
    port => ${o.port}
    url_path => ${o.path}
    interval => 2
    timeout => 1
    up_thresh => 1
    ok_thresh => 1
    down_thresh => 1
  }
}
plugins => {
  simplefo => {
    service_types => [ web ]
    pair => { primary => ${o.primary}, secondary => ${o.secondary} }
  }
}
`;
}

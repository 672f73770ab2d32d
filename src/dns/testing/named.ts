import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TsigKey } from '../tsig.ts';
import { type Daemon, daemonFolder, freePort, startDaemon } from './daemon.ts';

export const NAMED = '/usr/sbin/named';
/** Whether BIND is on this machine. */
export const hasNamed = existsSync(NAMED);

/** Starts BIND with one zone. @param options lines for the zone's block, e.g. `allow-update { key k; };` */
export async function startNamed(o: {
  zone: string;
  /** A free one unless given. */
  port?: number;
  /** The zone file; none for a secondary. */
  file?: string;
  options: string;
  keys?: readonly TsigKey[];
  global?: string;
}): Promise<Daemon> {
  const folder = await daemonFolder('named');
  const port = o.port ?? (await freePort());
  const keys = (o.keys ?? []).map(
    (key) => `key "${key.name}" { algorithm ${key.algorithm}; secret "${key.secret.reveal()}"; };`,
  );
  const config = `
    options {
      directory "${folder}"; pid-file none; session-keyfile none; lock-file none;
      listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
      recursion no; dnssec-validation no; notify no; minimal-responses yes;
      ${o.global ?? ''}
    };
    controls { };
    ${keys.join('\n')}
    zone "${o.zone}" { ${o.options} file "zone"; };`;
  await writeFile(join(folder, 'named.conf'), config);
  if (o.file !== undefined) await writeFile(join(folder, 'zone'), o.file);
  const args = ['-g', '-n', '1', '-c', join(folder, 'named.conf')];
  return startDaemon({ command: NAMED, args, folder, port, zone: o.zone });
}

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TsigKey } from '../tsig.ts';
import { type Daemon, daemonFolder, freePort, startDaemon } from './daemon.ts';

export const KNOTD = '/usr/sbin/knotd';
/** Whether Knot DNS is on this machine. */
export const hasKnotd = existsSync(KNOTD);

/** Starts Knot DNS with one zone. @param options lines for the zone, indented by 4, e.g. `    acl: a` */
export async function startKnotd(o: {
  zone: string;
  /** A free one unless given. */
  port?: number;
  file?: string;
  key: TsigKey;
  /** Sections before `zone:`, e.g. `remote:` and `acl:` */
  sections: string;
  options: string;
}): Promise<Daemon> {
  const folder = await daemonFolder('knotd');
  const port = o.port ?? (await freePort());
  await mkdir(join(folder, 'zones'));
  await mkdir(join(folder, 'db'));
  const config = `
server:
    rundir: "${folder}"
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
  - id: ${o.key.name}
    algorithm: ${o.key.algorithm}
    secret: ${o.key.secret.reveal()}
${o.sections}
zone:
  - domain: ${o.zone}
    storage: "${folder}/zones"
    file: zone
    zonefile-sync: 0
${o.options}
`;
  await writeFile(join(folder, 'knot.conf'), config);
  if (o.file !== undefined) await writeFile(join(folder, 'zones', 'zone'), o.file);
  return startDaemon({ command: KNOTD, args: ['-c', join(folder, 'knot.conf')], folder, port, zone: o.zone });
}

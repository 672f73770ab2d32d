import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Daemon, daemonFolder, freePort, startDaemon } from './daemon.ts';

export const GDNSD = '/usr/sbin/gdnsd';
/** Whether gdnsd is on this machine. */
export const hasGdnsd = existsSync(GDNSD);

/** Starts gdnsd with one zone and one UDP thread. */
export async function startGdnsd(o: { zone: string; file: string }): Promise<Daemon> {
  const folder = await daemonFolder('gdnsd');
  const port = await freePort();
  for (const name of ['zones', 'run', 'state']) await mkdir(join(folder, name));
  const config = `options => {
    listen => 127.0.0.1:${port}
    udp_threads => 1
    tcp_threads => 1
    run_dir => ${folder}/run
    state_dir => ${folder}/state
  }\n`;
  await writeFile(join(folder, 'config'), config);
  await writeFile(join(folder, 'zones', o.zone), o.file);
  return startDaemon({ command: GDNSD, args: ['-c', folder, 'start'], folder, port, zone: o.zone });
}

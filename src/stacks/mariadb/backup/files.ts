/** The files of backups on one node. Pure. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quote } from '../../../hosts/shell.ts';
import type { Node, Pair } from '../pair.ts';
import { type BackupSpec, timerLines } from './schema.ts';

/** Names of the units: the timer, and what it starts. */
export function backupUnits({ paths }: Pair): { readonly timer: string; readonly service: string } {
  const name = paths.unit.replace(/\.service$/, '-backup');
  return { timer: `${name}.timer`, service: `${name}.service` };
}

/** The script, the same on every host; what differs is in `backup-settings`. */
export function backupScript(): string {
  return readFileSync(join(import.meta.dirname, '../agent/backup.sh'), 'utf8');
}

/** What the script reads first. Holds no secret. */
export function backupSettings(spec: BackupSpec, { paths }: Pair, node: Node): string {
  const settings = {
    me: node.member.name,
    home: `${spec.folder}/${paths.hooks.slug}`,
    keep: spec.keep,
    keep_s: Math.round((spec.keepFor ?? 0) / 1_000),
    run: paths.run,
    state: paths.state,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quote(String(value))}`);
  return `# Written by Holdfast.\n${lines.join('\n')}\n`;
}

/** A backup gives way to what clients want of disk and processor. */
export function backupService({ endpoint, paths }: Pair): string {
  return `# Written by Holdfast.
[Unit]
Description=Holdfast: backup of the MariaDB pair behind ${endpoint.name}
After=mariadb.service

[Service]
Type=oneshot
ExecStart=${paths.etc}/backup run
Nice=10
IOSchedulingClass=best-effort
IOSchedulingPriority=7
NoNewPrivileges=yes
PrivateTmp=yes
`;
}

export function backupTimer({ endpoint }: Pair, spec: BackupSpec): string {
  return `# Written by Holdfast.
[Unit]
Description=Holdfast: when the MariaDB pair behind ${endpoint.name} is backed up

[Timer]
${timerLines(spec).join('\n')}

[Install]
WantedBy=timers.target
`;
}

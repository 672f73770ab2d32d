/** The steps of backups: script, settings and timer on both hosts; at the end the first backup. Pure. */
import type { Facts } from '../../../hosts/fact.ts';
import type { MakeStep } from '../make-step.ts';
import type { Node, Pair } from '../pair.ts';
import { backupsOn } from './fact.ts';
import { backupScript, backupService, backupSettings, backupTimer, backupUnits } from './files.ts';
import { backupReasons as reasons } from './reasons.ts';
import type { BackupSpec } from './schema.ts';

/** The last steps of a build: both nodes, then the first backup, on the standby. */
export function planBackups(
  make: MakeStep,
  spec: BackupSpec,
  pair: Pair,
  [standby, leader]: readonly [Node, Node],
): void {
  for (const node of [standby, leader]) planNode(make, spec, pair, node);
  const args = { etc: pair.paths.etc, other: leader.member.host, unit: backupUnits(pair).service };
  make('first-backup', 'mariadb-first-backup', standby, reasons.of('mariadb-backup/first'), args, ['backup']);
}

/** Taken out of the file: the timers stop; the backups there are stay. */
export function planNoBackups(make: MakeStep, pair: Pair, nodes: readonly Node[], facts: Facts): void {
  const { timer } = backupUnits(pair);
  for (const node of nodes) {
    if (facts.get(backupsOn(node.member.host, pair.paths.etc))?.isSetUp !== true) continue;
    const args = { unit: timer, wanted: 'stopped', enabled: false, steadyMs: 1_000, timeoutMs: 60_000 };
    make('no-backup', 'service', node, reasons.of('mariadb-backup/none-wanted'), args);
  }
}

function planNode(make: MakeStep, spec: BackupSpec, pair: Pair, node: Node): void {
  const { etc } = pair.paths;
  const { timer, service } = backupUnits(pair);
  const why = reasons.of('mariadb-backup/units');
  const file = (path: string, content: string, mode = '0644') => ({
    path,
    content,
    mode,
    owner: 'root',
    group: 'root',
  });
  const files = [
    file(`${etc}/backup`, backupScript(), '0755'),
    file(`${etc}/backup-settings`, backupSettings(spec, pair, node)),
    file(`/etc/systemd/system/${service}`, backupService(pair)),
    file(`/etc/systemd/system/${timer}`, backupTimer(pair, spec)),
  ];
  const limits = { steadyMs: 1_000, timeoutMs: 60_000 };
  make('backup', 'service-config', node, why, { unit: timer, files, watch: [], how: 'restart', ...limits }, [
    'backup',
  ]);
  make('backup-runs', 'service', node, why, { unit: timer, wanted: 'running', enabled: true, ...limits }, [
    'backup',
  ]);
}

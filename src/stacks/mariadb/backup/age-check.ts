/** What `verify` says of the backups of a pair: how old the newest good one is, wherever it lies. Pure. */
import { formatDuration } from '../../../base/duration.ts';
import type { Reason } from '../../../base/reason.ts';
import type { Facts } from '../../../hosts/fact.ts';
import type { HostCheck } from '../../stack.ts';
import type { Pair } from '../pair.ts';
import { type Backups, backupsOn } from './fact.ts';
import { backupUnits } from './files.ts';
import { backupReasons as reasons } from './reasons.ts';
import { type BackupSpec, oldestMs } from './schema.ts';

/** One line, about the host that has the newest; the first of the pair where nobody has one. */
export function checkAge(spec: BackupSpec, pair: Pair, facts: Facts): HostCheck {
  const { etc } = pair.paths;
  const hosts = pair.nodes.map(({ member: { host } }) => ({ host, found: facts.get(backupsOn(host, etc)) }));
  const warnings = hosts.flatMap(({ host, found }) => warningsOf(host, found, facts));
  const newest = hosts
    .flatMap(({ host, found }) => {
      const last = found?.whole.at(-1);
      return found === undefined || last === undefined
        ? []
        : [{ host, last, ageMs: Math.max(0, found.nowMs - last.beganMs) }];
    })
    .sort((a, b) => a.ageMs - b.ageMs)[0];
  const oldest = formatDuration(oldestMs(spec));
  const look = reasons.of('mariadb-backup/look', {
    unit: backupUnits(pair).service,
    script: `${etc}/backup`,
  });
  const about = {
    check: 'backup',
    asked: `backups below ${spec.folder} on both hosts`,
    expected: `a good one, at most ${oldest} old`,
  };
  if (newest === undefined) {
    const because = reasons.of('mariadb-backup/none');
    const { host } = pair.nodes[0].member;
    return { ...about, host, ok: false, got: 'none', because, warnings: [...warnings, look] };
  }
  const { host, last, ageMs } = newest;
  const params = { host, age: roughly(ageMs) };
  const got = `${last.id} at ${last.gtid}, ${params.age} old, ${last.bytes} bytes, took ${formatDuration(last.tookMs)}`;
  if (ageMs <= oldestMs(spec))
    return { ...about, host, ok: true, got, because: reasons.of('mariadb-backup/young', params), warnings };
  const because = reasons.of('mariadb-backup/old', { ...params, oldest });
  return { ...about, host, ok: false, got, because, warnings: [...warnings, look] };
}

function warningsOf(host: string, found: Backups | undefined, facts: Facts): Reason[] {
  if (found === undefined) {
    const detail = facts.unreachable.get(host) ?? 'no answer';
    return [reasons.of('mariadb-backup/not-asked', { host, detail })];
  }
  if (found.failed === undefined) return [];
  const { atMs, said } = found.failed;
  return [reasons.of('mariadb-backup/failed', { host, age: roughly(found.nowMs - atMs), said })];
}

/** Whole minutes: nobody wants the seconds of hours. */
function roughly(ageMs: number): string {
  const unitMs = ageMs < 60_000 ? 1_000 : 60_000;
  return formatDuration(Math.max(1, Math.round(ageMs / unitMs)) * unitMs);
}

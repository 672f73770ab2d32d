/**
 * What a standby held before it is seeded is kept, because an old primary may hold what nobody else has. The file
 * `seeding` in the state folder says that a copy is not whole; once it says `replaced`, what is there is a part of the
 * primary's own data, of which nothing need be kept.
 */
import { type Command, script, sh } from '../../../hosts/shell.ts';

/** Sets `c`, `d` and `here`: client, dump and the option that lets root in. @param etc the folder of `PairPaths` */
export function clients(etc: string): Command {
  return sh`c=$(command -v mariadb || command -v mysql); d=$(command -v mariadb-dump || command -v mysqldump)
here=--defaults-file=${etc}/local.cnf
foreign="SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('information_schema','performance_schema','mysql','sys') AND SCHEMA_NAME NOT LIKE '#mysql50#%'"
is_worth_keeping() { [ "$(cat seeding 2>/dev/null)" != replaced ] && "$c" "$here" -N -B -e "$foreign" | grep -qvxE 'test|holdfast'; }`;
}

/** After `clients`, in the state folder: a dump beside it. */
export const keptAsDump: Command = script(`if is_worth_keeping; then
  kept=before-seed-$(date -u +%Y%m%dT%H%M%SZ).sql
  "$d" "$here" --all-databases --single-transaction --routines --events --triggers >"$kept" 2>seed.log
  gzip -f "$kept" && sync
fi`);

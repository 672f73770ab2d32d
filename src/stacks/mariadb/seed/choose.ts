/** Whether a standby can be seeded by mariadb-backup: a copy of files wants two servers that read the same files. */
import type { StepContext } from '../../../engine/step.ts';
import { asRoot } from '../../../engine/steps/parts/run.ts';
import type { Connection } from '../../../hosts/host.ts';
import { sh } from '../../../hosts/shell.ts';

export interface FilesView {
  /** `10.11` */
  readonly series: string;
  readonly hasTool: boolean;
  readonly dataFolder: string;
  /** What both must have the same: page size, data file path … */
  readonly format: string;
  /** Whether commits wait for a standby that does not answer: a backup's last stage would wait for them. */
  readonly isStuck: boolean;
  /** Whether all that InnoDB and Aria keep lies below the data folder, whose path has no blanks and the like. */
  readonly isInOnePlace: boolean;
}

const STUCK_MS = 5_000;
const QUESTION = `SELECT SUBSTRING_INDEX(VERSION(), '.', 2), @@datadir,
CONCAT_WS(' ', @@innodb_page_size, @@innodb_data_file_path, @@innodb_undo_tablespaces, @@lower_case_table_names),
CONCAT_WS(' ', COALESCE(NULLIF(@@innodb_data_home_dir, ''), './'), @@innodb_log_group_home_dir, COALESCE(@@innodb_undo_directory, './'), @@aria_log_dir_path),
(SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for semi-sync ACK%' AND TIME_MS > ${STUCK_MS})`;

/** What of it is found on a host whose server runs; undefined where it does not answer. @param etc the folder of `PairPaths` */
export async function lookAtFiles(
  ctx: StepContext,
  host: Connection,
  etc: string,
): Promise<FilesView | undefined> {
  const command = sh`command -v mariadb-backup >/dev/null 2>&1 && command -v mbstream >/dev/null 2>&1 && echo tool || echo none
$(command -v mariadb || command -v mysql) --defaults-file=${`${etc}/local.cnf`} -N -B -e ${QUESTION} 2>/dev/null || exit 0
d=$($(command -v mariadb || command -v mysql) --defaults-file=${`${etc}/local.cnf`} -N -B -e 'SELECT @@datadir') && find "$d" -name '*.isl' 2>/dev/null | head -n 1`;
  const { stdout } = await asRoot({ ...ctx, host }, command);
  const [tool, row = '', elsewhere = ''] = stdout.split('\n');
  const [series, folder, format, places, waiting] = row.split('\t');
  if (series === undefined || folder === undefined || format === undefined || places === undefined)
    return undefined;
  const dataFolder = folder.replace(/\/+$/, '');
  const inside = (path: string): boolean => /^\.?\/?$/.test(path) || path.replace(/\/+$/, '') === dataFolder;
  const isPlain = /^(\/[A-Za-z0-9_.-]+)+$/.test(dataFolder);
  const isInOnePlace = isPlain && elsewhere === '' && places.split(' ').every(inside);
  return { series, hasTool: tool === 'tool', dataFolder, format, isStuck: waiting !== '0', isInOnePlace };
}

/** Why not by mariadb-backup, for a person; undefined where nothing speaks against it. Pure. */
export function whyNotByBackup(
  primary: FilesView & { readonly host: string },
  standby: FilesView & { readonly host: string },
): string | undefined {
  const without = [primary, standby].find(({ hasTool }) => !hasTool);
  if (without !== undefined) return `mariadb-backup is not installed on ${without.host}`;
  if (primary.series !== standby.series)
    return `${primary.host} has MariaDB ${primary.series}, ${standby.host} ${standby.series}`;
  if (primary.format !== standby.format)
    return `their data files differ in form: '${primary.format}' and '${standby.format}'`;
  if (primary.isStuck) return `commits on ${primary.host} wait for a standby that does not answer`;
  const scattered = [primary, standby].find(({ isInOnePlace }) => !isInOnePlace);
  if (scattered !== undefined)
    return `the data of ${scattered.host} does not lie in one folder with a plain path`;
  return undefined;
}

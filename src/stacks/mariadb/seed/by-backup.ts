/**
 * Seeding by mariadb-backup: the primary's files, streamed through Holdfast's own connections, so that the two hosts need
 * no open port and no key for it. Writers wait for the last stage only (BACKUP STAGE BLOCK_COMMIT, less than
 * a second); DDL waits for the time in which small files are copied (BLOCK_DDL).
 *
 * The files are put together beside the data folder and made consistent there; the standby serves until then. The swap is
 * a script on the host that can be cut anywhere and begun again, and that runs by itself before the server starts:
 * a host that loses its power in the middle of it comes back with one whole data folder. The old one stays beside it.
 */
import type { StepContext } from '../../../engine/step.ts';
import { byteProgress } from '../../../engine/steps/parts/byte-progress.ts';
import { pipe } from '../../../engine/steps/parts/pipe.ts';
import { order } from '../../../engine/steps/parts/run.ts';
import { type Command, script, sh } from '../../../hosts/shell.ts';
import { MariadbError } from '../error.ts';
import type { SeedArgs } from './args.ts';
import { clients, keptAsDump } from './keep.ts';
import { SWAP_FOLDERS, SWAP_INSIDE } from './swap.ts';

/** Has the server finish a swap that was cut before it starts; there only while one is under way. */
export const SWAP_UNIT = '/etc/systemd/system/mariadb.service.d/holdfast-swap.conf';

/** Beside what a server of any size needs to write while it is prepared. */
const RESERVE_BYTES = 256 * 1024 * 1024;
/** The last stage waits for the thread that copies the log (--log-copy-interval: each second), and commits with it. */
const LOG_COPY_MS = 20;

/** @param folders the data folders, without a slash at their end */
export async function seedByBackup(
  ctx: StepContext,
  args: SeedArgs,
  folders: { readonly primary: string; readonly standby: string },
): Promise<void> {
  const primary = await ctx.connect(args.from);
  const log = `${args.state}/seed.log`;
  const hint = `See ${log} on ${args.from} and on ${ctx.host.host}; \`holdfast resume\` begins the copy again.`;
  const totalBytes = await sizeOf({ ...ctx, host: primary }, folders.primary);
  const staging = await makeStaging(ctx, folders.standby, totalBytes);
  const progress = byteProgress(ctx, totalBytes);
  await pipe(
    ctx,
    {
      host: primary,
      command: sh`umask 077
mariadb-backup --defaults-file=${`${args.etc}/local.cnf`} --backup --stream=xbstream --log-copy-interval=${LOG_COPY_MS} --target-dir=${`${args.state}/seed.tmp`} 2>${log} || { tail -n 1 ${log} >&2; exit 1; }`,
      what: `read the files of ${args.from}`,
      hint,
    },
    { host: ctx.host, command: sh`umask 077; exec mbstream -x -C ${staging}`, what: 'write the files', hint },
    { timeoutMs: args.timeoutMs, onBytes: (count) => progress.add(count) },
  );
  progress.end();
  const prepare = { what: 'make the files consistent', hint, timeoutMs: args.timeoutMs };
  await order(ctx, prepareCommand(args, folders.standby, staging), prepare);
  const swap = { what: 'put the new files in place', hint, timeoutMs: args.timeoutMs };
  await order(ctx, swapCommand(args, folders.standby, staging), swap);
}

/** Of what a backup takes: all but logs that it does not need. */
async function sizeOf(ctx: StepContext, folder: string): Promise<number> {
  const command = sh`du -sk --apparent-size --exclude=*-bin.[0-9]* --exclude=ib_logfile* --exclude=ibtmp* ${folder}`;
  const hint = `Look at ${folder} on the host.`;
  const { stdout } = await order(ctx, command, { what: 'measure the data', hint });
  return Number.parseInt(stdout, 10) * 1_024;
}

/**
 * An empty folder on the file system of the data: beside it, or inside where the data folder is a file system itself.
 * @throws MariadbError `mariadb/no-space`
 */
async function makeStaging(ctx: StepContext, data: string, needBytes: number): Promise<string> {
  const command = sh`set -e; umask 077; data=${data}; up=\${data%/*}
if [ "$(stat -c %d "$data")" = "$(stat -c %d "\${up:-/}")" ]; then staging=$up/.\${data##*/}.holdfast-seed; else staging=$data/.holdfast-seed; fi
rm -rf "$staging"; mkdir "$staging"
echo "$staging"; df -Pk "$staging" | tail -n 1`;
  const hint = `Look at ${data} on the host.`;
  const { stdout } = await order(ctx, command, { what: 'make a folder for the new files', hint });
  const [staging = '', space = ''] = stdout.split('\n');
  const freeBytes = Number(space.trim().split(/\s+/).at(-3)) * 1_024;
  if (freeBytes >= needBytes + RESERVE_BYTES) return staging;
  throw new MariadbError({
    code: 'mariadb/no-space',
    message: `there is no room for a second copy beside ${data}`,
    where: { host: ctx.host.host },
    expected: `${needBytes + RESERVE_BYTES} bytes free`,
    got: `${freeBytes}`,
    hint: `Remove older ${data}-before-seed-… folders that nobody needs any more, make the file system larger, or say \`seed: dump\`.`,
  });
}

/**
 * Applies the log to the files (the stream was whole only where its last file is there), and gives them the owner, mode
 * and labels of the old ones. Debian's flag of the version and the mark of mysql_upgrade are no part of a backup.
 */
function prepareCommand({ state }: SeedArgs, data: string, staging: string): Command {
  const log = `${state}/seed.log`;
  return sh`set -e
cd ${staging}
[ -e xtrabackup_info ] || [ -e mariadb_backup_info ] || { echo 'the stream of files was not whole' >&2; exit 1; }
mariadb-backup --prepare --target-dir=. >${log} 2>&1 || { tail -n 1 ${log} >&2; exit 1; }
for f in ${data}/debian-*.flag ${data}/*_upgrade_info; do [ ! -e "$f" ] || cp -p "$f" .; done
chown -R --reference=${data} .
chmod --reference=${data} .
command -v chcon >/dev/null 2>&1 && chcon -R --reference=${data} . 2>/dev/null || :
sync`;
}

/** Where the data folder is a file system, what it held is kept as a dump; else the folder itself is. */
function swapCommand({ etc, state }: SeedArgs, data: string, staging: string): Command {
  const isInside = staging.startsWith(`${data}/`);
  const kept = isInside
    ? keptAsDump
    : sh`kept=; ! is_worth_keeping || kept=${data}-before-seed-$(date -u +%Y%m%dT%H%M%SZ)`;
  return sh`set -e
umask 077
cd ${state}
${clients(etc)}
gtid=$(cut -f 3 ${staging}/*_binlog_info)
${kept}
rm -f ${staging}/backup-my.cnf ${staging}/xtrabackup_* ${staging}/mariadb_backup_*
{ printf '%s\n' '#!/bin/sh' '# Written by Holdfast; removed when the standby is seeded.' "state=$PWD data=${script(data)} staging=${script(staging)} kept=$kept"; cat <<'END'
${isInside ? SWAP_INSIDE : SWAP_FOLDERS}
END
} >swap
chmod 700 swap; : >ready; sync
unit=${SWAP_UNIT}
mkdir -p "\${unit%/*}"
set -- $(systemctl --version)
[ "$2" -ge 231 ] && root=+ || root=
(umask 022; printf '%s\n' '[Service]' PermissionsStartOnly=true "ExecStartPre=$root$PWD/swap" >"$unit"); sync
systemctl daemon-reload
systemctl stop mariadb.service
./swap
systemctl start mariadb.service
rm -f "$unit" swap; rmdir "\${unit%/*}" 2>/dev/null || :
systemctl daemon-reload
"$c" "$here" -e "STOP SLAVE; RESET SLAVE ALL; RESET MASTER; SET GLOBAL gtid_slave_pos='$gtid'"`;
}

import type { FileAttributes } from './host.ts';
import { type Command, sh } from './shell.ts';

/** The connection was lost before the whole content had come: nothing was replaced. */
export const CUT_SHORT = 66;
/** Something other than a file is there. */
export const NOT_A_FILE = 67;
export const NO_FOLDER = 68;
export const LINK_LOOP = 69;

/**
 * The script that replaces one file by its standard input: temporary name in the same folder, owner, mode and SELinux
 * context, content, fsync, rename, fsync of the folder. Whatever stops it before the rename, the old file stays and
 * the temporary one goes (only a SIGKILL or a power cut leaves it: `.holdfast-*.tmp`, to be removed by hand).
 *
 * - The length is checked, because a lost connection looks like the end of the input.
 * - `set -C` opens the temporary file with O_EXCL, so that nobody can have put a link there.
 * - `dd conv=fsync` does what `sync FILE` does only from coreutils 8.24 on; an older `sync` ignores its arguments and
 *   flushes everything, which is slower and as safe.
 * - The owner is set before the content, so that one fsync covers both; the descriptor is open by then, so that a mode
 *   such as 0400 does not shut us out.
 */
export function replaceScript(
  path: string,
  length: number,
  attributes: FileAttributes,
  nonce: string,
): Command {
  const owner = [attributes.owner ?? '', attributes.group ?? ''] as const;
  const mode = attributes.mode?.toString(8).padStart(4, '0') ?? '';
  return sh`p=${path} length=${length} owner=${owner[0]} group=${owner[1]} mode=${mode} hops=0
umask 077
while [ -L "$p" ]; do
  hops=$((hops+1)); [ "$hops" -le 40 ] || exit ${LINK_LOOP}
  to=$(readlink -- "$p") || exit 1
  case $to in /*) p=$to;; *) p=\${p%/*}/$to;; esac
done
d=\${p%/*}; d=\${d:-/}
[ -d "$d" ] || { ls -d -- "$d" >/dev/null; exit ${NO_FOLDER}; }
old=
if [ -e "$p" ]; then
  [ -f "$p" ] || exit ${NOT_A_FILE}
  old=$(stat -c '%u %g %a' -- "$p") || exit 1
  set -- $old; : "\${owner:=$1}" "\${group:=$2}" "\${mode:=$3}"
fi
t=\${d%/}/.holdfast-${nonce}.tmp
trap 'rm -f -- "$t"' EXIT
trap 'exit 129' HUP INT PIPE TERM
set -C; exec 3>"$t" || exit 1; set +C
if [ -n "$owner$group" ]; then chown -- "$owner\${group:+:$group}" "$t" || exit 1; fi
chmod -- "\${mode:-0644}" "$t" || exit 1
if [ -n "$old" ] && [ -e /sys/fs/selinux/enforce ]; then chcon --reference="$p" -- "$t" 2>/dev/null; fi
e=$(dd bs=65536 conv=fsync 2>&1 >&3) || { printf '%s\n' "$e" >&2; exit 1; }
exec 3>&-
[ "$(($(wc -c <"$t")))" -eq "$length" ] || exit ${CUT_SHORT}
mv -f -- "$t" "$p" || exit 1
trap - EXIT
if [ -z "$old" ] && [ -e /sys/fs/selinux/enforce ]; then restorecon -- "$p" 2>/dev/null; fi
sync "$d" 2>/dev/null || sync`;
}

/** The epoch of the last answer, kept on the hosts themselves: they refuse an older leader, whoever it is. */
import { type Command, sh } from '../hosts/shell.ts';
import { type EpochMark, formatMark } from './epoch.ts';

/** Exit code: a newer answer is there already. */
export const NEWER_THERE = 9;

/**
 * Under a lock: refuses where a newer answer is noted, else runs `then` and notes this one. What `then` exits with is
 * the exit code; the mark is noted only where that is 0.
 * @param folder on the host; holds `mark` and `lock`
 */
export function underMark(folder: string, mark: EpochMark, then: Command): Command {
  return sh`mkdir -p ${folder} && exec 9>${folder}/lock || exit 1
if command -v flock >/dev/null 2>&1; then flock -w 10 9 || exit 1; fi
seen=$(sed -n 's/^v=holdfast1 epoch=\\([0-9]*\\) .*/\\1/p' ${folder}/mark 2>/dev/null)
[ "\${seen:-0}" -le ${mark.epoch} ] || exit ${NEWER_THERE}
{ ${then}
} || exit
printf '%s\n' ${formatMark(mark)} >${folder}/mark.new && mv -f ${folder}/mark.new ${folder}/mark || exit 1
sync ${folder}/mark 2>/dev/null || sync`;
}

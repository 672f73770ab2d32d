/**
 * Who undoes a fault: a shell in the lab's own namespaces and control group, so that it outlives every Holdfast process
 * and dies with the lab. It begins the fault, waits, and ends it.
 */
import { insideLab } from '../namespaces.ts';
import { REFUSED } from './fault.ts';
import { FILES } from './fault-folder.ts';

/**
 * Ends the fault in the current folder, once: whoever holds the lock first; the folder is gone afterwards. A keeper
 * stands in the folder of its own fault, and finds nothing there when that was ended before, even if another fault has
 * a folder of the same name by then. Code 1: the end script failed, and the fault stays.
 */
const FINISH = `
[ -e ${FILES.end} ] || exit 0
if sh ./${FILES.end} >.end.log 2>&1; then
  gone=$(dirname "$PWD")/.gone-$$-$(basename "$PWD")
  mv "$PWD" "$gone" && rm -rf "$gone"
else
  mv .end.log ${FILES.endLog}; cat ${FILES.endLog} >&2; exit 1
fi
`;

/**
 * It puts the folder in its place itself, so that a fault is listed only if somebody keeps it; there is one already where
 * that cannot be (rename(2), ENOTEMPTY). Nobody may read what it says any more (SIGPIPE), and no terminal ends it (SIGHUP). The lock is held while the begin
 * script runs, so that an early end waits for it.
 */
const KEEP = `
trap '' PIPE HUP INT TERM
if ! mv -T "$4" "$1" 2>/dev/null; then rm -rf "$4"; echo exists; exit 0; fi
cd "$1" || exit 1
if flock . sh ./${FILES.begin} >begin.log 2>&1; then
  echo begun
  exec >/dev/null 2>&1
  sleep "$2"
else
  code=$?
  cat begin.log
  echo "failed $code"
  [ "$code" != ${REFUSED} ] || : >${FILES.end}
fi
flock . sh -c "$3"
`;

const JOIN = 'for file in $1; do echo 0 >"$file" || exit 1; done; shift; exec "$@"';

/** @param coming the folder until it is in place. @returns what says `exists`, `begun`, or what failed and `failed CODE` */
export function keeperCommand(
  lab: { readonly supervisor: number; readonly joins: readonly string[] },
  coming: string,
  folder: string,
  forMs: number,
): string[] {
  const keep = [
    'setsid',
    '--fork',
    'sh',
    '-c',
    KEEP,
    'holdfast-fault',
    folder,
    String(forMs / 1_000),
    FINISH,
    coming,
  ];
  return ['sh', '-c', JOIN, 'sh', lab.joins.join(' '), ...insideLab(lab.supervisor, keep)];
}

/** Ends the fault now; code 0 also where it has ended. */
export function finishCommand(supervisor: number, folder: string): string[] {
  const script = 'cd "$1" 2>/dev/null || exit 0; exec flock . sh -c "$2"';
  return insideLab(supervisor, ['sh', '-c', script, 'sh', folder, FINISH]);
}

/** Waits until hosts are of use: until their sshd greets on the address where SSH goes. */
import { readFile } from 'node:fs/promises';
import { openScope } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { InterruptedError } from '../base/interrupt.ts';
import { isPopulated } from './control-group.ts';
import type { LabFolders } from './folders.ts';
import { LabError } from './lab-error.ts';
import { hostGroup } from './machine.ts';
import { onLabNetwork } from './namespaces.ts';
import type { HostRecord, LabRecord } from './record.ts';
import { runCommand } from './run-command.ts';

const LIMIT_MS = 60_000;
const LOOK_MS = 200;
const CONSOLE_CHARACTERS = 4_000;

/**
 * Asks one host after the other, all being about to boot, and says the name of each that has answered. A connection is
 * given up soon: the kernel would try again after ever longer pauses, long after the host is there. SECONDS counts from
 * the start of the script; the pause costs no process (a read from a pipe that nobody writes to).
 */
const WAIT = `
exec 9<> <(:)
limit=$1; shift
ask='exec 3<>"/dev/tcp/$1/$2" && read -r greeting <&3 && [[ $greeting == SSH-2* ]]'
while [ $# -ge 3 ]; do
  until timeout --signal=KILL 1 bash -c "$ask" bash "$2" "$3" 2>/dev/null; do
    [ "$SECONDS" -lt "$limit" ] || exit 1
    read -r -t 0.05 -u 9
  done
  echo "$1"; shift 3
done
`;

/**
 * Resolves when the sshd of each has greeted.
 * @throws LabError `lab/boot-failed` with the end of the console, at once where a host has gone off
 */
export async function waitForHosts(
  folders: LabFolders,
  record: LabRecord,
  hosts: readonly HostRecord[],
  o: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const questions = hosts.flatMap(({ name, addresses, port }) => [
    name,
    addresses[0]?.address ?? '',
    String(port),
  ]);
  using scope = openScope(o.clock, { what: 'waiting for hosts', parent: o.signal });
  const gone = firstGone(folders, hosts, o.clock, scope.signal);
  // Its input is a socket, at which bash takes itself for started by rshd and would read ~/.bashrc (bash(1)).
  const argv = ['bash', '--norc', '-c', WAIT, 'bash', String(LIMIT_MS / 1_000), ...questions];
  const answered = runCommand(onLabNetwork(record.supervisor.pid, argv), {
    timeoutMs: LIMIT_MS * 2,
    signal: scope.signal,
  });
  const first = await Promise.race([answered, gone]).finally(() => scope.abort(new InterruptedError()));
  // Neither may go on behind our back: the loser ends by the scope's signal.
  await Promise.allSettled([answered, gone]);
  if (typeof first === 'string') throw await bootFailed(folders, first, 'it has gone off');
  if (first.code !== 0)
    throw await bootFailed(folders, silentOf(hosts, first.stdout), 'its sshd does not answer');
}

/** The name of the first host on which nothing runs any more; rejects with the signal. */
async function firstGone(
  folders: LabFolders,
  hosts: readonly HostRecord[],
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    for (const { name } of hosts) if (!(await isPopulated(hostGroup(folders, name)))) return name;
    await clock.sleep(LOOK_MS, signal);
  }
}

/** The host whose turn it was: as many have answered as lines were said. */
function silentOf(hosts: readonly HostRecord[], stdout: string): string {
  return hosts[stdout.split('\n').length - 1]?.name ?? 'one';
}

async function bootFailed(folders: LabFolders, host: string, message: string): Promise<LabError> {
  const path = folders.host(host).console;
  const text = await readFile(path, 'utf8').catch(messageOf);
  return new LabError({
    code: 'lab/boot-failed',
    where: { host },
    message,
    expected: `a greeting of its sshd within ${LIMIT_MS} ms of the boot`,
    got: text.trim().split('\n').at(-1) ?? 'an empty console',
    hint: "Look at its console (--verbose shows the end of it); 'holdfast lab doctor' checks the machine.",
    evidence: text.slice(-CONSOLE_CHARACTERS),
  });
}

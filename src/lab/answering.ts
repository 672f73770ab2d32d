/** Waits until hosts are of use: until their sshd greets on the address where SSH goes. */
import { readFile } from 'node:fs/promises';
import { messageOf } from '../base/errors.ts';
import type { LabFolders } from './folders.ts';
import { LabError } from './lab-error.ts';
import { onLabNetwork } from './namespaces.ts';
import type { HostRecord, LabRecord } from './record.ts';
import { runCommand } from './run-command.ts';

const LIMIT_MS = 60_000;
const CONSOLE_CHARACTERS = 4_000;

/**
 * Asks one host after the other, all being about to boot; a pause costs no process (bash: read from a pipe that nobody
 * writes to). Says the name of each that has answered; each SECONDS is counted from the start of the script.
 */
const WAIT = `
exec 9<> <(:)
limit=$1; shift
while [ $# -ge 3 ]; do
  until (exec 3<>"/dev/tcp/$2/$3" && read -r -t 2 greeting <&3 && [[ $greeting == SSH-2* ]]) 2>/dev/null; do
    [ "$SECONDS" -lt "$limit" ] || exit 1
    read -r -t 0.05 -u 9
  done
  echo "$1"; shift 3
done
`;

/**
 * Resolves when the sshd of each has greeted.
 * @throws LabError `lab/boot-failed` with the end of the console
 */
export async function waitForHosts(
  folders: LabFolders,
  record: LabRecord,
  hosts: readonly HostRecord[],
  signal?: AbortSignal,
): Promise<void> {
  const questions = hosts.flatMap(({ name, addresses, port }) => [
    name,
    addresses[0]?.address ?? '',
    String(port),
  ]);
  const argv = ['bash', '-c', WAIT, 'bash', String(LIMIT_MS / 1_000), ...questions];
  const o = { timeoutMs: LIMIT_MS * 2, ...(signal === undefined ? {} : { signal }) };
  const { code, stdout } = await runCommand(onLabNetwork(record.supervisor.pid, argv), o);
  if (code === 0) return;
  const silent = hosts[stdout.split('\n').length - 1]?.name ?? 'one';
  const path = folders.host(silent).console;
  const text = await readFile(path, 'utf8').catch((error: unknown) => messageOf(error));
  throw new LabError({
    code: 'lab/boot-failed',
    where: { host: silent },
    message: 'its sshd does not answer',
    expected: `a greeting within ${LIMIT_MS} ms of the boot`,
    got: 'none',
    hint: `Its console is in ${path} (--verbose shows the end); 'holdfast lab doctor' checks the machine.`,
    evidence: text.slice(-CONSOLE_CHARACTERS),
  });
}

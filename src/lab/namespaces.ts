/**
 * The lab's own world: one supervisor process in PID, mount, network, UTS and IPC namespaces of its own. Bridges,
 * mounts and hosts exist in there only; when the supervisor ends, however it ends, the kernel takes everything with it
 * (pid_namespaces(7): every process is killed; mounts and interfaces go with their last user).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { makeGroup } from './control-group.ts';
import { LabError } from './lab-error.ts';
import { PLAIN_ENV } from './run-command.ts';

/** A supervisor that ends together with this process, unless told to live on. */
export interface Supervisor {
  /** As seen from here. */
  readonly pid: number;
  /** From now on it outlives this process. */
  liveOn(): Promise<void>;
}

/**
 * The supervisor: init of its namespace. It says its pid as the machine sees it (the old /proc is still there), then
 * has one word read; the end of the input instead of the word means that whoever wanted the lab has died, and so does
 * the lab. All it ever does is wait, which is what reaps the processes that its hosts leave behind.
 */
const INIT = `
read -r pid rest </proc/self/stat
mount -t proc proc /proc && mount -t tmpfs -o mode=755 tmpfs /run && hostname "$1" && ip link set lo up || exit 1
exec 3<&0 </dev/null
(read -r word <&3; [ "$word" = live-on ]) &
echo "$pid"
wait $! || exit 0
exec 3<&- >/dev/null 2>&1
while :; do sleep 86400 & wait $!; done
`;

const UNSHARE = ['unshare', '--pid', '--fork', '--kill-child=SIGKILL', '--mount', '--net', '--uts', '--ipc'];

/**
 * Starts the supervisor in the control group.
 * @param name the host name inside
 * @throws LabError `lab/command-failed`
 */
export async function startSupervisor(name: string, group: string): Promise<Supervisor> {
  const joins = await makeGroup(group);
  const script = 'for file in $1; do echo 0 >"$file" || exit 1; done; shift; exec "$@"';
  const argv = [...UNSHARE, '--propagation', 'private', '--', 'sh', '-c', INIT, 'holdfast-lab', name];
  const child = spawn('sh', ['-c', script, 'sh', joins.join(' '), ...argv], {
    env: { ...PLAIN_ENV },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.on('error', () => {}); // It has died: every use of its namespaces says so.
  const pid = await firstLine(child);
  if (pid === undefined) throw notStarted(said);
  child.unref();
  for (const pipe of [child.stdin, child.stdout, child.stderr]) {
    (pipe as unknown as { unref(): void }).unref();
  }
  return {
    pid,
    async liveOn() {
      child.stdin.end('live-on\n');
      await once(child.stdin, 'finish');
    },
  };
}

async function firstLine(child: ChildProcess): Promise<number | undefined> {
  return await new Promise((resolve) => {
    let text = '';
    child.once('error', () => resolve(undefined));
    child.once('close', () => resolve(undefined));
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.includes('\n')) resolve(Number(text.trim()));
    });
  });
}

/** Runs a program in all of the lab's namespaces: it sees the hosts' disks, and dies with the lab. */
export function insideLab(supervisor: number, command: readonly string[]): string[] {
  return ['nsenter', `--target=${supervisor}`, '-m', '-n', '-u', '-i', '-p', '--', ...command];
}

/** A path of the lab as a process outside can open it, with what is mounted there (proc(5), `/proc/pid/root`). */
export function seenFromHere(supervisor: number, path: string): string {
  return `/proc/${supervisor}/root${path}`;
}

/** Runs a program in the lab's network only: files and processes are this machine's own. */
export function onLabNetwork(supervisor: number, command: readonly string[]): string[] {
  return ['nsenter', `--net=/proc/${supervisor}/ns/net`, '--', ...command];
}

/** Runs a program on a host; `init` is the host's first process as seen from here. */
export function insideHost(init: number, command: readonly string[]): string[] {
  return ['nsenter', `--target=${init}`, '-m', '-n', '-u', '-i', '-p', '-C', '-r', '-w', '--', ...command];
}

function notStarted(said: string): LabError {
  return new LabError({
    code: 'lab/command-failed',
    message: 'cannot make namespaces for the lab',
    expected: 'a kernel and a container, if this is one, that allow it to root',
    got: said.trim().split('\n').at(-1) ?? 'no answer',
    hint: "Run 'holdfast lab doctor' as root on the machine itself.",
    evidence: said,
  });
}

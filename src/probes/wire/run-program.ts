import { type ChildProcess, spawn } from 'node:child_process';
import { messageOf, systemCode } from '../../base/errors.ts';
import { abortReason } from '../../base/interrupt.ts';

export interface ProgramEnd {
  /** Exit code; -1 where a signal ended it or it never started. */
  readonly code: number;
  /** The signal that ended it, if one did. */
  readonly signal?: string;
  /** stdout and stderr as they came, the first 64 KiB. */
  readonly output: string;
  /** Why it could not be started. */
  readonly error?: string;
}

/** More output than this is thrown away, not kept. */
const LONGEST_OUTPUT = 65_536;

/** What a program gets to see: nothing of Holdfast's own environment, where secrets live. */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

/**
 * Runs a program to its end, without a shell, without stdin and in a process group of its own. On abort the whole
 * group is killed, so that what the program started does not outlive the probe.
 *
 * @throws only the signal's reason
 */
export function runProgram(
  argv: readonly string[],
  o: { cwd: string; env: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    if (o.signal.aborted) {
      reject(abortReason(o.signal));
      return;
    }
    let child: ChildProcess;
    const chunks: Buffer[] = [];
    let length = 0;
    const output = (): string => Buffer.concat(chunks).toString();
    const onAbort = (): void => {
      killGroup(child);
      reject(abortReason(o.signal));
    };
    const finish = (end: ProgramEnd): void => {
      o.signal.removeEventListener('abort', onAbort);
      resolve(end);
    };
    const keep = (chunk: Buffer): void => {
      if (length >= LONGEST_OUTPUT) return;
      chunks.push(chunk.subarray(0, LONGEST_OUTPUT - length));
      length += chunk.length;
    };
    try {
      child = spawn(argv[0] as string, argv.slice(1), {
        cwd: o.cwd,
        env: { ...ENVIRONMENT, ...o.env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
    } catch (error) {
      finish({ code: -1, output: '', error: messageOf(error) });
      return;
    }
    o.signal.addEventListener('abort', onAbort, { once: true });
    child.on('error', (error) =>
      finish({ code: -1, output: '', error: systemCode(error) ?? messageOf(error) }),
    );
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    // What it left in the background would hold the pipes open, and would outlive the probe.
    child.on('exit', () => killGroup(child));
    child.on('close', (code, signal) =>
      finish({ code: code ?? -1, output: output(), ...(signal === null ? {} : { signal }) }),
    );
  });
}

/** SIGKILL to the group that the child leads (kill(2): a negative pid). */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

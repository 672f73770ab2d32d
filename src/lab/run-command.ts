/** Programs of this machine that the lab uses, each in a process group of its own so that it can be ended whole. */
import { spawn } from 'node:child_process';
import { openScope } from '../base/abort.ts';
import { type Clock, SystemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { abortReason } from '../base/interrupt.ts';
import type { LabResult, LabRunOptions } from './lab.ts';
import { LabError } from './lab-error.ts';

/**
 * Nothing of our own environment reaches the lab, so that no secret in it leaks. SHLVL keeps bash from reading ~/.bashrc,
 * as it does at level one where its input is a socket, as Node's pipes are: it takes that for rshd (bash(1), INVOCATION).
 */
export const PLAIN_ENV: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  SHLVL: '1',
};

const DEFAULT_TIMEOUT_MS = 60_000;

export interface CommandOptions extends LabRunOptions {
  readonly clock?: Clock;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a program; resolves whatever its exit code.
 * @throws LabError `lab/command-failed` where it cannot be started, `lab/command-timeout`; the signal's reason
 */
export async function runCommand(argv: readonly string[], o: CommandOptions = {}): Promise<LabResult> {
  const [file = '', ...args] = argv;
  const timeoutMs = o.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  using scope = openScope(o.clock ?? new SystemClock(), { what: file, timeoutMs, parent: o.signal });
  if (scope.signal.aborted) throw abortReason(scope.signal);
  const child = spawn(file, args, { env: { ...(o.env ?? PLAIN_ENV) }, detached: true, stdio: 'pipe' });
  const endGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  };
  scope.signal.addEventListener('abort', endGroup, { once: true });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A program that does not read its input closes it early: not our concern.
  child.stdin.on('error', () => {});
  child.stdin.end(o.stdin);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(cannotStart(argv, cause)));
    child.once('close', (exit, signal) => resolve(exit ?? 128 + (SIGNALS[signal as string] ?? 0)));
  });
  if (o.signal?.aborted) throw abortReason(o.signal);
  if (scope.signal.aborted) throw tookTooLong(argv, timeoutMs, stdout + stderr);
  return { code, stdout, stderr };
}

/**
 * The same, for what has to succeed.
 * @returns its standard output
 * @throws LabError `lab/command-failed` with what it said
 */
export async function mustRun(argv: readonly string[], o: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runCommand(argv, o);
  if (code === 0) return stdout;
  const said = (stderr || stdout).trim();
  throw new LabError({
    code: 'lab/command-failed',
    message: `${argv[0]} failed`,
    expected: 'exit code 0',
    got: `exit code ${code}${said === '' ? '' : `: ${said.split('\n').at(-1)}`}`,
    hint: "Look at what it said with --verbose; 'holdfast lab doctor' checks what the lab needs.",
    evidence: `${argv.join(' ')}\n${said}`,
  });
}

const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

function cannotStart(argv: readonly string[], cause: unknown): LabError {
  return new LabError({
    code: 'lab/command-failed',
    message: `cannot start ${argv[0]}`,
    expected: 'a program that can be started',
    got: messageOf(cause),
    hint: "Install it: 'holdfast lab doctor' names the package.",
    cause,
  });
}

function tookTooLong(argv: readonly string[], timeoutMs: number, said: string): LabError {
  return new LabError({
    code: 'lab/command-timeout',
    message: `${argv.slice(-1)[0]} did not end in time`,
    expected: `an end within ${timeoutMs} ms`,
    got: 'no end; it was killed',
    hint: 'Give it more time, or look whether its host is paused.',
    evidence: said.slice(-4_096),
  });
}

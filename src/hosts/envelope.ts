/**
 * What is put around a command before it goes to a host, and taken off its output again. Pure.
 *
 * The envelope fixes the locale (parsers read English), adds the sbin folders to PATH (a CentOS 7 user has none),
 * becomes root where asked, and prints a random mark when the command itself begins. The mark tells three things:
 * what a login script printed before it is not the command's output; sudo has let us in, so standard input now
 * belongs to the command; and which process group is to be killed if the command takes too long.
 */
import type { Command } from './shell.ts';
import { quote } from './shell.ts';

/** How a command becomes root. `ask`: sudo prompts with the mark, and the password is written then. */
export type Elevation = 'none' | 'sudo' | 'sudo-ask';

export interface Envelope {
  /** For `exec` over SSH: read by the user's login shell, whichever it is. */
  readonly line: string;
  /** The same without a shell around it. */
  readonly argv: readonly [string, ...string[]];
  /** Printed on both outputs when the command begins. */
  readonly mark: string;
  /** Printed by sudo on standard error when it wants the password. */
  readonly prompt: string;
  readonly elevation: Elevation;
}

const SBIN = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin';

/** @param nonce 16 or more hexadecimal digits that the host cannot guess */
export function wrap(command: Command, elevation: Elevation, nonce: string): Envelope {
  const mark = `hf-begin-${nonce}`;
  const prompt = `hf-ask-${nonce}:`;
  // The last line keeps the shell from becoming its last command: while the command is at work, a process with the
  // mark in its command line is there, which `engine/stragglers.ts` looks for after a crash.
  const inner = `${preamble(mark)}\n${command.text}\nexit`;
  const argv: [string, ...string[]] =
    elevation === 'none' ? ['sh', '-c', inner] : ['env', ...elevate(elevation, prompt), 'sh', '-c', inner];
  return { line: `exec ${argv.map(quote).join(' ')}`, argv, mark, prompt, elevation };
}

/**
 * Reads the process group from /proc (proc(5), field 5; the name before it may hold blanks and brackets). `set --`
 * leaves no arguments and no variable of ours behind for the command to see.
 */
function preamble(mark: string): string {
  return [
    `LC_ALL=C PATH="\${PATH:+$PATH:}${SBIN}"; export LC_ALL PATH`,
    `set -- "$$"; { read -r HF </proc/"$$"/stat; } 2>/dev/null && { set -- \${HF##*) }; set -- "$3"; }`,
    `printf '%s %s\\n' ${mark} "$1"; printf '%s\\n' ${mark} >&2; unset HF; set --`,
  ].join('; ');
}

function elevate(elevation: Elevation, prompt: string): string[] {
  const flags = elevation === 'sudo' ? ['-n'] : ['-S', '-p', prompt];
  return ['LC_ALL=C', 'sudo', ...flags, '--'];
}

/** Finds the mark's line in output so far. `rest` is where the command's own output starts. */
export function findMark(output: Buffer, mark: string): { rest: number; group?: number } | undefined {
  const at = output.indexOf(mark);
  if (at < 0) return undefined;
  const end = output.indexOf(0x0a, at);
  if (end < 0) return undefined;
  const group = Number(output.toString('latin1', at + mark.length, end).trim());
  return { rest: end + 1, ...(Number.isInteger(group) && group > 1 ? { group } : {}) };
}

/**
 * A script that ends a process group: asks first, insists after about two seconds. `kill -KILL -123` is the one form
 * that dash, bash and busybox all take; POSIX's `kill -s KILL -- -123` is an error to busybox.
 */
export function killGroup(group: number): Command {
  return {
    text: `kill -TERM -${group} 2>/dev/null || exit 0
n=0; while [ "$n" -lt 20 ] && kill -0 -${group} 2>/dev/null; do n=$((n+1)); sleep 0.1 2>/dev/null || sleep 1; done
kill -KILL -${group} 2>/dev/null; exit 0`,
  };
}

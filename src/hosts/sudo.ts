/** What sudo's refusals mean and what mends them (sudo(8), sudoers(5)); the texts are those of LC_ALL=C. */
import type { Elevation } from './envelope.ts';
import { HostError } from './host-error.ts';

const REFUSALS: readonly { says: RegExp; got: string; hint: string }[] = [
  {
    says: /you must have a tty/i,
    got: 'sudo demands a terminal (requiretty)',
    hint: 'Add `Defaults:USER !requiretty` to a file under /etc/sudoers.d on the host (with visudo).',
  },
  {
    says: /not in the sudoers file|not allowed to|may not run sudo/i,
    got: 'the user may not use sudo for this',
    hint: 'Give the user `USER ALL=(ALL) ALL` (or NOPASSWD:ALL) under /etc/sudoers.d, or log in as root.',
  },
  {
    says: /incorrect password|sorry, try again|authentication failure|no password was provided/i,
    got: 'the password was not accepted',
    hint: "Check the value behind the host's `sudo.password`.",
  },
  {
    says: /password is required|a terminal is required|askpass/i,
    got: 'sudo asks for a password',
    hint: 'Give it by reference in the site file (`sudo: {password: env:NAME}`), or allow NOPASSWD on the host.',
  },
  {
    says: /account.*(expired|locked)|password.*expired/i,
    got: "the user's account or password has expired",
    hint: 'Renew it on the host (`chage -l USER` shows its state).',
  },
  {
    says: /sudo: (command )?not found|env: .*sudo.*: No such file|can't execute 'sudo'/i,
    got: 'there is no sudo on the host',
    hint: 'Install sudo, or log in as root (`user: root`).',
  },
  {
    says: /setuid|effective uid is not 0|no new privileges/i,
    got: 'sudo cannot become root here (nosuid, or no_new_privs)',
    hint: 'Log in as root, or mend the installation of sudo on the host.',
  },
  {
    says: /syntax error|unable to (open|stat|initialize)|no valid sudoers/i,
    got: "sudo's own configuration is broken",
    hint: 'Run `visudo -c` on the host as root.',
  },
];

/**
 * Explains why a command under sudo never began.
 * @param code exit code; undefined where sudo still waits for something at the time limit
 * @returns undefined where sudo was not asked, or did not refuse
 */
export function sudoRefusal(
  host: string,
  elevation: Elevation,
  code: number | undefined,
  stderr: string,
): HostError | undefined {
  if (elevation === 'none' || code === 0) return undefined;
  const known = REFUSALS.find(({ says }) => says.test(stderr));
  const lastLine = stderr.trim().split('\n').at(-1)?.trim() ?? '';
  // Killed or unlinked before it began, and sudo said nothing: not a refusal of sudo's.
  if (known === undefined && lastLine === '') return undefined;
  return new HostError({
    code: 'host/sudo-refused',
    host,
    message: 'cannot become root',
    expected: 'sudo to run the command as root',
    got: known?.got ?? `sudo says '${lastLine}'`,
    hint: known?.hint ?? 'Log in as the same user and run `sudo true` to see what it wants.',
    evidence: stderr.slice(-2_000),
  });
}

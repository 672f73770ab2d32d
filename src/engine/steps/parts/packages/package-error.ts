/** What a package manager's complaint means; the texts are apt 2.6's, yum 3.4's and dnf 4's under LC_ALL=C. */
import type { CommandResult } from '../../../../hosts/host.ts';
import { outputOf } from '../run.ts';
import { StepError, type StepErrorCode } from '../step-error.ts';

interface Meaning {
  readonly says: RegExp;
  readonly code: StepErrorCode;
  readonly got: string;
  readonly hint: string;
  readonly retryable?: boolean;
}

const MEANINGS: readonly Meaning[] = [
  {
    says: /Could not get lock|Unable to acquire the dpkg frontend lock|another process using it|holding the yum lock|Existing lock .*: another copy is running/,
    code: 'step/package-manager-busy',
    got: 'another process holds its lock',
    hint: 'Automatic updates may be running: wait for them, or stop `apt-daily`, `unattended-upgrades` or `packagekit` for the time.',
    retryable: true,
  },
  {
    says: /No space left on device|enough free space|more space needed|insufficient space/i,
    code: 'step/package-failed',
    got: 'no space left on the file system',
    hint: 'Free some space: `df -h`, `apt-get clean` or `yum clean packages`.',
  },
  {
    says: /Could not resolve|Temporary failure resolving|Could not connect|Failed to fetch|Unable to fetch some|Cannot retrieve repository metadata|retrieve mirrorlist|Cannot find a valid baseurl|Failed to (download|synchronize)|Curl error|Errors during downloading|No more mirrors/i,
    code: 'step/package-source-unreachable',
    got: 'its package sources cannot be reached',
    hint: 'On a site without internet, point the host at a local mirror or a mounted installation disc (/etc/apt/sources.list, /etc/yum.repos.d), and disable the other sources.',
  },
  {
    says: /NO_PUBKEY|is not signed|GPG check FAILED|GPG key|cannot be authenticated/i,
    code: 'step/package-failed',
    got: 'a package or source is not signed by a key that the host trusts',
    hint: "Install the repository's key on the host; Holdfast does not switch signature checks off.",
  },
  {
    says: /Unable to locate package|no installation candidate|Version '.*' for '.*' was not found|Couldn't find any package|No package .* available|Unable to find a match|No match for argument/,
    code: 'step/package-not-found',
    got: 'the host knows no such package, or not in that version',
    hint: 'Check the exact name and version (`apt-cache policy NAME`, `yum list NAME`); on a site without internet, add it to the local mirror.',
  },
  {
    says: /remove is disabled/,
    code: 'step/package-failed',
    got: 'other packages would have to be removed',
    hint: 'They conflict: remove them yourself if that is meant, Holdfast does not.',
  },
  {
    says: /unmet dependencies|held broken packages|Requires: |nothing provides|conflicting requests|Depsolve/i,
    code: 'step/package-failed',
    got: 'its dependencies cannot be met',
    hint: 'The evidence names what is missing: complete the mirror, or release packages that are held (`apt-mark showhold`).',
  },
];

/** dpkg was cut in the middle and wants `dpkg --configure -a` first. */
export function wasInterrupted(result: CommandResult): boolean {
  return /dpkg was interrupted/.test(result.stdout + result.stderr);
}

/** Makes the error for a package manager that ended with another code than 0. */
export function packageError(what: string, result: CommandResult): StepError {
  const output = outputOf(result);
  const meaning = MEANINGS.find(({ says }) => says.test(output));
  const line = (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1) ?? '';
  return new StepError({
    code: meaning?.code ?? 'step/package-failed',
    message: `could not ${what}`,
    expected: 'exit code 0 of the package manager',
    got: meaning?.got ?? `exit code ${result.code}${line === '' ? '' : `: ${line.slice(0, 300)}`}`,
    hint: meaning?.hint ?? 'The evidence has what it said; try the same by hand on the host.',
    retryable: meaning?.retryable ?? false,
    evidence: output,
  });
}

/** The error for a removal that would take other packages with it. */
export function wouldRemoveMore(names: readonly string[], others: string, evidence: string): StepError {
  return new StepError({
    code: 'step/revert-would-remove-more',
    message: `cannot remove ${names.join(', ')} again`,
    expected: 'that nothing else needs them',
    got: `others would go, too: ${others}`,
    hint: 'Somebody installed packages that need them since: remove those first if they are not needed, or leave it all as it is.',
    evidence,
  });
}

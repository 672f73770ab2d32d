/** The machine's own Debian package sources, and how its apt reaches them: the lab uses no other. */
import { LabError } from './lab-error.ts';
import { mustRun } from './run-command.ts';

export interface PackageSources {
  /** Where debootstrap fetches from. */
  readonly mirror: string;
  /** A sources.list(5). */
  readonly list: string;
  /** An apt.conf(5): proxies and what else is set below `Acquire`. */
  readonly options: string;
}

const FORMAT = '$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)\t$(ORIGIN)';

/**
 * Asks apt for its sources of one suite, updates and security fixes included.
 * @throws LabError `lab/base-image-failed` where the machine has no source of that suite
 */
export async function packageSources(suite: string, signal?: AbortSignal): Promise<PackageSources> {
  const o = signal === undefined ? {} : { signal };
  const targets = await mustRun(['apt-get', 'indextargets', '--format', FORMAT, 'Created-By: Packages'], o);
  const options = await mustRun(['apt-config', 'dump', '--format', '%f "%v";%n', 'Acquire'], o);
  return { ...parseTargets(targets, suite), options };
}

/** @param targets lines of URI, release, component and origin, as FORMAT asks for them */
export function parseTargets(targets: string, suite: string): Pick<PackageSources, 'mirror' | 'list'> {
  const found = targets
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(
      ([, release, , origin]) =>
        origin === 'Debian' && (release === suite || release?.startsWith(`${suite}-`)),
    );
  const mirror = found.find(([, release]) => release === suite)?.[0];
  if (mirror === undefined) throw noSource(suite, targets);
  const lines = found.map(([uri, release, component]) => `deb ${uri} ${release} ${component}\n`);
  return { mirror, list: [...new Set(lines)].join('') };
}

function noSource(suite: string, targets: string): LabError {
  return new LabError({
    code: 'lab/base-image-failed',
    message: `apt on this machine knows no package lists of Debian ${suite}`,
    expected: `a line for ${suite} in /etc/apt/sources.list or below /etc/apt/sources.list.d, and its lists fetched`,
    got: targets.trim() === '' ? 'no lists at all' : 'lists of other releases',
    hint: "Run 'apt-get update'; on another release than Debian 12, add a source for it first.",
    evidence: targets,
  });
}

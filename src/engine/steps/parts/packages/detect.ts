import { script } from '../../../../hosts/shell.ts';
import type { StepContext } from '../../../step.ts';
import { question } from '../run.ts';
import { StepError } from '../step-error.ts';
import { apt } from './apt.ts';
import type { PackageManager } from './package-manager.ts';
import { rpm } from './rpm.ts';

/** A newer RHEL has `yum` as another name of dnf; a Debian may have dnf as a package: so in this order. */
const FIND = script(
  `if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then echo apt-get
elif command -v rpm >/dev/null && command -v dnf >/dev/null; then echo dnf
elif command -v rpm >/dev/null && command -v yum >/dev/null; then echo yum
fi`,
);

const MANAGERS: Readonly<Record<string, PackageManager>> = {
  'apt-get': apt,
  dnf: rpm('dnf'),
  yum: rpm('yum'),
};

/**
 * The host's package manager.
 * @throws StepError `step/no-package-manager`
 */
export async function packageManagerOf(ctx: StepContext): Promise<PackageManager> {
  const found = (await question(ctx, FIND)).stdout.trim();
  const manager = MANAGERS[found];
  if (manager !== undefined) return manager;
  throw new StepError({
    code: 'step/no-package-manager',
    message: 'the host has no package manager that Holdfast knows',
    expected: 'apt-get with dpkg-query, or dnf or yum with rpm',
    got: 'none of them in PATH',
    hint: 'Install what is needed yourself, or with a `command` step, and take `packages` out of the site file for this host.',
  });
}

/** One that was named in an undo; the host may have got others since. */
export function packageManagerNamed(name: PackageManager['name']): PackageManager {
  return MANAGERS[name] as PackageManager;
}

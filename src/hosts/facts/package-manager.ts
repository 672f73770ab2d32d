import type { FactKind } from '../fact.ts';

/** What installs packages here. */
export type PackageManager = 'apt' | 'dnf' | 'yum' | 'zypper' | 'apk' | 'none';

const KNOWN: readonly PackageManager[] = ['apt', 'dnf', 'yum', 'zypper', 'apk'];

/** The first that is there. dnf before yum: newer ones keep `yum` as another name of dnf. */
export const packageManager: FactKind<PackageManager> = {
  name: 'package-manager',
  command: () => `for tool in apt-get dnf yum zypper apk; do
  if command -v "$tool" >/dev/null 2>&1; then echo "$tool"; break; fi
done`,
  parse(output) {
    const tool = output.trim();
    const name = tool === 'apt-get' ? 'apt' : tool;
    return KNOWN.find((known) => known === name) ?? 'none';
  },
};

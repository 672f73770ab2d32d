import type { FactKind, FactQuery } from '../../hosts/fact.ts';
import { ask } from '../../hosts/fact.ts';
import type { HostName } from '../../site/model.ts';

/** What a baseline needs of a host to begin with. */
export interface Tools {
  readonly packageManager: 'apt-get' | 'dnf' | 'yum' | 'none';
  /** Whether process 1 is systemd. */
  readonly hasSystemd: boolean;
}

/** The same order as the `package` kind: a newer RHEL calls dnf `yum`, too. */
const tools: FactKind<Tools> = {
  name: 'baseline-tools',
  command: () => `if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then echo apt-get
elif command -v rpm >/dev/null && command -v dnf >/dev/null; then echo dnf
elif command -v rpm >/dev/null && command -v yum >/dev/null; then echo yum
else echo none; fi
[ -d /run/systemd/system ] && echo systemd; :`,
  parse(output) {
    const [manager, init] = output.trim().split('\n');
    const packageManager = (['apt-get', 'dnf', 'yum'] as const).find((name) => name === manager) ?? 'none';
    return { packageManager, hasSystemd: init === 'systemd' };
  },
};

/** The question for one host. */
export function toolsOf(host: HostName): FactQuery<Tools, void> {
  return ask(host, tools, undefined);
}

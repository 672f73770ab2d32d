import type { FactKind } from '../fact.ts';

type Mode = 'enforcing' | 'permissive' | 'disabled';

export interface Selinux {
  readonly mode: Mode;
  /** What the next boot will have, where the host says. */
  readonly configured?: Mode;
}

/** selinux(8): /sys/fs/selinux is mounted only where it is on; getenforce is not installed everywhere. */
export const selinux: FactKind<Selinux> = {
  name: 'selinux',
  command: () => `cat /sys/fs/selinux/enforce 2>/dev/null || cat /selinux/enforce 2>/dev/null
echo
sed -n 's/^SELINUX=//p' /etc/selinux/config`,
  parse(output) {
    const words = output.split('\n').map((line) => line.trim().toLowerCase());
    const enforce = words.find((word) => word === '1' || word === '0');
    const configured = words.find((word): word is Mode =>
      ['enforcing', 'permissive', 'disabled'].includes(word),
    );
    return {
      mode: enforce === '1' ? 'enforcing' : enforce === '0' ? 'permissive' : 'disabled',
      ...(configured === undefined ? {} : { configured }),
    };
  },
};

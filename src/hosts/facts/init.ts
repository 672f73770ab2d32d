import type { FactKind } from '../fact.ts';

/** What starts services. `none`: nothing that Holdfast knows, as in a container. */
export interface Init {
  readonly kind: 'systemd' | 'openrc' | 'sysv' | 'runit' | 'none';
  /** Name of process 1. */
  readonly process: string;
  /** systemd's, where it runs. */
  readonly version?: number;
}

/** sd_booted(3): /run/systemd/system exists exactly where systemd runs as process 1. */
export const init: FactKind<Init> = {
  name: 'init',
  command: () => `if [ -d /run/systemd/system ]; then echo systemd
elif [ -d /run/openrc ]; then echo openrc
elif [ "$(cat /proc/1/comm)" = runit ]; then echo runit
elif [ -d /etc/init.d ] && [ -e /etc/inittab ]; then echo sysv
else echo none; fi
cat /proc/1/comm || echo
[ ! -d /run/systemd/system ] || systemctl --version | head -n 1`,
  parse(output) {
    const [kind, process = '', version] = output.split('\n').map((line) => line.trim());
    const number = /^systemd (\d+)/.exec(version ?? '')?.[1];
    return {
      kind: (['systemd', 'openrc', 'runit', 'sysv'] as const).find((known) => known === kind) ?? 'none',
      process,
      ...(number === undefined ? {} : { version: Number(number) }),
    };
  },
};

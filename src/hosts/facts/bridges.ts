import type { FactKind } from '../fact.ts';

export interface Bridge {
  readonly name: string;
  readonly ports: readonly string[];
}

/** /sys/class/net/NAME/bridge exists for bridges only; brif has a link for each port (kernel doc: networking/bridge). */
export const bridges: FactKind<readonly Bridge[]> = {
  name: 'bridges',
  command: () => `for bridge in /sys/class/net/*/bridge; do
  [ -d "$bridge" ] || continue
  bridge=\${bridge%/bridge}
  printf '%s' "\${bridge##*/}"
  for port in "$bridge"/brif/*; do [ -e "$port" ] && printf ' %s' "\${port##*/}"; done
  echo
done`,
  parse: (output) =>
    output
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [name = '', ...ports] = line.trim().split(' ');
        return { name, ports };
      }),
  /** Containers come and go on a bridge: which veths it has is no property of the host. */
  stable: (all) =>
    all.map(({ name, ports }) => ({
      name,
      ports: ports.filter((port) => !/^(veth|cali|lxc|vnet|tap)/.test(port)),
    })),
};

import { z } from 'zod';
import { script, sh } from '../../hosts/shell.ts';
import type { FaultKind } from './fault.ts';

const args = z
  .strictObject({
    kind: z.literal('slow'),
    /** Everything to the host comes so much later: so much on each round trip. Needs a kernel with netem. */
    delayMs: z.number().int().positive().exactOptional(),
    /** No more than this reaches the host: tc(8) writes it `100kbit`, `1mbit`. */
    rate: z
      .string()
      .regex(/^[1-9]\d*[kmg]?bit$/, 'a rate such as 100kbit or 1mbit')
      .exactOptional(),
  })
  .refine(
    ({ delayMs, rate }) => (delayMs === undefined) !== (rate === undefined),
    'either a delay or a rate',
  );
export type SlowFault = z.input<typeof args>;

/** The first words of `tc -V` and its successors where the kernel lacks a discipline: "qdisc kind is unknown". */
const SHAPE = script(`
if ! said=$(tc qdisc add dev "$cable" root "$@" 2>&1); then
  case $said in
    *unknown* | *'No such file'*) refuse "this machine's kernel cannot: it has no $1 (CONFIG_NET_SCH_*)" ;;
    *exclusive* | *exists*) refuse 'the host is slow already' ;;
    *) refuse "tc: $said" ;;
  esac
fi
`);

/** What goes to the host is delayed (tc-netem(8)) or held back (tc-tbf(8)) at its port of the bridge. */
export const slow: FaultKind<SlowFault> = {
  kind: 'slow',
  summary: {
    en: 'slow network to the host: --delay (needs netem in the kernel) or --rate',
    zh: '拖慢通往该主机的网络：--delay（内核须有 netem）或 --rate',
  },
  args,
  scripts: ({ cable }, { delayMs, rate }) => {
    const how =
      rate === undefined
        ? ['netem', 'delay', `${delayMs}ms`, 'limit', '100000']
        : ['tbf', 'rate', rate, 'burst', '16kb', 'latency', '500ms'];
    return {
      begin: sh`cable=${cable}; set -- ${how}${SHAPE}`,
      // After a boot its port is a new one, without it.
      end: sh`if tc qdisc show dev ${cable} root 2>/dev/null | grep -qw ${how[0] as string}; then tc qdisc del dev ${cable} root; fi`,
    };
  },
};

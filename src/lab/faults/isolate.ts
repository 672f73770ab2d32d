import { z } from 'zod';
import { sh } from '../../hosts/shell.ts';
import type { FaultHost, FaultKind, FaultTarget } from './fault.ts';

const args = z.strictObject({
  kind: z.literal('isolate'),
  /** From these hosts only; `controller` is the lab's own side. Default: from everything. */
  from: z.array(z.string()).min(1).exactOptional(),
  /** What is lost: what reaches the host (`in`), what it sends (`out`). */
  direction: z.enum(['in', 'out', 'both']).default('both'),
});
export type IsolateFault = z.input<typeof args>;
type Isolation = z.output<typeof args>;

/** The host does not hear, or is not heard: frames are dropped at its port, whatever they carry. */
export const isolate: FaultKind<Isolation> = {
  kind: 'isolate',
  summary: {
    en: 'cut its network: from everything, or --from some, one --direction or both',
    zh: '切断网络：与一切隔离，或仅与 --from 指定者；可用 --direction 限定单向',
  },
  args,
  scripts: (target, fault) => {
    const table = `fault_${target.number}`;
    const clear = ['bridge', 'inet'].map(
      (family) => `table ${family} ${table}\ndelete table ${family} ${table}\n`,
    );
    return {
      begin: sh`printf %s ${rulesOf(target, fault, table)} | nft -f -`,
      end: sh`printf %s ${clear.join('')} | nft -f -`,
    };
  },
};

/**
 * Rules for nft(8). Each host's frames get a mark when they come in at its port, which they keep on their way through
 * the bridge and through the controller as a router, so that they are known at the port where they go out, whatever
 * their addresses: ARP, IPv6, addresses that have moved, other subnets. Nothing else in the lab uses marks, those of
 * the same host are the same in every table, and the kernel takes them off when a frame leaves (skb_scrub_packet).
 */
export function rulesOf(target: FaultTarget, fault: Isolation, table: string): string {
  const [hears, isHeard] = [fault.direction !== 'out', fault.direction !== 'in'];
  const others = fault.from?.map((name) => otherOf(target, name));
  const to = (out: FaultHost, rule: string): string => `    oifname "${out.cable}" ${rule} drop\n`;
  const cut =
    others === undefined
      ? [...(hears ? [to(target, '')] : [])]
      : others.flatMap((other) => [
          ...(hears ? (other === 'controller' ? [fromController(target)] : [to(target, mark(other))]) : []),
          ...(isHeard && other !== 'controller' ? [to(other, mark(target))] : []),
        ]);
  const silenced = others === undefined && isHeard ? `    iifname "${target.cable}" drop\n` : '';
  const toController =
    others?.includes('controller') && isHeard ? `    iifname "${target.bridge}" ${mark(target)} drop\n` : '';
  const marks = target.hosts.map(({ cable, number }) => `    iifname "${cable}" meta mark set ${number}\n`);
  return `table bridge ${table} {
  chain arrive {
    type filter hook prerouting priority -300
${silenced}${marks.join('')}  }
  chain leave {
    type filter hook postrouting priority 300
${cut.join('')}  }
}
table inet ${table} {
  chain arrive {
    type filter hook input priority -300
${toController}  }
}
`;
}

/** A host that is called controller goes before the word. */
function otherOf(target: FaultTarget, name: string): FaultHost | 'controller' {
  const isHost = target.hosts.some(({ record }) => record.name === name);
  return name === 'controller' && !isHost ? 'controller' : target.find(name);
}

function mark({ number }: FaultHost): string {
  return `meta mark ${number}`;
}

/** As a router it must still find the host for others: its questions for neighbours pass. */
function fromController({ cable }: FaultHost): string {
  const own = `    oifname "${cable}" meta mark 0`;
  return `${own} ether type arp accept
${own} icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
${own} drop
`;
}

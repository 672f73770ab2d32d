import type { FactKind } from '../fact.ts';
import { FactError } from '../fact-error.ts';

export interface Memory {
  readonly totalBytes: number;
  /** What programs can get without swapping. */
  readonly availableBytes: number;
  readonly swapTotalBytes: number;
  readonly swapFreeBytes: number;
}

/** proc(5), /proc/meminfo. MemAvailable came with Linux 3.14 (CentOS 7 has it backported); before: free and caches. */
export const memory: FactKind<Memory> = {
  name: 'memory',
  command: () => `grep -E '^(Mem(Total|Free|Available)|Buffers|Cached|Swap(Total|Free)):' /proc/meminfo`,
  parse(output) {
    const kibibytes = new Map<string, number>();
    for (const [, name, amount] of output.matchAll(/^(\w+):\s+(\d+)/gm))
      kibibytes.set(name as string, Number(amount));
    const bytes = (name: string): number => (kibibytes.get(name) ?? 0) * 1_024;
    if (!kibibytes.has('MemTotal')) throw new FactError('memory', 'MemTotal of /proc/meminfo', output);
    return {
      totalBytes: bytes('MemTotal'),
      availableBytes: kibibytes.has('MemAvailable')
        ? bytes('MemAvailable')
        : bytes('MemFree') + bytes('Buffers') + bytes('Cached'),
      swapTotalBytes: bytes('SwapTotal'),
      swapFreeBytes: bytes('SwapFree'),
    };
  },
  stable: ({ totalBytes, swapTotalBytes }) => ({ totalBytes, swapTotalBytes }),
};

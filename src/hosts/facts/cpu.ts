import type { FactKind } from '../fact.ts';

export interface Cpu {
  /** Logical processors that are online. */
  readonly cores: number;
  readonly model: string;
  /** Averages over 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number];
}

/** proc(5). ARM has no `model name`; there `Hardware` or the implementer's number is all there is. */
export const cpu: FactKind<Cpu> = {
  name: 'cpu',
  command: () => `cat /proc/loadavg
grep -c '^processor' /proc/cpuinfo || getconf _NPROCESSORS_ONLN
grep -m 1 -E '^(model name|Hardware|CPU implementer|cpu model)' /proc/cpuinfo`,
  parse(output) {
    const [loads = '', cores = '', model = ''] = output.split('\n');
    const [one = 0, five = 0, fifteen = 0] = loads.split(' ').slice(0, 3).map(Number);
    return {
      // An s390x lists its processors otherwise and counts as one.
      cores: Math.max(1, Number.parseInt(cores, 10) || 1),
      model: model.replace(/^[^:]*:\s*/, '').trim(),
      load: [one, five, fifteen],
    };
  },
  stable: ({ cores, model }) => ({ cores, model }),
};

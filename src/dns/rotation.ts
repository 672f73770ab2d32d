import { RR_TYPES } from './rr-type.ts';
import type { RrSet } from './zone.ts';

/** The forms in which an RRset is given, and the order in which they take turns. */
export interface Rotation {
  readonly sets: readonly RrSet[];
  /** Indices into `sets`; at least one. */
  readonly order: readonly number[];
}

/** More addresses than this are given in one order: a list so long says that the client may choose. */
const MOST_ROTATIONS = 16;
/** Weights are kept to this many turns, i.e. to a thousandth. */
const MOST_TURNS = 1_000;

/**
 * How an RRset is shared out. Addresses without weights are all given, each first in its turn (round robin). With
 * weights one record is given at a time, as often as its weight says and as evenly spread as can be; weight 0 never,
 * unless all are 0. All else is given as it is.
 */
export function rotationOf(set: RrSet): Rotation {
  const count = set.rdatas.length;
  if (count === 1) return { sets: [set], order: [0] };
  if (set.weights?.some((weight) => weight > 0)) {
    return { sets: set.rdatas.map((rdata) => ({ ...set, rdatas: [rdata] })), order: spread(set.weights) };
  }
  const isAddress = set.type === RR_TYPES.A || set.type === RR_TYPES.AAAA;
  if (!isAddress || count > MOST_ROTATIONS) return { sets: [set], order: [0] };
  const order = set.rdatas.map((_, index) => index);
  const turned = (by: number): Uint8Array[] => [...set.rdatas.slice(by), ...set.rdatas.slice(0, by)];
  return { sets: order.map((by) => ({ ...set, rdatas: turned(by) })), order };
}

/** Smooth weighted round robin, as nginx does it: a weight of 3 to 1 gives a a b a, not a a a b. */
function spread(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const isWhole = weights.every(Number.isInteger);
  const divisor = isWhole ? weights.reduce(greatestCommonDivisor) : total / MOST_TURNS;
  const turns = Math.min(MOST_TURNS, Math.round(total / divisor));
  const credit = weights.map(() => 0);
  return Array.from({ length: turns }, () => {
    for (const [index, weight] of weights.entries()) credit[index] = (credit[index] as number) + weight;
    const winner = credit.indexOf(Math.max(...credit));
    credit[winner] = (credit[winner] as number) - total;
    return winner;
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

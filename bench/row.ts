/** One measured figure. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  /** `q/s`, `ms`, `packets`, `x` for a ratio … */
  readonly unit: string;
  /** What the value must be: `>= 0.85`, `< 150`. */
  readonly target?: string;
  /** What the value is to be seen beside, measured in the same run; for a ratio, what it is a ratio of. */
  readonly ratioTo?: string;
}

/**
 * Whether a row reaches its target; true where it has none.
 * @throws TypeError for a target that is not written as above
 */
export function reachesTarget({ target, value }: BenchRow): boolean {
  if (target === undefined) return true;
  const [, sign, bound] = /^(<=?|>=?) *(-?\d+(?:\.\d+)?)$/.exec(target) ?? [];
  if (sign === undefined) throw new TypeError(`'${target}' is no target`);
  const limit = Number(bound);
  if (sign === '<') return value < limit;
  if (sign === '<=') return value <= limit;
  return sign === '>' ? value > limit : value >= limit;
}

/** The middle value, the mean of both where there are two; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (Number.isInteger(middle)) return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return sorted[Math.floor(middle)] as number;
}

/**
 * Median and worst of outages.
 * @param what whose they are: `vip: host off, holdfast`
 * @param target of the worst
 */
export function outageRows(what: string, outagesMs: readonly number[], target?: string): BenchRow[] {
  const name = (which: string): string => `${what}, ${which} of ${outagesMs.length}`;
  const worst = { name: name('worst'), value: Math.max(...outagesMs), unit: 'ms' };
  return [
    { name: name('median'), value: median(outagesMs), unit: 'ms' },
    target === undefined ? worst : { ...worst, target },
  ];
}

/** Rows as lines of text. */
export function formatRows(rows: readonly BenchRow[]): string {
  const width = Math.max(...rows.map((row) => row.name.length));
  return rows.map((row) => formatRow(row, width)).join('\n');
}

function formatRow(row: BenchRow, width: number): string {
  const value = row.value >= 1000 ? Math.round(row.value).toLocaleString('en') : row.value.toFixed(2);
  const beside = row.ratioTo === undefined ? '' : `  beside ${row.ratioTo}`;
  const verdict = reachesTarget(row) ? 'reached' : 'MISSED';
  const target = row.target === undefined ? '' : `  (target ${row.target}: ${verdict})`;
  return `${row.name.padEnd(width)}  ${value.padStart(11)} ${row.unit}${beside}${target}`;
}

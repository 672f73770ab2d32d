const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNITS;

/**
 * `250ms`, `2s`, `1h30m`, `1d` → milliseconds. A bare number has no unit and is refused, because a reader of the
 * file could not tell seconds from milliseconds.
 * @returns undefined where the text is no duration
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    totalMs += Number(amount) * UNITS[unit as Unit];
  }
  return Math.round(totalMs);
}

/** Milliseconds → the shortest exact text of up to two units: `250ms`, `1.5s`, `2h30m`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(ms < 10_000 ? 2 : 1))}s`;
  const parts: string[] = [];
  let rest = Math.round(ms / 1_000) * 1_000;
  for (const unit of ['w', 'd', 'h', 'm', 's'] as const) {
    const amount = Math.floor(rest / UNITS[unit]);
    if (amount === 0) continue;
    parts.push(`${amount}${unit}`);
    rest -= amount * UNITS[unit];
    if (parts.length === 2) break;
  }
  return parts.join('');
}

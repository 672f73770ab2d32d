const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** RFC 2181 §8: 31 bits. */
export const LONGEST_TTL = 2 ** 31 - 1;

/**
 * A time of a zone file → seconds: `3600`, `1D`, `2h30m`, in either case (BIND's form of RFC 1035 §5.1).
 * @returns undefined for what is no time, or one beyond 31 bits
 */
export function parseTtl(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return within(Number(text));
  if (!/^(\d{1,10}[smhdw])+$/i.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.toLowerCase().matchAll(/(\d+)([smhdw])/g)) {
    total += Number(amount) * (UNIT_SECONDS[unit as string] as number);
  }
  return within(total);
}

function within(value: number): number | undefined {
  return value <= 0xffff_ffff ? value : undefined;
}

import { formatInstant, type Instant } from '../../base/clock.ts';

/** RFC 1982 §3: serials are 32 bits, and count round. */
const MODULUS = 2 ** 32;
const HALF = 2 ** 31;

/** Year 1990 to 2099, a real month and day, and a counter: how BIND's manuals number by hand (RFC 1912 §2.2). */
const DATED = /^(199\d|20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d\d$/;

/**
 * The serial to follow `serial`: one more, or today's date with 00 where the file numbers by date (`2026030104`) and
 * today is later. Always newer by RFC 1982, also at the end of the 32 bits; never 0, which some servers take for
 * "unset".
 */
export function serialAfter(serial: number, now: Instant): number {
  const next = (serial + 1) % MODULUS || 1;
  if (!DATED.test(String(serial))) return next;
  const today = Number(`${formatInstant(now).slice(0, 10).replaceAll('-', '')}00`);
  return isNewer(today, serial) ? today : next;
}

/** RFC 1982 §3.2: whether `a` is greater than `b`. */
export function isNewer(a: number, b: number): boolean {
  const ahead = (a - b + MODULUS) % MODULUS;
  return ahead > 0 && ahead < HALF;
}

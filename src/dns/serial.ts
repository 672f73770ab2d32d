import type { Instant } from '../base/clock.ts';

/** A zone's serial number: 32 bits that wrap around (RFC 1982). */
export type Serial = number;

const HALF = 2 ** 31;

/**
 * RFC 1982 §3.2: 1 where `a` is newer than `b`, -1 where it is older, 0 where they are equal; undefined where they
 * lie exactly half of the circle apart, of which the RFC says nothing.
 */
export function compareSerials(a: Serial, b: Serial): -1 | 0 | 1 | undefined {
  if (a === b) return 0;
  const distance = (a - b) >>> 0;
  if (distance === HALF) return undefined;
  return distance < HALF ? 1 : -1;
}

/** Whether a secondary that holds `than` would take `serial`. */
export function isNewerSerial(serial: Serial, than: Serial): boolean {
  return compareSerials(serial, than) === 1;
}

/**
 * The serial after `current`. By date it is `YYYYMMDDnn` of the day in UTC, where that is newer; after the hundredth
 * change of a day, or where the serial is of a later day already, it counts on by one. Never 0, which some servers
 * treat as "none".
 */
export function nextSerial(
  current: Serial,
  o: { style: 'count' } | { style: 'date'; nowMs: Instant },
): Serial {
  if (o.style === 'date') {
    const today = Number(new Date(o.nowMs).toISOString().slice(0, 10).replaceAll('-', '')) * 100;
    if (isNewerSerial(today, current)) return today;
  }
  return (current + 1) >>> 0 || 1;
}

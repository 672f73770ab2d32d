import type { Instant } from '../../base/clock.ts';
import { nextSerial, type Serial } from '../../dns/serial.ts';

/** Year 1990 to 2099, a real month and day, and a counter: how people number by hand (RFC 1912 §2.2). */
const DATED = /^(199\d|20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d\d$/;

/** The serial to follow `serial`, by date where the file numbers by date, else by one; always newer (RFC 1982). */
export function serialAfter(serial: Serial, now: Instant): Serial {
  const isDated = DATED.test(String(serial));
  return nextSerial(serial, isDated ? { style: 'date', nowMs: now } : { style: 'count' });
}

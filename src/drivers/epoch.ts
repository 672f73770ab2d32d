/**
 * The epoch of an answer, as a driver keeps it beside the answer itself, so that an older leader is refused wherever
 * it comes from (DESIGN promise 12).
 */
import { hostname } from 'node:os';
import { digestOf } from '../base/digest.ts';
import { canonicalAddress } from '../site/address.ts';
import type { Endpoint } from '../site/model.ts';
import type { AddressRecord } from './answer.ts';
import type { Answer } from './driver.ts';
import { DriverError } from './driver-error.ts';

/** Who published last, with which epoch, and what. */
export interface EpochMark {
  readonly epoch: number;
  /** The machine that published: for people. */
  readonly by: string;
  /** 16 hex digits over the addresses: tells a record changed by hand from a second leader with the same epoch. */
  readonly answer: string;
}

const FORM = /^v=holdfast1 epoch=(\d{1,15}) by=([A-Za-z0-9._-]+) answer=([0-9a-f]{16})$/;

/** The name whose TXT record holds the mark: `_holdfast.www.example.com`. Underscore: no host name (RFC 8552). */
export function epochOwner(name: string): string {
  return `_holdfast.${name}`;
}

/** The mark of an answer that this machine publishes. */
export function markOf(answer: Answer, records: readonly AddressRecord[], by = hostname()): EpochMark {
  const addresses = records.map((record) => canonicalAddress(record.address)).sort();
  return {
    epoch: answer.epoch,
    by,
    answer: digestOf(addresses).slice('sha256:'.length, 'sha256:'.length + 16),
  };
}

/**
 * `v=holdfast1 epoch=12 by=ctl1 answer=0123456789abcdef`; what a host name may not hold is replaced by `-`. Fits one
 * TXT string (RFC 1035 §3.3.14).
 */
export function formatMark(mark: EpochMark): string {
  const by = mark.by.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 180) || 'unknown';
  return `v=holdfast1 epoch=${mark.epoch} by=${by} answer=${mark.answer}`;
}

/** The mark, or undefined where the text is not one of ours. Takes TXT data with or without its quotes. */
export function parseMark(text: string): EpochMark | undefined {
  const [, epoch, by, answer] = FORM.exec(text.replace(/^"(.*)"$/, '$1')) ?? [];
  if (epoch === undefined || by === undefined || answer === undefined) return undefined;
  return { epoch: Number(epoch), by, answer };
}

/**
 * Refuses an answer older than the mark, and one that reuses the mark's epoch for other members: two leaders with one
 * epoch are one too many.
 *
 * @throws DriverError `driver/older-epoch`, `driver/epoch-reused`
 */
export function refuseOlder(endpoint: Endpoint, seen: EpochMark | undefined, ours: EpochMark): void {
  if (seen === undefined || ours.epoch > seen.epoch) return;
  if (ours.epoch === seen.epoch && ours.answer === seen.answer) return;
  const isOlder = ours.epoch < seen.epoch;
  throw new DriverError({
    code: isOlder ? 'driver/older-epoch' : 'driver/epoch-reused',
    message: isOlder
      ? `endpoint ${endpoint.name}: an answer older than the published one was refused`
      : `endpoint ${endpoint.name}: epoch ${ours.epoch} has already been published with other members`,
    expected: `an epoch above ${seen.epoch}, which ${seen.by} has published`,
    got: `epoch ${ours.epoch}`,
    hint: isOlder
      ? 'Another controller leads this endpoint, or led it last: stop one of the two.'
      : 'Two controllers use the same epoch: stop one of the two, then let the other decide again.',
  });
}

/**
 * The epoch of an answer, as a driver keeps it beside the answer itself, so that an older leader is refused wherever
 * it comes from (DESIGN promise 12).
 */
import type { Endpoint } from '../site/model.ts';
import type { Answer } from './driver.ts';
import { DriverError } from './driver-error.ts';

/** Who published last, and with which epoch. */
export interface EpochMark {
  readonly epoch: number;
  /** The machine that published: for people, and to tell two controllers apart. */
  readonly by: string;
}

const FORM = /^v=holdfast1 epoch=(\d{1,15}) by=([A-Za-z0-9._-]+)$/;

/** The name whose TXT record holds the mark: `_holdfast.www.example.com`. Underscore: no host name (RFC 8552). */
export function epochOwner(name: string): string {
  return `_holdfast.${name}`;
}

/** `v=holdfast1 epoch=12 by=ctl1`; what a host name may not hold is replaced by `-`. Fits one TXT string (RFC 1035 §3.3.14). */
export function formatEpoch(mark: EpochMark): string {
  const by = mark.by.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 200) || 'unknown';
  return `v=holdfast1 epoch=${mark.epoch} by=${by}`;
}

/** The mark, or undefined where the text is not one of ours. */
export function parseEpoch(text: string): EpochMark | undefined {
  const [, epoch, by] = FORM.exec(text) ?? [];
  return epoch === undefined || by === undefined ? undefined : { epoch: Number(epoch), by };
}

/**
 * Refuses an answer older than the mark, and one that reuses the mark's epoch for other members: two leaders with one
 * epoch are one too many.
 *
 * @param same whether the members published under the mark are those of the answer
 * @throws DriverError `driver/older-epoch`, `driver/epoch-reused`
 */
export function refuseOlder(
  endpoint: Endpoint,
  seen: EpochMark | undefined,
  answer: Answer,
  same: boolean,
): void {
  if (seen === undefined || answer.epoch > seen.epoch || (answer.epoch === seen.epoch && same)) return;
  const older = answer.epoch < seen.epoch;
  throw new DriverError({
    code: older ? 'driver/older-epoch' : 'driver/epoch-reused',
    message: older
      ? `endpoint ${endpoint.name}: an answer older than the published one was refused`
      : `endpoint ${endpoint.name}: epoch ${answer.epoch} has already been published with other members`,
    expected: `an epoch above ${seen.epoch}, which ${seen.by} has published`,
    got: `epoch ${answer.epoch}`,
    hint: older
      ? 'Another controller leads this endpoint, or led it last: stop one of the two. If the state folder of this one was lost, let it lead anew with an epoch above the published one.'
      : 'Two controllers use the same epoch: stop one of the two, then let the other decide again.',
  });
}

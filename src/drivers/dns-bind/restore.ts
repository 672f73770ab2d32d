import { openScope } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { isHoldfastError, messageOf } from '../../base/errors.ts';
import { isNewerSerial } from '../../dns/serial.ts';
import type { BindHost, FoundZone } from './bind-host.ts';
import { DnsBindError } from './error.ts';
import { type EditedZone, renumber } from './zone-edit.ts';

export interface Restoration {
  readonly clock: Clock;
  readonly bind: BindHost;
  readonly found: FoundZone;
  readonly edited: EditedZone;
  /** What went wrong. */
  readonly because: unknown;
  /** The serial that the server gives now. */
  readSerial(signal: AbortSignal): Promise<number>;
}

/** The way back has a time limit of its own. */
const TIMEOUT_MS = 60_000;

/**
 * Puts a zone file back, unless somebody else has written it since. Where BIND has loaded the new content the old one
 * comes back with a serial above it, or secondaries would keep the new one; otherwise byte for byte.
 *
 * @throws DnsBindError `dns-bind/restore-failed`, with what went wrong first and what went wrong now
 */
export async function restore(o: Restoration): Promise<void> {
  using scope = openScope(o.clock, { what: 'putting the zone file back', timeoutMs: TIMEOUT_MS });
  const { found, edited } = o;
  const bind = o.bind.under(scope.signal);
  try {
    const served = await o.readSerial(scope.signal).catch(() => undefined);
    const wasLoaded = served !== undefined && !isNewerSerial(edited.serial, served);
    const text = wasLoaded
      ? renumber(found.text, found.place.zone, edited.serial, o.clock.now())
      : found.text;
    const isBack = await bind.exchange({ ...found, text: edited.text }, text);
    if (isBack && !isReloadFailure(o.because)) await bind.reload(found.place);
  } catch (error) {
    throw restoreFailed(o, error);
  }
}

function isReloadFailure(error: unknown): boolean {
  return error instanceof DnsBindError && error.code === 'dns-bind/reload-failed';
}

function restoreFailed({ because, found }: Restoration, error: unknown): DnsBindError {
  return new DnsBindError({
    code: 'dns-bind/restore-failed',
    message: `the zone ${found.place.zone} could not be published (${messageOf(because)}), nor its file put back`,
    where: isHoldfastError(error) ? error.where : {},
    expected: `the old content in ${found.realFile}`,
    got: messageOf(error),
    hint: `Put ${found.realFile}.holdfast-old back by hand, raise its serial, and reload the zone.`,
    cause: because,
  });
}

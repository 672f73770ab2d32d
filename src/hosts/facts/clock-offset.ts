import type { FactKind } from '../fact.ts';

export interface ClockOffset {
  /** The host's clock minus ours: positive where it is ahead. */
  readonly offsetMs: number;
  /** The true offset is within this of the above: half the time on the network, and the host's own resolution. */
  readonly uncertaintyMs: number;
  /** Whether the host says that something keeps its clock right; undefined where nothing says. */
  readonly synchronised?: boolean;
}

/**
 * As SNTP does (RFC 4330 §5), from the host's time at the beginning and the end of the round trip, which `gather.ts`
 * takes for every host. The command only asks whether the clock is kept: the kernel's own flag where a tool shows it.
 */
export const clockOffset: FactKind<ClockOffset | undefined> = {
  name: 'clock-offset',
  command: () => `if command -v timedatectl >/dev/null 2>&1; then
  timedatectl show -p NTPSynchronized 2>/dev/null || timedatectl status
fi
if command -v chronyc >/dev/null 2>&1; then chronyc -n tracking; fi`,
  parse(output, _args, timing) {
    if (timing?.hostBeganAtMs === undefined || timing.hostEndedAtMs === undefined) return undefined;
    const { sentAtMs, receivedAtMs, hostBeganAtMs, hostEndedAtMs, hostResolutionMs } = timing;
    const onTheWayMs = Math.max(0, receivedAtMs - sentAtMs - (hostEndedAtMs - hostBeganAtMs));
    const offsetMs = (hostBeganAtMs - sentAtMs + (hostEndedAtMs - receivedAtMs)) / 2;
    const synchronised = saysSynchronised(output);
    return {
      offsetMs: Math.round(offsetMs),
      uncertaintyMs: Math.ceil(onTheWayMs / 2 + hostResolutionMs),
      ...(synchronised === undefined ? {} : { synchronised }),
    };
  },
  /** A clock never stands still. */
  stable: () => undefined,
};

/** systemd ≥ 239: `NTPSynchronized=yes`; CentOS 7: `NTP synchronized: yes`; chrony: `Leap status : Normal`. */
function saysSynchronised(output: string): boolean | undefined {
  const said = [
    ...output.matchAll(/^\s*(?:NTPSynchronized=|(?:NTP|System clock) synchronized: )(yes|no)/gim),
  ].map(([, word]) => word === 'yes');
  const leap = /^Leap status\s*: (.+)$/m.exec(output)?.[1];
  if (leap !== undefined) said.push(leap.trim() !== 'Not synchronised');
  return said.length === 0 ? undefined : said.some(Boolean);
}

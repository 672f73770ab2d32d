/** Zone files where there are none yet. Pure. */

export interface NewZone {
  readonly zone: string;
  /** Absolute, without the final dot. */
  readonly nameServer: string;
  readonly hostmaster: string;
}

/**
 * A zone file without records but its own. The serial begins at 1 and grows with every change. Secondaries look every
 * 15 minutes even where no NOTIFY reaches them; a name that does not exist is remembered for ten seconds only, so that
 * one that comes into being is found (RFC 2308 §5).
 */
export function newZoneText({ zone, nameServer, hostmaster }: NewZone): string {
  return `; ${zone}: made by Holdfast, yours to edit. Holdfast changes only its own names and the serial.
$ORIGIN ${zone}.
$TTL 1h
@ IN SOA ${nameServer}. ${hostmaster}. (
    1    ; serial
    15m  ; refresh
    5m   ; retry
    2w   ; expire
    10 ) ; negative answers
@ IN NS ${nameServer}.
`;
}

/** The zone statement for named.conf. */
export function zoneStatement(zone: string, file: string): string {
  return `zone "${zone}" IN {\n    type master;\n    file "${file}";\n    allow-update { none; };\n};\n`;
}

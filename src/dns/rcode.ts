/** Response codes (RFC 1035 §4.1.1, RFC 2136 §2.2, RFC 6891 §9); above 15 they need EDNS. */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADVERS: 16,
} as const;

/** Kinds of messages (RFC 1035 §4.1.1, RFC 1996, RFC 2136). */
export const OPCODE = { QUERY: 0, NOTIFY: 4, UPDATE: 5 } as const;

const NAMES = new Map<number, string>(Object.entries(RCODE).map(([name, code]) => [code, name]));

/** `3` → `NXDOMAIN`, an unassigned one → `RCODE3841` */
export function rcodeName(code: number): string {
  return NAMES.get(code) ?? `RCODE${code}`;
}

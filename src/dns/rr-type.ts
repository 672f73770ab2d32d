/** Record types by mnemonic (IANA, DNS parameters). Others are written `TYPE65280` (RFC 3597 §5). */
export const RR_TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  KEY: 25,
  AAAA: 28,
  LOC: 29,
  SRV: 33,
  NAPTR: 35,
  CERT: 37,
  DNAME: 39,
  OPT: 41,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  URI: 256,
  CAA: 257,
} as const;

/** Classes (RFC 1035 §3.2.4, RFC 2136 §2.4). */
export const CLASS = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

const NAMES = new Map<number, string>(Object.entries(RR_TYPES).map(([name, code]) => [code, name]));

/** `1` → `A`, `1000` → `TYPE1000` */
export function typeName(code: number): string {
  return NAMES.get(code) ?? `TYPE${code}`;
}

/** `a` → 1, `TYPE1000` → 1000; undefined for what is no type. */
export function typeCode(name: string): number | undefined {
  const upper = name.toUpperCase();
  if (Object.hasOwn(RR_TYPES, upper)) return RR_TYPES[upper as keyof typeof RR_TYPES];
  const number = /^TYPE(\d{1,5})$/.exec(upper)?.[1];
  return number === undefined || Number(number) > 0xffff ? undefined : Number(number);
}

/** `IN` → 1, `CLASS32` → 32; undefined for what is no class. */
export function classCode(name: string): number | undefined {
  const upper = name.toUpperCase();
  if (Object.hasOwn(CLASS, upper)) return CLASS[upper as keyof typeof CLASS];
  const number = /^CLASS(\d{1,5})$/.exec(upper)?.[1];
  return number === undefined || Number(number) > 0xffff ? undefined : Number(number);
}

/** Whether a type is asked for but never stored: OPT, and 128 to 255 (RFC 6895 §3.1). */
export function isMetaType(code: number): boolean {
  return code === RR_TYPES.OPT || (code >= 128 && code <= 255) || code === 0;
}

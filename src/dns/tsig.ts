/**
 * Transaction signatures (RFC 8945): a shared secret proves who sent a message, and that nobody changed it.
 * Only full MACs by HMAC-SHA256 and HMAC-SHA512 are made and accepted.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import { DnsError } from './error.ts';
import { type Name, parseName } from './name.ts';
import { appendTsig, readTsig, type TsigRecord } from './tsig-record.ts';

export type TsigAlgorithm = 'hmac-sha256' | 'hmac-sha512';

export interface TsigKey {
  /** As the server knows it, e.g. `holdfast-key` or `holdfast-key.` */
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
  /** In base64, as `tsig-keygen` and `keymgr -t` print it. */
  readonly secret: Secret;
}

/** What the errors of RFC 8945 §5 mean here; `unsigned`: no TSIG record; `FORMERR`: one that breaks its format. */
export type TsigFailure = 'unsigned' | 'FORMERR' | 'BADKEY' | 'BADSIG' | 'BADTIME' | 'BADTRUNC';

/** The `error` field of the record (RFC 8945 §3). */
export const TSIG_ERRORS = { BADSIG: 16, BADKEY: 17, BADTIME: 18, BADTRUNC: 22 } as const;

export interface SignOptions {
  /** Wall clock; the peer's must agree within the fudge. */
  readonly nowMs: Instant;
  /** For an answer: the MAC of the request. For a later message of a transfer: that of the message before. */
  readonly requestMac?: Uint8Array;
  /** True for the second and later messages of a transfer (RFC 8945 §5.3.1). */
  readonly timersOnly?: boolean;
  /** For an answer that reports a failure, e.g. `TSIG_ERRORS.BADTIME`. */
  readonly error?: number;
  /** With BADTIME: the time of the request, which is repeated (RFC 8945 §5.2.3). */
  readonly requestTime?: number;
}

export interface VerifyOptions {
  readonly nowMs: Instant;
  readonly requestMac?: Uint8Array;
  readonly timersOnly?: boolean;
}

export type Verified =
  | {
      readonly ok: true;
      readonly key: TsigKey;
      readonly mac: Uint8Array;
      /** The message without its TSIG record, with the ID that was signed. */
      readonly stripped: Uint8Array;
      /** The peer's TSIG error, 0 where there is none; with BADTIME the answer is signed and yet a refusal. */
      readonly tsigError: number;
    }
  | {
      readonly ok: false;
      readonly error: TsigFailure;
      /** The key that the message names, where it is one of ours. */
      readonly key?: TsigKey;
      readonly mac?: Uint8Array;
      /** Seconds since 1970, as the peer signed it. */
      readonly timeSigned?: number;
      /** What the peer itself complains of: an error answer is unsigned when our key or MAC was not accepted. */
      readonly tsigError?: number;
      readonly record?: TsigRecord;
    };

/** RFC 8945 §10 recommends 300 seconds. */
const FUDGE_SECONDS = 300;
const HASHES = {
  'hmac-sha256': { hash: 'sha256', bytes: 32 },
  'hmac-sha512': { hash: 'sha512', bytes: 64 },
} as const;

/**
 * Signs a message.
 * @param wire a whole message without TSIG, at most 65,535 bytes with it
 * @returns the message with the TSIG record appended, and the MAC, which the answer's signature covers
 * @throws DnsError `dns/bad-key` where the secret is no base64, `dns/bad-name` for the key's name
 */
export function signMessage(
  wire: Uint8Array,
  key: TsigKey,
  o: SignOptions,
): { wire: Uint8Array; mac: Uint8Array } {
  const nowSeconds = Math.floor(o.nowMs / 1000);
  const unsigned: TsigRecord = {
    keyName: parseName(key.name),
    algorithm: parseName(key.algorithm),
    timeSigned: o.requestTime ?? nowSeconds,
    fudge: FUDGE_SECONDS,
    mac: new Uint8Array(),
    originalId: ((wire[0] as number) << 8) | (wire[1] as number),
    error: o.error ?? 0,
    other: o.error === TSIG_ERRORS.BADTIME ? u48(nowSeconds) : new Uint8Array(),
  };
  const mac = macOf(key, wire, unsigned, o);
  return { wire: appendTsig(wire, { ...unsigned, mac }), mac };
}

/**
 * An answer to a request whose key or MAC was not accepted: it names the error and carries no MAC
 * (RFC 8945 §5.3.2).
 */
export function refuseUnsigned(wire: Uint8Array, request: TsigRecord, error: number): Uint8Array {
  return appendTsig(wire, { ...request, mac: new Uint8Array(), error, other: new Uint8Array() });
}

/**
 * Checks a message's signature, in the order RFC 8945 §5.2 asks for: key, MAC, time.
 * Never throws for foreign bytes.
 * @param wire a whole message
 */
export function verifyMessage(wire: Uint8Array, keys: readonly TsigKey[], o: VerifyOptions): Verified {
  const found = readTsig(wire);
  if (found === 'none') return { ok: false, error: 'unsigned' };
  if (found === 'malformed') return { ok: false, error: 'FORMERR' };
  const { record, stripped } = found;
  const about = { timeSigned: record.timeSigned, tsigError: record.error, record };
  const key = keys.find((candidate) => isKeyOf(candidate, record));
  if (key === undefined) return { ok: false, error: 'BADKEY', ...about };
  const failed = (error: TsigFailure): Verified => ({ ok: false, error, key, mac: record.mac, ...about });

  const fullLength = HASHES[key.algorithm].bytes;
  if (record.mac.length > fullLength) return failed('FORMERR');
  if (record.mac.length === 0) return failed('BADSIG');
  if (record.mac.length < fullLength / 2) return failed('FORMERR');
  const expected = macOf(key, stripped, record, o);
  if (!timingSafeEqual(expected.subarray(0, record.mac.length), record.mac)) return failed('BADSIG');
  if (record.mac.length < fullLength) return failed('BADTRUNC');
  const skewSeconds = Math.abs(Math.floor(o.nowMs / 1000) - record.timeSigned);
  if (skewSeconds > record.fudge) return failed('BADTIME');
  return { ok: true, key, mac: record.mac, stripped, tsigError: record.error };
}

/**
 * Refuses a key that could never sign, before it is used.
 * @throws DnsError `dns/bad-key`, `dns/bad-name`
 */
export function checkTsigKey(key: TsigKey): void {
  parseName(key.name);
  secretBytes(key);
}

function isKeyOf(key: TsigKey, record: TsigRecord): boolean {
  return parseName(key.name).equals(record.keyName) && parseName(key.algorithm).equals(record.algorithm);
}

/** RFC 8945 §4.3 */
function macOf(
  key: TsigKey,
  message: Uint8Array,
  record: TsigRecord,
  o: { requestMac?: Uint8Array; timersOnly?: boolean },
): Uint8Array {
  const hmac = createHmac(HASHES[key.algorithm].hash, secretBytes(key));
  if (o.requestMac !== undefined) hmac.update(u16(o.requestMac.length)).update(o.requestMac);
  hmac.update(message);
  const timers = Buffer.concat([u48(record.timeSigned), u16(record.fudge)]);
  if (o.timersOnly === true) return hmac.update(timers).digest();
  return hmac
    .update(folded(record.keyName))
    .update(Buffer.of(0, 255, 0, 0, 0, 0))
    .update(folded(record.algorithm))
    .update(timers)
    .update(u16(record.error))
    .update(u16(record.other.length))
    .update(record.other)
    .digest();
}

function folded(name: Name): Buffer {
  return Buffer.from(name.key, 'latin1');
}

function secretBytes(key: TsigKey): Buffer {
  const text = key.secret.reveal().replace(/\s+/g, '');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) {
    throw new DnsError({
      code: 'dns/bad-key',
      message: `the secret of TSIG key '${key.name}' (${key.secret}) is no base64`,
      expected: 'base64, as tsig-keygen prints it',
      got: 'other text (not shown)',
      hint: `Make one with: tsig-keygen -a ${key.algorithm} ${key.name}`,
    });
  }
  return bytes;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function u48(value: number): Uint8Array {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(value, 0, 6);
  return bytes;
}

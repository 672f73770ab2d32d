/**
 * Sealed files: secrets by key, each encrypted with AES-256-GCM under a key that scrypt makes of a passphrase.
 *
 * ```json
 * { "format": "holdfast-sealed/v1",
 *   "kdf": { "name": "scrypt", "N": 32768, "r": 8, "p": 1, "salt": "…" },
 *   "values": { "db-root": { "nonce": "…", "data": "…", "tag": "…" } } }
 * ```
 * Names are readable, so that a diff shows what changed; values are bound to their name, so that nobody can swap two.
 * The file may be kept in version control; the passphrase may not.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import { digestOf } from '../base/digest.ts';
import { nearest } from '../base/nearest.ts';
import type { Secret } from '../base/secret.ts';
import { SecretError } from './secret-error.ts';

const FORMAT = 'holdfast-sealed/v1';
const base64 = z.string().regex(/^[A-Za-z0-9+/]*=*$/);
const sealedValue = z.strictObject({ nonce: base64, data: base64, tag: base64 });
const sealedFile = z.strictObject({
  format: z.literal(FORMAT),
  // Bounded, so that a forged file cannot make us compute for hours or fill the memory.
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z
      .int()
      .min(1_024)
      .max(1_048_576)
      .refine((n) => Number.isInteger(Math.log2(n)), 'a power of two'),
    r: z.int().min(1).max(32),
    p: z.int().min(1).max(16),
    salt: base64,
  }),
  values: z.record(z.string(), sealedValue),
});
type SealedFile = z.infer<typeof sealedFile>;
type SealedValue = z.infer<typeof sealedValue>;

/** Cost of one guess: about 80 ms and 32 MB (OWASP's recommendation is N = 2^17 for logins; this is beside a 0600 file). */
const COST = { N: 32_768, r: 8, p: 1 } as const;

/** Whether a name can be used in `sealed:path#name`. */
export function isSealedKey(key: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/.test(key);
}

/**
 * Opens one value.
 * @param path for messages
 * @throws SecretError `secret/no-such-key`, `secret/wrong-passphrase`, `secret/broken-file`
 */
export async function openSealed(
  path: string,
  text: string,
  key: string,
  passphrase: Secret,
): Promise<string> {
  const file = parse(path, text);
  const value = Object.hasOwn(file.values, key) ? file.values[key] : undefined;
  if (value === undefined) throw noSuchKey(path, key, Object.keys(file.values));
  const opened = decrypt(value, key, await keyOf(file, passphrase));
  if (opened === undefined) throw wrongPassphrase(path, key, passphrase);
  return opened;
}

/**
 * Adds or replaces one value.
 * @param text the file as it is, or undefined for a new one
 * @param random bytes nobody can guess; node's own unless a test fixes them
 * @returns the new text
 * @throws SecretError where the passphrase is not the one of the values that are there
 */
export async function sealValue(
  path: string,
  text: string | undefined,
  key: string,
  value: Secret,
  passphrase: Secret,
  random: (size: number) => Uint8Array = randomBytes,
): Promise<string> {
  const file: SealedFile =
    text === undefined
      ? {
          format: FORMAT,
          kdf: { name: 'scrypt', ...COST, salt: Buffer.from(random(16)).toString('base64') },
          values: {},
        }
      : parse(path, text);
  const derived = await keyOf(file, passphrase);
  const [present] = Object.entries(file.values);
  if (present !== undefined && decrypt(present[1], present[0], derived) === undefined) {
    throw wrongPassphrase(path, present[0], passphrase);
  }
  const values = { ...file.values, [key]: encrypt(value.reveal(), key, derived, random) };
  const sorted = Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ ...file, values: sorted }, null, 2)}\n`;
}

function parse(path: string, text: string): SealedFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw broken(path, 'no JSON');
  }
  const parsed = sealedFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw broken(path, issue === undefined ? 'another form' : `${issue.path.join('.')}: ${issue.message}`);
}

/** The last key that was derived, because one run opens several values of one file. */
let lastDerived: { of: string; key: Promise<Buffer> } | undefined;

function keyOf({ kdf }: SealedFile, passphrase: Secret): Promise<Buffer> {
  const of = digestOf([kdf, passphrase.reveal()]);
  if (lastDerived?.of === of) return lastDerived.key;
  const { N, r, p, salt } = kdf;
  const key = new Promise<Buffer>((resolve, reject) => {
    const options = { N, r, p, maxmem: 256 * N * r + 128 * r * p };
    scrypt(passphrase.reveal(), Buffer.from(salt, 'base64'), 32, options, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    );
  });
  lastDerived = { of, key };
  return key;
}

function boundTo(key: string): Buffer {
  return Buffer.from(`${FORMAT}\0${key}`);
}

function encrypt(
  value: string,
  key: string,
  derived: Buffer,
  random: (size: number) => Uint8Array,
): SealedValue {
  const nonce = Buffer.from(random(12));
  const cipher = createCipheriv('aes-256-gcm', derived, nonce).setAAD(boundTo(key));
  const data = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return {
    nonce: nonce.toString('base64'),
    data: data.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
}

/** @returns undefined where the tag does not fit: another passphrase, another name, or changed bytes */
function decrypt(value: SealedValue, key: string, derived: Buffer): string | undefined {
  const tag = Buffer.from(value.tag, 'base64');
  const nonce = Buffer.from(value.nonce, 'base64');
  if (tag.length !== 16 || nonce.length !== 12) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', derived, nonce, { authTagLength: 16 })
      .setAAD(boundTo(key))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(Buffer.from(value.data, 'base64')), decipher.final()]).toString(
      'utf8',
    );
  } catch {
    return undefined;
  }
}

function noSuchKey(path: string, key: string, known: readonly string[]): SecretError {
  const meant = nearest(key, known);
  return new SecretError({
    code: 'secret/no-such-key',
    message: `${path} has no value named '${key}'`,
    expected: known.length === 0 ? 'a file with values' : `one of ${known.join(', ')}`,
    got: key,
    hint: meant === undefined ? `Add it: \`holdfast seal ${path} ${key}\`.` : `Did you mean '${meant}'?`,
  });
}

function wrongPassphrase(path: string, key: string, passphrase: Secret): SecretError {
  return new SecretError({
    code: 'secret/wrong-passphrase',
    message: `the passphrase does not open ${path}`,
    expected: `the passphrase with which '${key}' was sealed`,
    got: `another one, from ${passphrase}`,
    hint: 'Give the right passphrase. If it surely is right, the file was changed: take it from version control.',
  });
}

function broken(path: string, got: string): SecretError {
  return new SecretError({
    code: 'secret/broken-file',
    message: `${path} is no sealed file`,
    expected: `a file made by \`holdfast seal\` (${FORMAT})`,
    got,
    hint: 'Correct the path; if it is the right file, take it from version control again.',
  });
}

/**
 * A password is never in the site file: it is named by `env:NAME`, `file:/path` or `sealed:/path#key`, and looked up
 * by whoever hands it on, at the moment it does.
 */
import { messageOf, systemCode } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { openSealed } from './sealed-file.ts';
import { SecretError } from './secret-error.ts';

export type SecretRef = `env:${string}` | `file:${string}` | `sealed:${string}`;

/** Whether a text has the form of a reference (not whether it can be resolved). */
export function isSecretRef(text: string): text is SecretRef {
  return /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|sealed:.+#.+)$/.test(text);
}

/** What a reference is looked up in. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readFile(path: string): Promise<Uint8Array>;
  /** `mode`: permission bits at least. Follows links. */
  stat(path: string): Promise<{ readonly mode: number }>;
}

/** Names the passphrase that opens sealed files: its value, or a 0600 file that holds it. */
export const SEAL_PASSPHRASE = 'HOLDFAST_SEAL_PASSPHRASE';
export const SEAL_KEY_FILE = 'HOLDFAST_SEAL_KEY_FILE';

/**
 * Turns a reference into its value.
 * - `env:NAME`: a variable that is set and not empty.
 * - `file:/path`: a file that nobody but its owner (and root) may read; one newline at its end does not count.
 * - `sealed:/path#key`: a value of an encrypted file made with `holdfast seal`.
 * @throws SecretError
 */
export async function resolveSecret(reference: SecretRef, sources: SecretSources): Promise<Secret> {
  if (!isSecretRef(reference)) throw badReference(reference);
  const [scheme, rest] = cutAt(reference, ':');
  if (scheme === 'env') return new Secret(reference, fromEnv(rest, sources.env));
  if (scheme === 'file') return new Secret(reference, await readSecretFile(rest, sources));
  const hash = rest.lastIndexOf('#');
  const path = inHome(rest.slice(0, hash), sources.env);
  // Encrypted, so that it may be readable by all, as in a checkout.
  const text = decode(path, await readWhole(path, sources, 'any mode'));
  const passphrase = await sealPassphrase(sources);
  return new Secret(reference, await openSealed(path, text, rest.slice(hash + 1), passphrase));
}

/**
 * The passphrase for sealed files, from the environment.
 * @throws SecretError `secret/no-passphrase` where neither variable is set
 */
export async function sealPassphrase(sources: SecretSources): Promise<Secret> {
  const value = sources.env[SEAL_PASSPHRASE];
  if (value !== undefined && value !== '') return new Secret(`env:${SEAL_PASSPHRASE}`, value);
  const file = sources.env[SEAL_KEY_FILE];
  if (file !== undefined && file !== '')
    return new Secret(`file:${file}`, await readSecretFile(file, sources));
  throw new SecretError({
    code: 'secret/no-passphrase',
    message: 'no passphrase for sealed files is given',
    expected: `${SEAL_PASSPHRASE}, or ${SEAL_KEY_FILE} with the path of a 0600 file`,
    got: 'neither is set',
    hint: `Set one of them, e.g. \`read -rs ${SEAL_PASSPHRASE} && export ${SEAL_PASSPHRASE}\`.`,
  });
}

function fromEnv(name: string, env: SecretSources['env']): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw new SecretError({
    code: value === '' ? 'secret/empty' : 'secret/not-set',
    message: `the environment variable ${name} is ${value === '' ? 'empty' : 'not set'}`,
    expected: `a value in ${name}`,
    got: value === '' ? 'an empty one' : 'none',
    hint: `Set it for this command, e.g. \`read -rs ${name} && export ${name}\`; under systemd use EnvironmentFile.`,
  });
}

/** Reads a file that holds nothing but a secret. */
async function readSecretFile(written: string, sources: SecretSources): Promise<string> {
  const path = inHome(written, sources.env);
  const value = decode(path, await readWhole(path, sources, 'owner only')).replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw new SecretError({
    code: 'secret/empty',
    message: `${path} holds no secret`,
    expected: 'the secret, with or without a newline after it',
    got: 'an empty file',
    hint: 'Write the secret into it.',
  });
}

async function readWhole(
  path: string,
  sources: SecretSources,
  allow: 'owner only' | 'any mode',
): Promise<Uint8Array> {
  try {
    const mode = (await sources.stat(path)).mode & 0o777;
    if (allow === 'owner only' && (mode & 0o077) !== 0) throw tooOpen(path, mode);
    return await sources.readFile(path);
  } catch (cause) {
    if (cause instanceof SecretError) throw cause;
    const isMissing = systemCode(cause) === 'ENOENT';
    throw new SecretError({
      code: 'secret/unreadable',
      message: `cannot read ${path}`,
      expected: 'a file that holds the secret',
      got: isMissing ? 'there is no such file' : messageOf(cause),
      hint: isMissing ? 'Create it with mode 0600, or correct the path.' : 'Run as a user who may read it.',
      cause,
    });
  }
}

function tooOpen(path: string, mode: number): SecretError {
  return new SecretError({
    code: 'secret/too-open',
    message: `others may read ${path}`,
    expected: 'mode 0600 or stricter',
    got: `mode ${mode.toString(8).padStart(4, '0')}`,
    hint: `Run \`chmod 600 ${path}\`, and change the secret if somebody may have read it.`,
  });
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SecretError({
      code: 'secret/unreadable',
      message: `${path} is not text`,
      expected: 'UTF-8',
      got: 'other bytes',
      hint: 'Store the secret as text; encode a binary key in base64.',
      cause,
    });
  }
}

function badReference(reference: string): SecretError {
  return new SecretError({
    code: 'secret/bad-reference',
    message: 'this is no reference to a secret',
    expected: 'env:NAME, file:/path or sealed:/path#key',
    // What stands there may be the password itself.
    got: `${reference.length} characters of another form`,
    hint: 'Put the secret into a variable or a 0600 file, and write the reference.',
  });
}

function inHome(path: string, env: SecretSources['env']): string {
  return path.startsWith('~/') && env.HOME !== undefined ? `${env.HOME}${path.slice(1)}` : path;
}

function cutAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}

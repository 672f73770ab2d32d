/** Private keys of the user, read and decrypted once however many hosts take them. */

import type { ParsedKey } from 'ssh2';
import ssh2 from 'ssh2';
import { messageOf, systemCode } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import type { SecretRef } from '../site/secret-ref.ts';

export interface IdentityFiles {
  read(path: string): Promise<Buffer>;
  /** Permission bits. */
  mode(path: string): Promise<number>;
}

/** A key that can be tried, or why it cannot; a missing file is told apart, because a default may well be missing. */
export type Identity =
  | { readonly path: string; readonly key: ParsedKey }
  | { readonly path: string; readonly unusable: string; readonly isMissing: boolean };

export interface Identities {
  /** Never rejects: what is wrong with a key is said where the login fails for want of another. */
  load(path: string, passphrase: SecretRef | undefined): Promise<Identity>;
}

/** Opens a cache of keys: decrypting one takes about a second of CPU (bcrypt), which 100 hosts must not pay each. */
export function openIdentities(
  files: IdentityFiles,
  secret: (reference: SecretRef) => Promise<Secret>,
): Identities {
  const cache = new Map<string, Promise<Identity>>();
  return {
    load(path, passphrase) {
      const key = `${passphrase ?? ''}\0${path}`;
      const cached = cache.get(key) ?? loadIdentity(path, passphrase, files, secret);
      cache.set(key, cached);
      return cached;
    },
  };
}

async function loadIdentity(
  path: string,
  passphrase: SecretRef | undefined,
  files: IdentityFiles,
  secret: (reference: SecretRef) => Promise<Secret>,
): Promise<Identity> {
  const unusable = (why: string, isMissing = false): Identity => ({ path, unusable: why, isMissing });
  let data: Buffer;
  try {
    const mode = await files.mode(path);
    if ((mode & 0o077) !== 0) {
      return unusable(`others may read it (mode ${mode.toString(8)}): chmod 600 ${path}`);
    }
    data = await files.read(path);
  } catch (error) {
    const code = systemCode(error);
    return code === 'ENOENT' ? unusable('there is no such file', true) : unusable(messageOf(error));
  }
  try {
    const phrase = passphrase === undefined ? undefined : (await secret(passphrase)).reveal();
    const parsed = ssh2.utils.parseKey(data, phrase) as ParsedKey | ParsedKey[] | Error;
    if (parsed instanceof Error) return unusable(explainParse(parsed.message, passphrase));
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    if (key === undefined || !key.isPrivateKey()) return unusable('it holds no private key');
    return { path, key };
  } catch (error) {
    return unusable(messageOf(error));
  }
}

function explainParse(message: string, passphrase: SecretRef | undefined): string {
  if (/no passphrase given/i.test(message)) {
    return 'it is encrypted, and the site file names no passphrase for it';
  }
  if (/bad passphrase|bad decrypt|integrity check/i.test(message)) {
    return `the passphrase behind ${passphrase} does not open it`;
  }
  return message;
}

/**
 * OpenSSH's known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): which host keys are known for a name. Pure.
 *
 * Understood: several names a line, wildcards and negation, `[host]:port`, hashed names (`|1|salt|hash`), `@revoked`.
 * `@cert-authority` lines are found and said to be unsupported: ssh2 does not verify host certificates.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface KnownHostsFile {
  readonly file: string;
  readonly lines: readonly KnownHostsLine[];
}

export interface KnownHostsLine {
  /** Counted from 1. */
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  readonly names: string;
  /** `ssh-ed25519` … */
  readonly type: string;
  /** The key's blob in base64, without padding. */
  readonly key: string;
}

/** `file:line` */
export type KeyPlace = `${string}:${number}`;

export interface KnownKey {
  readonly type: string;
  readonly key: string;
  readonly place: KeyPlace;
}

/** Everything that the files say about one host. */
export interface KnownKeys {
  readonly accepted: readonly KnownKey[];
  readonly revoked: readonly KnownKey[];
  readonly authorities: readonly KnownKey[];
  /** Under the bare name where the port is not 22: OpenSSH takes these as a match, never as a contradiction. */
  readonly withoutPort: readonly KnownKey[];
}

export type Verdict =
  | { readonly is: 'known'; readonly place: KeyPlace }
  | { readonly is: 'revoked'; readonly place: KeyPlace }
  /** Another key is known for the host: of the same type, or (`type` differs) of others only. */
  | { readonly is: 'changed'; readonly known: readonly KnownKey[] }
  | { readonly is: 'unsupported'; readonly place: KeyPlace }
  | { readonly is: 'unknown' };

/** Reads a file's text. Lines that make no sense are passed over, as OpenSSH does. */
export function parseKnownHosts(file: string, text: string): KnownHostsFile {
  const lines = text.split('\n').flatMap((raw, index) => parseLine(raw, index + 1) ?? []);
  return { file, lines };
}

function parseLine(raw: string, line: number): KnownHostsLine | undefined {
  const words = raw.trim().split(/[ \t]+/);
  const marked = words[0]?.startsWith('@') ? words.shift()?.slice(1) : undefined;
  const [names, type, key] = words;
  if (names === undefined || names === '' || names.startsWith('#') || type === undefined) return undefined;
  // The three numbers of an SSH 1 key end up here too: `type` is a number then.
  if (key === undefined || !/^[A-Za-z0-9+/]+=*$/.test(key) || /^\d+$/.test(type)) return undefined;
  if (marked !== undefined && marked !== 'revoked' && marked !== 'cert-authority') return undefined;
  return { line, marker: marked, names, type, key: key.replace(/=+$/, '') };
}

/** The name under which OpenSSH keeps a host: `[host]:port` unless the port is 22. */
export function knownHostsName(host: string, port: number): string {
  const lower = host.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

/** Collects what the files say about a host. */
export function keysOf(files: readonly KnownHostsFile[], host: string, port: number): KnownKeys {
  const name = knownHostsName(host, port);
  const found = files.flatMap((file) => matchesIn(file, name));
  const of = (marker: KnownHostsLine['marker']): KnownKey[] =>
    found.filter((match) => match.marker === marker).map((match) => match.known);
  const bare = port === 22 ? [] : files.flatMap((file) => matchesIn(file, host.toLowerCase()));
  return {
    accepted: of(undefined),
    revoked: of('revoked'),
    authorities: of('cert-authority'),
    withoutPort: bare.filter((match) => match.marker === undefined).map((match) => match.known),
  };
}

interface Match {
  readonly marker: KnownHostsLine['marker'];
  readonly known: KnownKey;
}

function matchesIn(file: KnownHostsFile, name: string): Match[] {
  return file.lines
    .filter((entry) => covers(entry.names, name))
    .map(({ marker, type, key, line }) => ({ marker, known: { type, key, place: `${file.file}:${line}` } }));
}

/** Whether a line's names cover `name` (already in lower case); one negated match is enough for no. */
export function covers(names: string, name: string): boolean {
  if (names.startsWith('|')) return isHashOf(names, name);
  let covered = false;
  for (const pattern of names.split(',')) {
    const isNegated = pattern.startsWith('!');
    if (!globMatches(isNegated ? pattern.slice(1) : pattern, name)) continue;
    if (isNegated) return false;
    covered = true;
  }
  return covered;
}

/** `|1|base64 salt|base64 HMAC-SHA1(salt, name)` */
function isHashOf(hashed: string, name: string): boolean {
  const [, magic, salt, hash] = hashed.split('|');
  if (magic !== '1' || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** `*` and `?` as in ssh_config(5) PATTERNS; `[` is an ordinary character there. */
function globMatches(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern.toLowerCase() === name;
  const source = pattern
    .toLowerCase()
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
}

/** Judges the key that a server showed. A revoked key is revoked whatever else is known. */
export function judgeKey(known: KnownKeys, type: string, blob: Uint8Array): Verdict {
  const key = Buffer.from(blob).toString('base64').replace(/=+$/, '');
  const same = (list: readonly KnownKey[]): KnownKey | undefined => list.find((entry) => entry.key === key);
  const revoked = same(known.revoked);
  if (revoked !== undefined) return { is: 'revoked', place: revoked.place };
  const accepted = same(known.accepted) ?? same(known.withoutPort);
  if (accepted !== undefined) return { is: 'known', place: accepted.place };
  if (known.accepted.length > 0) {
    const sameType = known.accepted.filter((entry) => entry.type === type);
    return { is: 'changed', known: sameType.length > 0 ? sameType : known.accepted };
  }
  const authority = known.authorities[0];
  return authority === undefined ? { is: 'unknown' } : { is: 'unsupported', place: authority.place };
}

const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
};
/** What is asked for where nothing is known, best first. */
const DEFAULT_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
];

/**
 * Host key algorithms to offer: those of known keys first, so that a server with several keys shows one we can check
 * (as OpenSSH does), then the others, so that the verdict can say what it showed instead.
 */
export function hostKeyAlgorithms(knownTypes: Iterable<string>): string[] {
  const known = new Set(knownTypes);
  const types = [...DEFAULT_TYPES.filter((type) => known.has(type)), ...DEFAULT_TYPES];
  return [...new Set(types)].flatMap((type) => ALGORITHMS[type] ?? [type]);
}

/** `SHA256:…` without padding, as `ssh-keygen -l` prints it. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a public key blob names in its first field (RFC 4253 §6.6). */
export function typeOfBlob(blob: Uint8Array): string {
  const bytes = Buffer.from(blob);
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  return bytes.toString('latin1', 4, 4 + length);
}

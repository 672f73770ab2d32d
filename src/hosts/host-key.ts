/** The decision about a server's key: pinned in the site file, known, or refused with the way out. Pure. */

import { HostError } from './host-error.ts';
import {
  fingerprint,
  hostKeyAlgorithms,
  judgeKey,
  type KnownHostsFile,
  type KnownKeys,
  keysOf,
  knownHostsName,
  typeOfBlob,
} from './known-hosts.ts';

/** What is known about one host before it is asked. */
export interface KeyTrust {
  /** To be offered in this order. */
  readonly algorithms: readonly string[];
  /** undefined: go on. An error: refuse. */
  judge(blob: Uint8Array): HostError | undefined;
}

export interface KeySubject {
  /** The host's name in the site, for messages. */
  readonly name: string;
  /** As known_hosts has it: the address, or HostKeyAlias. */
  readonly address: string;
  readonly port: number;
  /** `ssh-ed25519 AAAA…` from the site file: then known_hosts does not count. */
  readonly pinned?: string | undefined;
  /** Where a new key would be added. */
  readonly writeTo: string;
}

/** Prepares the decision for one host. */
export function trustFor(subject: KeySubject, files: readonly KnownHostsFile[]): KeyTrust {
  if (subject.pinned !== undefined) return trustPinned(subject, subject.pinned);
  const known = keysOf(files, subject.address, subject.port);
  const types = [...known.accepted, ...known.withoutPort].map((entry) => entry.type);
  return {
    algorithms: hostKeyAlgorithms(types),
    judge: (blob) => judgeKnown(subject, known, blob),
  };
}

function trustPinned(subject: KeySubject, pinned: string): KeyTrust {
  const [type = '', key = ''] = pinned.trim().split(/\s+/);
  return {
    algorithms: hostKeyAlgorithms([type]),
    judge(blob) {
      const shown = Buffer.from(blob);
      const expected = Buffer.from(key, 'base64');
      if (shown.equals(expected)) return undefined;
      return new HostError({
        code: 'host/key-changed',
        host: subject.name,
        message: 'the host key is not the one pinned in the site file',
        expected: `${type} ${fingerprint(expected)} (hostKey in the site file)`,
        got: `${typeOfBlob(blob)} ${fingerprint(blob)}`,
        hint: `If the host was reinstalled, compare the fingerprint on its console (${onConsole(blob)}) and change hostKey to '${asLine(blob)}'. If not, somebody may be in between: do not go on.`,
      });
    },
  };
}

function judgeKnown(subject: KeySubject, known: KnownKeys, blob: Uint8Array): HostError | undefined {
  const type = typeOfBlob(blob);
  const verdict = judgeKey(known, type, blob);
  const got = `${type} ${fingerprint(blob)}`;
  switch (verdict.is) {
    case 'known':
      return undefined;
    case 'revoked':
      return new HostError({
        code: 'host/key-revoked',
        host: subject.name,
        message: `the host shows a key that is revoked at ${verdict.place}`,
        expected: 'a key that nobody has revoked',
        got,
        hint: 'Whoever revoked it holds that the private key has leaked: give the host a new key, or remove the @revoked line if that was a mistake.',
      });
    case 'changed':
      return keyChanged(subject, verdict.known, type, blob);
    case 'unsupported':
      return new HostError({
        code: 'host/key-unsupported',
        host: subject.name,
        message: `${verdict.place} trusts this host through a certificate authority, which Holdfast does not support`,
        expected: "the host's own key in known_hosts or in the site file",
        got,
        hint: addKey(subject, blob),
      });
    case 'unknown':
      return new HostError({
        code: 'host/key-unknown',
        host: subject.name,
        message: 'the host key is not known',
        expected: `a line for ${knownHostsName(subject.address, subject.port)} in known_hosts, or hostKey in the site file`,
        got,
        hint: addKey(subject, blob),
      });
  }
}

function keyChanged(
  subject: KeySubject,
  known: KnownKeys['accepted'],
  type: string,
  blob: Uint8Array,
): HostError {
  const first = known[0];
  const name = knownHostsName(subject.address, subject.port);
  const isOtherType = first?.type !== type;
  return new HostError({
    code: 'host/key-changed',
    host: subject.name,
    message: isOtherType
      ? `the host shows a key of another type than the one at ${first?.place}`
      : `the host key is not the one at ${first?.place}`,
    expected: known
      .map((entry) => `${entry.type} ${fingerprint(Buffer.from(entry.key, 'base64'))} (${entry.place})`)
      .join(' or '),
    got: `${type} ${fingerprint(blob)}`,
    hint: `If the host was reinstalled: compare the fingerprint on its console (${onConsole(blob)}), run \`ssh-keygen -R '${name}' -f ${fileOf(first?.place)}\`, then ${scan(subject, type)}. If not, somebody may be in between: do not go on.`,
  });
}

function addKey(subject: KeySubject, blob: Uint8Array): string {
  return `Compare the fingerprint on the host's console (${onConsole(blob)}), then run ${scan(subject, typeOfBlob(blob))}, or pin it in the site file: hostKey: '${asLine(blob)}'.`;
}

function scan({ address, port, writeTo }: KeySubject, type: string): string {
  const keyscanType = type.startsWith('ecdsa') ? 'ecdsa' : type.replace(/^ssh-/, '');
  return `\`ssh-keyscan -p ${port} -t ${keyscanType} ${address} >> ${writeTo}\``;
}

function onConsole(blob: Uint8Array): string {
  const type = typeOfBlob(blob);
  const name = type.startsWith('ecdsa') ? 'ecdsa' : type.replace(/^ssh-/, '');
  return `\`ssh-keygen -lf /etc/ssh/ssh_host_${name}_key.pub\``;
}

function asLine(blob: Uint8Array): string {
  return `${typeOfBlob(blob)} ${Buffer.from(blob).toString('base64')}`;
}

function fileOf(place: string | undefined): string {
  return place?.replace(/:\d+$/, '') ?? '~/.ssh/known_hosts';
}

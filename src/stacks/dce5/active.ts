/**
 * Which node clients get behind a proxy that passes TCP through: the certificate says it, whichever proxy it is, also one
 * that nobody of ours set up. Where all nodes were given the same one, or the host has no openssl, it cannot be told.
 */
import { ask, type FactKind, type FactQuery } from '../../hosts/fact.ts';
import { type Command, sh } from '../../hosts/shell.ts';
import type { HostName } from '../../site/model.ts';

export interface ActiveArgs {
  readonly name: string;
  /** Where clients come. */
  readonly front: string;
  /** The node's own address. */
  readonly own: string;
}

/** SHA-256 of the certificates, shortened; undefined: nobody answers. */
export interface Active {
  readonly atFront: string | undefined;
  readonly atNode: string | undefined;
}

const active: FactKind<Active, ActiveArgs> = {
  name: 'dce5-active',
  command: (args) => activeCommand(args).text,
  parse: parseActive,
  /** May change between plan and apply; the installer's step asks again. */
  stable: () => null,
};

export function activeOn(host: HostName, args: ActiveArgs): FactQuery<Active, ActiveArgs> {
  return ask(host, active, args);
}

/** Asks who serves the name at port 443 of both. */
export function activeCommand({ name, front, own }: ActiveArgs): Command {
  const asked = [front, own].map((address) => (address.includes(':') ? `[${address}]` : address));
  return sh`command -v openssl >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1 || exit 0
for a in ${asked}; do
  timeout 5 openssl s_client -connect "$a:443" -servername ${name} </dev/null 2>/dev/null |
    openssl x509 -noout -fingerprint -sha256 2>/dev/null || echo silent
done`;
}

/** The output of the command. */
export function parseActive(output: string): Active {
  const [atFront, atNode] = output.split('\n').map((line) => line.split('=')[1]?.slice(0, 23));
  return { atFront, atNode };
}

/** Whether clients get the node, as far as can be told. */
export function isActive({ atFront, atNode }: Active): boolean {
  return atFront === atNode;
}

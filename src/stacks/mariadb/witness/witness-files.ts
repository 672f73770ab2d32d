/** What the witness and those who ask it have on disk. Pure. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quote } from '../../../hosts/shell.ts';
import { slugOf } from '../../../site/endpoint-hooks.ts';
import type { HostSpec, Site } from '../../../site/model.ts';
import type { Pair } from '../pair.ts';

/** On the witness: an account that can do nothing but run the script, by a key a node. */
export const WITNESS = {
  user: 'holdfast-witness',
  home: '/var/lib/holdfast-witness',
  script: '/usr/local/lib/holdfast/witness',
} as const;

/** The script on the witness, the same for every pair. */
export function witnessScript(): string {
  return readFileSync(join(import.meta.dirname, 'witness.sh'), 'utf8');
}

/** The pair's name at the witness, where pairs of other sites may have the same. */
export function pairAtWitness(site: Site, { endpoint }: Pair): string {
  return slugOf(`${site.name}/${endpoint.name}`);
}

/**
 * The script by which the role agent of a node asks. One connection stays open, so that an answer takes milliseconds
 * when it matters (ssh_config(5), ControlPersist); one that died is noticed within two seconds.
 */
export function askWitnessScript({ paths }: Pair, { address, port }: HostSpec): string {
  const { etc, run } = paths;
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=1',
    'ControlMaster=auto',
    `ControlPath=${run}/witness.sock`,
    'ControlPersist=60',
    'ServerAliveInterval=1',
    'ServerAliveCountMax=2',
    'StrictHostKeyChecking=yes',
    'HostKeyAlias=witness',
    `UserKnownHostsFile=${etc}/witness.hosts`,
    'GlobalKnownHostsFile=/dev/null',
    'IdentitiesOnly=yes',
  ];
  return `#!/bin/sh
# Written by Holdfast: asks the witness of this MariaDB pair. Prints who may act alone; nothing where it is silent.
exec timeout 2 ssh -F none -i ${etc}/witness.key ${options.map((option) => `-o ${option}`).join(' ')} -p ${port} ${quote(`${WITNESS.user}@${address}`)} "$1" </dev/null 2>${run}/witness.error
`;
}

/** The line of `authorized_keys` that lets a node ask, and do nothing else (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
export function authorizedLine(pair: string, node: string, publicKey: string): string {
  const [type = '', key = ''] = publicKey.trim().split(/\s+/);
  return `restrict,command="${WITNESS.script} ${pair} ${quote(node)}" ${type} ${key} ${keyMark(pair, node)}`;
}

/** The comment of that line, which no other has. */
export function keyMark(pair: string, node: string): string {
  return `${pair}:${encodeURIComponent(node)}`;
}

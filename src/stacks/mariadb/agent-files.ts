/** The files of the role agent on one node. Pure. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quote } from '../../hosts/shell.ts';
import type { Node, Pair } from './pair.ts';
import type { MariadbSpec } from './schema.ts';
import { type Family, waitMs } from './server-conf.ts';

/** The script, the same on every host; what differs is in `settings`. */
export function roleScript(): string {
  return readFileSync(join(import.meta.dirname, 'agent', 'role.sh'), 'utf8');
}

/** What the script reads first. Holds no secret. */
export function roleSettings(spec: MariadbSpec, { paths }: Pair, node: Node): string {
  const { tls, run, state, hooks } = paths;
  const ssl = `, MASTER_SSL=1, MASTER_SSL_CA='${tls}/peer.pem', MASTER_SSL_CERT='${tls}/own.pem', MASTER_SSL_KEY='${tls}/own.key', MASTER_SSL_VERIFY_SERVER_CERT=0`;
  const settings = {
    me: node.member.name,
    peer: node.peer.address,
    port: spec.port,
    account: spec.replication.user,
    availability: spec.availability,
    ack_timeout_ms: spec.ackTimeout,
    wanted_wait: waitMs(spec),
    witness: spec.witness ?? '',
    run,
    state,
    vip_run: hooks.run,
    vip_state: hooks.state,
    master_ssl: ssl,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quote(String(value))}`);
  return `# Written by Holdfast.\n${lines.join('\n')}\n`;
}

/** What stands before and after the password in the option file by which the peer is asked. */
export function peerOptions(spec: MariadbSpec, { paths }: Pair, node: Node): [string, string] {
  const head = `# Written by Holdfast.
[client]
host=${node.peer.address}
port=${spec.port}
user=${spec.replication.user}
connect-timeout=1
ssl-ca=${paths.tls}/peer.pem
ssl-cert=${paths.tls}/own.pem
ssl-key=${paths.tls}/own.key
password="`;
  return [head, '"\n'];
}

const SOCKETS: Readonly<Record<Family, string>> = {
  debian: '/run/mysqld/mysqld.sock',
  redhat: '/var/lib/mysql/mysql.sock',
};

/**
 * The same for root on the host itself; without a password the socket says who it is. Without TLS, which a socket does not
 * need: the client reads all authorities of the host first, some 40 ms of a processor each time it starts.
 */
export function localOptions(family: Family): string {
  return `# Written by Holdfast.\n[client]\nuser=root\nsocket=${SOCKETS[family]}\nskip-ssl\n`;
}

/** The unit that runs the agent's loop. */
export function roleUnit({ endpoint, paths }: Pair): string {
  return `# Written by Holdfast.
[Unit]
Description=Holdfast: role of this host in the MariaDB pair behind ${endpoint.name}
After=mariadb.service
Before=keepalived.service

[Service]
ExecStart=${paths.etc}/role loop
Restart=always
RestartSec=1
# A session that ends must end what asks it.
IgnoreSIGPIPE=no
NoNewPrivileges=yes
ProtectHome=yes
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
`;
}

/** What the address's driver runs: scripts of one line each, by folder. */
export function hookFiles({ paths }: Pair): readonly { readonly path: string; readonly content: string }[] {
  const { hooks, etc } = paths;
  const file = (folder: string, line: string) => ({
    path: `${hooks.etc}/${folder}/50-mariadb`,
    content: `#!/bin/sh\n# Written by Holdfast.\nexec ${etc}/role ${line}\n`,
  });
  return [file('notify.d', 'notify "$1"'), file('check.d', 'check'), file('aside.d', 'fence')];
}

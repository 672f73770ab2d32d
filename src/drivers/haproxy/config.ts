/** haproxy.cfg of one endpoint. Pure; HAProxy 2.0 or newer. */
import { isIPv6 } from 'node:net';
import { slugOf } from '../../site/endpoint-hooks.ts';
import type { Endpoint } from '../../site/model.ts';
import { proxyPaths } from '../proxy-paths.ts';
import { askFor } from '../proxy-probe.ts';
import type { ProxyConfig } from '../proxy-schema.ts';

type Ports = ProxyConfig['ports'][number];

/** Section of one port, and of its servers in the runtime API. */
export function sectionOf(endpoint: Endpoint, { listen }: Ports): string {
  return `${proxyPaths(endpoint.name).slug}-${listen}`;
}

/** The whole file. */
export function haproxyConfig(endpoint: Endpoint<ProxyConfig>): string {
  const { run, state } = proxyPaths(endpoint.name);
  const { ports } = endpoint.driver.config;
  return `# Written by Holdfast: endpoint ${endpoint.name}. TCP is passed through, so that the members' certificates hold.
global
    log stderr format raw local0
    user haproxy
    group haproxy
    # Who may write here moves clients: root alone.
    stats socket ${run}/admin.sock mode 600 level admin
    stats timeout 30s
    # Which members are drained outlives a restart.
    server-state-file ${state}/servers

defaults
    mode tcp
    log global
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    timeout check ${endpoint.timeoutMs}ms
    load-server-state-from-file global
    # A connection that a member refuses goes to another one before the client hears of it.
    retries 3
    option redispatch 1

${ports.map((port) => listenSection(endpoint, port)).join('\n')}`;
}

function listenSection(endpoint: Endpoint<ProxyConfig>, port: Ports): string {
  const { addresses, policy, members, intervalMs, rise, fall } = endpoint;
  const ask = askFor(endpoint, port.member);
  const binds = (addresses.length === 0 ? ['*'] : addresses).map(
    (address) => `    bind ${at(address)}:${port.listen}`,
  );
  const timing = `inter ${intervalMs}ms fastinter ${Math.max(10, Math.round(intervalMs / 2))}ms rise ${rise} fall ${fall}`;
  const servers = members.map(
    ({ name, address, weight }, index) =>
      `    server ${slugOf(name)} ${at(address)}:${port.member}${policy === 'weighted' ? ` weight ${Math.min(256, weight)}` : ''}${policy === 'failover' && index > 0 ? ' backup' : ''}`,
  );
  return `listen ${sectionOf(endpoint, port)}
${binds.join('\n')}
    balance ${policy === 'weighted' ? 'roundrobin' : 'leastconn'}
${checkLines(ask)
  .map((line) => `    ${line}\n`)
  .join(
    '',
  )}    default-server check port ${ask.port} ${timing} on-marked-down shutdown-sessions${ask.kind === 'https' ? ' check-ssl verify none' : ''}
${servers.join('\n')}
`;
}

/** The probe in HAProxy's words; a member that greets first is not spoken to. */
function checkLines(ask: ReturnType<typeof askFor>): string[] {
  if (ask.kind === 'tcp') return ['option tcp-check', 'tcp-check connect'];
  const host = ask.host === undefined ? '' : ` ver HTTP/1.1 hdr Host ${ask.host}`;
  const statuses = ask.statuses.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
  return [
    'option httpchk',
    `http-check send meth ${ask.method} uri ${ask.path}${host}`,
    `http-check expect status ${statuses}`,
  ];
}

function at(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

/** The unit: a master that keeps the sockets while workers with the new configuration take over. */
export function haproxyUnit(endpoint: Endpoint): string {
  const { etc, pid } = proxyPaths(endpoint.name);
  return `# Written by Holdfast.
[Unit]
Description=Holdfast: HAProxy in front of ${endpoint.name}
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
ExecStartPre=/usr/sbin/haproxy -c -q -f ${etc}/haproxy.cfg
ExecStart=/usr/sbin/haproxy -Ws -f ${etc}/haproxy.cfg -p ${pid}
ExecReload=/usr/sbin/haproxy -c -q -f ${etc}/haproxy.cfg
ExecReload=/bin/kill -USR2 $MAINPID
KillMode=mixed
Restart=always
RestartSec=1
SuccessExitStatus=143

[Install]
WantedBy=multi-user.target
`;
}

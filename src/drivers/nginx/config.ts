/** nginx.conf of one endpoint: its own instance, with the stream module. Pure. */
import { isIPv6 } from 'node:net';
import type { Endpoint, MemberName } from '../../site/model.ts';
import type { EpochMark } from '../epoch.ts';
import { formatMark, parseMark } from '../epoch.ts';
import { proxyPaths } from '../proxy-paths.ts';
import type { ProxyConfig } from '../proxy-schema.ts';

/** The file that stays as it is while answers change. */
export function nginxConf(endpoint: Endpoint<ProxyConfig>, user: string): string {
  const { etc, pid } = proxyPaths(endpoint.name);
  const { ports } = endpoint.driver.config;
  return `# Written by Holdfast: endpoint ${endpoint.name}. TCP is passed through, so that the members' certificates hold.
user ${user};
worker_processes auto;
pid ${pid};
error_log stderr notice;
# Where Debian and Red Hat load the stream module.
include /etc/nginx/modules-enabled/*.conf;
include /usr/share/nginx/modules/*.conf;

events {
    worker_connections 4096;
}

stream {
    # Written with each answer, of: ${membersInWords(endpoint)}.
    include ${etc}/servers.conf;
${ports.map((port) => serverBlock(endpoint, port)).join('')}}
`;
}

/** Stands in the file so that it changes, and is read again, where the members do. */
function membersInWords({ members, policy, rise, fall, intervalMs }: Endpoint): string {
  const words = members.map(({ name, address, weight }) => `${name} ${address} (${weight})`);
  return `${words.join(', ')}; ${policy}, ${rise} up, ${fall} down each ${intervalMs} ms`;
}

function serverBlock(endpoint: Endpoint<ProxyConfig>, port: ProxyConfig['ports'][number]): string {
  const addresses = endpoint.addresses.length === 0 ? ['*', '::'] : endpoint.addresses;
  const listens = addresses.map((address) => `        listen ${at(address)}:${port.listen};\n`);
  return `
    server {
${listens.join('')}        proxy_pass ${upstreamOf(endpoint, port.listen)};
        proxy_connect_timeout ${endpoint.timeoutMs}ms;
        proxy_timeout 1h;
    }
`;
}

/**
 * The file of one answer. nginx without a licence has no active checks: a member is passed over for `fail_timeout`
 * after `max_fails` connections of clients have failed (each of which nginx then tries at the next member), and with one
 * member left it is never passed over. Under failover the others stand by as `backup`; otherwise they are `down`.
 *
 * A server on a socket that only root reaches says which answer the running workers have: nginx has no other way to
 * tell that a reload has been done.
 */
export function serversConf(
  endpoint: Endpoint<ProxyConfig>,
  served: readonly MemberName[],
  mark: EpochMark | undefined,
): string {
  const first = mark === undefined ? 'nothing published yet' : formatMark(mark);
  const upstreams = endpoint.driver.config.ports.map(({ listen, member }) => {
    const lines = endpoint.members.map((one) => {
      const role = served.includes(one.name) ? '' : endpoint.policy === 'failover' ? ' backup' : ' down';
      const weight = endpoint.policy === 'weighted' ? ` weight=${Math.max(1, one.weight)}` : '';
      const failing = ` max_fails=${endpoint.fall} fail_timeout=${Math.max(1, Math.ceil((endpoint.rise * endpoint.intervalMs) / 1_000))}s`;
      return `    server ${at(one.address)}:${member}${weight}${failing}${role};\n`;
    });
    return `upstream ${upstreamOf(endpoint, listen)} {\n${lines.join('')}}\n`;
  });
  return `# ${first}
# members=${served.map((name) => encodeURIComponent(name)).join(',')}
${upstreams.join('')}server {
    listen unix:${answerSocket(endpoint)};
    return "${first}\\nmembers=${served.map((name) => encodeURIComponent(name)).join(',')}\\n";
}
`;
}

/** What such a file, or the running nginx, says of itself. */
export function parseServers(text: string): { mark: EpochMark | undefined; members: MemberName[] } {
  const lines = text.split('\n').map((line) => line.replace(/^# /, ''));
  const members = /^members=(.*)$/m.exec(lines.join('\n'))?.[1] ?? '';
  return {
    mark: lines.map((line) => parseMark(line)).find((mark) => mark !== undefined),
    members: members === '' ? [] : members.split(',').map(decodeURIComponent),
  };
}

export function answerSocket(endpoint: Endpoint): string {
  return `${proxyPaths(endpoint.name).run}/answer.sock`;
}

function upstreamOf(endpoint: Endpoint, listen: number): string {
  return `${proxyPaths(endpoint.name).slug}_${listen}`;
}

function at(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

/** The unit. A socket that a killed nginx left behind would keep the next one from starting. */
export function nginxUnit(endpoint: Endpoint): string {
  const { etc, pid } = proxyPaths(endpoint.name);
  return `# Written by Holdfast.
[Unit]
Description=Holdfast: nginx in front of ${endpoint.name}
After=network-online.target
Wants=network-online.target

[Service]
Type=forking
PIDFile=${pid}
ExecStartPre=/bin/rm -f ${answerSocket(endpoint)}
ExecStartPre=/usr/sbin/nginx -t -q -c ${etc}/nginx.conf
ExecStart=/usr/sbin/nginx -c ${etc}/nginx.conf
ExecReload=/usr/sbin/nginx -c ${etc}/nginx.conf -s reload
KillSignal=SIGQUIT
TimeoutStopSec=5
KillMode=mixed
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;
}

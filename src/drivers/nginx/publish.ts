/** From an answer to a file of servers that nginx has read: written, tested, reloaded, asked for; else put back. */
import { sh } from '../../hosts/shell.ts';
import type { Endpoint, HostName } from '../../site/model.ts';
import type { Answer, DriverContext, Published } from '../driver.ts';
import { type EpochMark, formatMark, refuseOlder } from '../epoch.ts';
import { NEWER_THERE, underMark } from '../host-mark.ts';
import { proxyPaths } from '../proxy-paths.ts';
import { ownsCommand, type ProxyLook, publishToProxies, refused, runOn } from '../proxy-publish.ts';
import type { ProxyConfig } from '../proxy-schema.ts';
import { answerSocket, parseServers, serversConf } from './config.ts';

/**
 * See `proxy-publish.ts`. A reload is graceful: old workers serve their connections to the end.
 * @throws DriverError `driver/…`; ProxyError
 */
export function publishToNginx(
  ctx: DriverContext,
  endpoint: Endpoint<ProxyConfig>,
  answer: Answer,
): Promise<Published> {
  return publishToProxies(ctx, endpoint, answer, {
    look: (host) => lookAtNginx(ctx, endpoint, host),
    tell: (host, mark) => tellNginx(ctx, endpoint, host, answer, mark),
  });
}

/** What the running nginx says. @throws ProxyError `proxy/refused` where it does not answer; HostError */
export async function lookAtNginx(
  ctx: DriverContext,
  endpoint: Endpoint<ProxyConfig>,
  host: HostName,
): Promise<ProxyLook> {
  const { state } = proxyPaths(endpoint.name);
  const command = sh`${ownsCommand(endpoint.addresses)}
[ -r ${state}/mark ] && printf 'noted %s\n' "$(cat ${state}/mark)"
socat -t 5 - ${`UNIX-CONNECT:${answerSocket(endpoint)}`} </dev/null`;
  const result = await runOn(ctx, host, command);
  if (result.code !== 0) throw refused(host, 'to say what it serves', result);
  const { members } = parseServers(result.stdout);
  const noted = /^noted (.*)$/m.exec(result.stdout)?.[1] ?? '';
  return { host, isUsed: /^owns$/m.test(result.stdout), mark: parseServers(noted).mark, members };
}

async function tellNginx(
  ctx: DriverContext,
  endpoint: Endpoint<ProxyConfig>,
  host: HostName,
  answer: Answer,
  mark: EpochMark,
): Promise<void> {
  const { etc, state, pid } = proxyPaths(endpoint.name);
  const file = `${etc}/servers.conf`;
  const conf = `${etc}/nginx.conf`;
  const then = sh`cat >${file}.new || exit 1
if ! cmp -s ${file}.new ${file}; then
  cp -p ${file} ${file}.holdfast-old 2>/dev/null
  mv -f ${file}.new ${file} || exit 1
  if ! nginx -t -q -c ${conf} >&2; then
    [ ! -e ${file}.holdfast-old ] || mv -f ${file}.holdfast-old ${file}
    exit 1
  fi
fi
rm -f ${file}.new
ask() { socat -t 5 - ${`UNIX-CONNECT:${answerSocket(endpoint)}`} </dev/null 2>/dev/null | head -n 1; }
[ "$(ask)" = ${formatMark(mark)} ] && exit 0
read -r master <${pid} || exit 1
workers=$(grep -ls "^PPid:[[:space:]]*$master$" /proc/[0-9]*/status)
# An old worker accepts connections until it has said that it is shutting down.
accepting() {
  for w in $workers; do
    w=\${w%/status}; [ ! -d "$w" ] || grep -qs 'shutting down' "$w/cmdline" || return 0
  done
  return 1
}
nginx -c ${conf} -s reload >&2 || exit 1
n=0
while accepting || [ "$(ask)" != ${formatMark(mark)} ]; do
  n=$((n + 1)); [ "$n" -lt 100 ] || { echo 'the workers do not have the new answer' >&2; exit 1; }
  sleep 0.1 2>/dev/null || sleep 1
done
rm -f ${file}.holdfast-old`;
  const wrapped = underMark(state, mark, sh`( ${then} )`);
  const result = await runOn(ctx, host, wrapped, serversConf(endpoint, answer.members, mark));
  if (result.code === 0) return;
  if (result.code === NEWER_THERE) refuseOlder(endpoint, { ...mark, epoch: mark.epoch + 1, by: host }, mark);
  throw refused(host, 'which members get clients', result);
}

/**
 * The health loop of one member: a POSIX shell script that keepalived's track file is written by. Pure.
 *
 * Two speeds. Ten times a second: is each port still listened on? The kernel's table says so without a connection, and
 * a port that nobody listens on is no doubt but a fact. At the endpoint's interval, with its rise and fall: does the
 * member answer? Beside it the peers are asked, because a member steps aside only for one that is well: where all are
 * down, the address stays where it is. But for a member whose hook ends with NEVER_HERE: clients would get something
 * wrong there (a database that may be behind), which is worse than nothing.
 */
import { quote } from '../hosts/shell.ts';
import { NEVER_HERE } from '../site/endpoint-hooks.ts';
import type { Endpoint } from '../site/model.ts';
import { type Ask, asksOf, portsOf } from './vrrp-checks.ts';
import { vrrpPaths } from './vrrp-paths.ts';

export interface HealthOptions {
  /** Where this host's own service is asked. */
  readonly own: string;
  /** Where the others are asked. */
  readonly peers: readonly string[];
  /** What is asked; default: what a shell can ask of the endpoint's probes. */
  readonly asks?: readonly Ask[];
  /** Ports that must be listened on; default: those of the questions. */
  readonly ports?: readonly number[];
}

/** Ticks a second. */
const TICK_MS = 100;
/** A request to step aside that nobody took back: whoever made it has died. */
const ASIDE_MS = 10_000;

/** The script. `health` runs until it is killed; `health once` says by its exit code whether the host may own. */
export function healthScript(endpoint: Endpoint, o: HealthOptions): string {
  const asks = o.asks ?? asksOf(endpoint.probes);
  const { etc, run } = vrrpPaths(endpoint.name);
  const steadyTicks = Math.ceil((endpoint.rise * endpoint.intervalMs) / TICK_MS);
  return `#!/bin/sh
# Written by Holdfast: health of endpoint ${endpoint.name} on this host, for keepalived.
LC_ALL=C PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export LC_ALL PATH
etc=${etc} run=${run}
own=${quote(o.own)} peers=${quote(o.peers.join(' '))}
interval=${endpoint.intervalMs / 1_000} seconds=${Math.max(1, Math.ceil(endpoint.timeoutMs / 1_000))}
rise=${endpoint.rise} fall=${endpoint.fall}

# proc(5): the kernel's table of TCP sockets; state 0A is LISTEN.
listening() {
${(o.ports ?? portsOf(asks)).map(listenLine).join('\n') || '  :'}
}

# tcp ADDRESS PORT; where no tool can ask, the table above has to do.
tcp() {
  if command -v bash >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1; then
    timeout "$seconds" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null
  elif command -v nc >/dev/null 2>&1; then nc -z -w "$seconds" "$1" "$2" >/dev/null 2>&1
  fi
}

# http SCHEME ADDRESS PORT PATH METHOD HOST: prints the status.
http() {
  case $2 in *:*) at="[$2]";; *) at=$2;; esac
  curl -sk -o /dev/null -m "$seconds" -w '%{http_code}' -X "$5" -H "Host: \${6:-$at:$3}" "$1://$at:$3$4"
}

# answers ADDRESS
answers() {
${asks.map(askLine).join('\n') || '  :'}
}

# What others hook in: each must end well, within the timeout.
checks() {
  for check in "$etc"/check.d/*; do
    [ -f "$check" ] && [ -x "$check" ] || continue
    if command -v timeout >/dev/null 2>&1; then timeout "$seconds" "$check"; else "$check"; fi >/dev/null 2>&1
    code=$?
    [ "$code" = 0 ] || return "$code"
  done
}

a_peer_answers() {
  for peer in $peers; do answers "$peer" && return 0; done
  return 1
}

pause() { sleep "$1" 2>/dev/null || sleep 1; }
put() { printf '%s\\n' "$2" >"$run/$1"; }

if [ "\${1:-}" = once ]; then
  listening && answers "$own" && checks
  code=$?
  [ "$code" != 0 ] || exit 0
  [ "$code" != ${NEVER_HERE} ] && ! a_peer_answers
  exit
fi

ask_own() {
  good=0 bad=0
  while :; do
    answers "$own" && checks
    code=$?
    if [ "$code" = 0 ]; then
      bad=0 good=$((good + 1))
      [ "$good" -lt "$rise" ] || { good=$rise; put answers 1; }
    else
      good=0 bad=$((bad + 1))
      [ "$bad" -lt "$fall" ] || {
        bad=$fall
        if [ "$code" = ${NEVER_HERE} ]; then put answers never; else put answers 0; fi
      }
    fi
    pause "$interval"
  done
}

ask_peers() {
  while :; do
    if a_peer_answers; then put peers 1; else put peers 0; fi
    pause "$interval"
  done
}

mkdir -p "$run"
# A verdict of before a restart of the loop holds until there is a new one.
before=
[ ! -e "$run/health" ] || read -r before <"$run/health"
if [ "$before" = 0 ]; then answered=1; else answered=0; fi
put answers "$answered"; put peers 1
ask_own & own_asker=$!
ask_peers & peer_asker=$!
trap 'kill "$own_asker" "$peer_asker" 2>/dev/null' EXIT
trap 'exit 0' TERM INT HUP

open=${steadyTicks} said= peer=1 asides=0
while kill -0 "$own_asker" 2>/dev/null && kill -0 "$peer_asker" 2>/dev/null; do
  if listening; then open=$((open + 1)); else open=0; fi
  [ "$open" -le ${steadyTicks} ] || open=${steadyTicks}
  read -r now <"$run/answers" && [ -n "$now" ] && answered=$now
  if [ "$open" -ge ${steadyTicks} ] && [ "$answered" = 1 ]; then verdict=0
  else
    read -r now <"$run/peers" && [ -n "$now" ] && peer=$now
    verdict=$peer
    [ "$answered" != never ] || verdict=1
  fi
  [ "$verdict" = "$said" ] || { put health "$verdict"; said=$verdict; }
  aside=0
  [ ! -e "$run/aside" ] || read -r aside <"$run/aside"
  if [ "$aside" = 1 ]; then asides=$((asides + 1)); else asides=0; fi
  [ "$asides" -lt ${ASIDE_MS / TICK_MS} ] || { put aside 0; asides=0; }
  pause 0.1
done
exit 1
`;
}

function listenLine(port: number): string {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return `  grep -qs ":${hex} 0*:0000 0A" /proc/net/tcp /proc/net/tcp6 || return 1`;
}

function askLine(ask: Ask): string {
  const port = `"$1" ${ask.port}`;
  if (ask.kind === 'tcp') return `  tcp ${port} || return 1`;
  const isFine = ask.statuses
    .map(([from, to]) => `{ [ "$status" -ge ${from} ] && [ "$status" -le ${to} ]; }`)
    .join(' || ');
  const request = `${port} ${quote(ask.path)} ${ask.method} ${quote(ask.host ?? '')}`;
  return `  if command -v curl >/dev/null 2>&1; then
    status=$(http ${ask.kind} ${request}) || return 1
    ${isFine} || return 1
  else tcp ${port} || return 1; fi`;
}

/** The systemd unit that runs the loop: without a capability, and only /run is its to write. */
export function healthUnit(endpoint: Endpoint): string {
  const { etc } = vrrpPaths(endpoint.name);
  return `# Written by Holdfast.
[Unit]
Description=Holdfast: health of ${endpoint.name} on this host, for keepalived
Before=keepalived.service

[Service]
ExecStart=${etc}/health
Restart=always
RestartSec=1
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=full
ProtectHome=yes
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
`;
}

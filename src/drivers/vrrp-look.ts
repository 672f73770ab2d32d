/** How things stand on the hosts of one virtual router, and how one of them is told to step aside. */

import { type Command, sh } from '../hosts/shell.ts';
import type { HostName } from '../site/model.ts';
import { type EpochMark, parseMark } from './epoch.ts';
import { underMark } from './host-mark.ts';
import { WISH_WEIGHT } from './vrrp-group.ts';
import { vrrpPaths } from './vrrp-paths.ts';

/** What one host says of itself. */
export interface Look {
  readonly host: HostName;
  /** Which of the addresses stand on it. */
  readonly owns: readonly string[];
  readonly isRunning: boolean;
  /** Its own verdict; undefined where its loop has not said one. */
  readonly isWell: boolean | undefined;
  readonly mark: EpochMark | undefined;
}

/** Exit code: what is hooked in would lose something by the move; the owner keeps the address. */
const NOT_ASIDE = 7;
const LONGEST_ASIDE_TICKS = 50;

/** Reads everything in one round trip; changes nothing. */
export function lookCommand(endpoint: string, addresses: readonly string[]): Command {
  const { run, state } = vrrpPaths(endpoint);
  return sh`for a in ${addresses}; do
  ip -o addr show to "$a" 2>/dev/null | grep -q . && echo "owns $a"
done
pid=$(cat /run/keepalived.pid /var/run/keepalived.pid 2>/dev/null | head -n 1)
[ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && echo running
[ -r ${run}/health ] && printf 'health %s\n' "$(cat ${run}/health)"
[ -r ${state}/mark ] && printf 'mark %s\n' "$(cat ${state}/mark)"
exit 0`;
}

/** The output of the command above → what it says. */
export function parseLook(host: HostName, output: string): Look {
  const lines = output.split('\n');
  const after = (word: string): string | undefined =>
    lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
  const health = after('health');
  return {
    host,
    owns: lines.filter((line) => line.startsWith('owns ')).map((line) => line.slice('owns '.length)),
    isRunning: lines.includes('running'),
    isWell: health === undefined || health === '' ? undefined : health === '0',
    mark: parseMark(after('mark') ?? ''),
  };
}

/**
 * Notes the answer and whether this host is wished for; takes back an old request to step aside. Refuses, under a lock,
 * where a newer answer is there already.
 */
export function noteCommand(endpoint: string, mark: EpochMark, isWished: boolean): Command {
  const { run, state } = vrrpPaths(endpoint);
  const wish = isWished ? WISH_WEIGHT : 0;
  const then = sh`mkdir -p ${run} || exit 1
[ "$(cat ${state}/wish 2>/dev/null)" = ${wish} ] || printf '%s\n' ${wish} >${state}/wish || exit 1
[ "$(cat ${run}/aside 2>/dev/null || echo 0)" = 0 ] || printf '0\n' >${run}/aside`;
  return underMark(state, mark, then);
}

/**
 * The owner runs what is hooked in at `aside.d` (a database stops writes there, and waits until the other has them
 * all), gives the addresses up, and takes part again as soon as another had time to take them. The request is
 * taken back however this ends; a kill -9 is mended by the health loop after ten seconds.
 * @param graceSeconds from giving up to taking part again
 */
export function asideCommand(endpoint: string, addresses: readonly string[], graceSeconds: number): Command {
  const { run, etc } = vrrpPaths(endpoint);
  return sh`for hook in ${etc}/aside.d/*; do
  [ -f "$hook" ] && [ -x "$hook" ] || continue
  "$hook" >&2 </dev/null || exit ${NOT_ASIDE}
done
trap 'printf "0\n" >${run}/aside' EXIT; trap 'exit 1' HUP INT TERM
printf '1\n' >${run}/aside || exit 1
ticks=0
while for a in ${addresses}; do ip -o addr show to "$a"; done | grep -q .; do
  ticks=$((ticks + 1)); [ "$ticks" -lt ${LONGEST_ASIDE_TICKS} ] || exit 3
  sleep 0.1 2>/dev/null || sleep 1
done
sleep ${graceSeconds} 2>/dev/null || sleep 1`;
}

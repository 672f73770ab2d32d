/** HAProxy's runtime API (management.txt §9.3), over socat(1) on the host. */
import { sh } from '../../hosts/shell.ts';
import { slugOf } from '../../site/endpoint-hooks.ts';
import type { Endpoint, HostName, MemberName } from '../../site/model.ts';
import type { DriverContext } from '../driver.ts';
import { type EpochMark, parseMark, refuseOlder } from '../epoch.ts';
import { NEWER_THERE, underMark } from '../host-mark.ts';
import { proxyPaths } from '../proxy-paths.ts';
import { ownsCommand, type ProxyLook, refused, runOn } from '../proxy-publish.ts';
import type { ProxyConfig } from '../proxy-schema.ts';
import { sectionOf } from './config.ts';

/** `show servers state`: operational state 2 is running; any administrative bit takes a server out. */
const RUNNING = '2';
const NO_ADMIN = '0';

/** State of one server behind one port. */
interface ServerState {
  readonly section: string;
  readonly server: string;
  readonly isRunning: boolean;
  /** Neither drained nor in maintenance. */
  readonly isOpen: boolean;
}

export interface RuntimeLook extends ProxyLook {
  /** Members that HAProxy itself finds well, drained or not. */
  readonly well: readonly MemberName[];
}

/** @throws ProxyError `proxy/refused` where HAProxy does not answer on its socket; HostError */
export async function lookAtHaproxy(
  ctx: DriverContext,
  endpoint: Endpoint<ProxyConfig>,
  host: HostName,
): Promise<RuntimeLook> {
  const { run, state } = proxyPaths(endpoint.name);
  const command = sh`${ownsCommand(endpoint.addresses)}
[ -r ${state}/mark ] && printf 'mark %s\n' "$(cat ${state}/mark)"
echo 'show servers state' | socat -t 5 - ${`UNIX-CONNECT:${run}/admin.sock`}`;
  const result = await runOn(ctx, host, command);
  if (result.code !== 0) throw refused(host, 'to say how its servers are', result);
  const states = parseStates(result.stdout);
  return {
    host,
    isUsed: /^owns$/m.test(result.stdout),
    mark: parseMark(/^mark (.*)$/m.exec(result.stdout)?.[1] ?? ''),
    members: served(endpoint, states),
    well: membersWhere(endpoint, states, ({ isRunning }) => isRunning),
  };
}

/**
 * Opens the members of the answer, waits for HAProxy to find them well, and only then drains the others: their running
 * connections end by themselves. Writes the states to the file that HAProxy reads when it starts.
 */
export async function tellHaproxy(
  ctx: DriverContext,
  endpoint: Endpoint<ProxyConfig>,
  host: HostName,
  mark: EpochMark,
  open: ReadonlySet<MemberName>,
): Promise<void> {
  const { run, state } = proxyPaths(endpoint.name);
  const socket = `UNIX-CONNECT:${run}/admin.sock`;
  const orders = (wanted: boolean): string =>
    endpoint.driver.config.ports
      .flatMap((port) =>
        endpoint.members
          .filter(({ name }) => open.has(name) === wanted)
          .map(
            ({ name }) =>
              `set server ${sectionOf(endpoint, port)}/${slugOf(name)} state ${wanted ? 'ready' : 'drain'}`,
          ),
      )
      .join(';');
  const then = sh`for o in ${orders(true)} ${orders(false)}; do
  [ -n "$o" ] || continue
  said=$(printf '%s\n' "$o" | socat -t 5 - ${socket} | tr -d '\n') || exit 1
  [ -z "$said" ] || { echo "$said" >&2; exit 1; }
done
echo 'show servers state' | socat -t 5 - ${socket} | grep -v '^$' >${state}/servers.new || exit 1
mv -f ${state}/servers.new ${state}/servers`;
  const result = await runOn(ctx, host, underMark(state, mark, then));
  if (result.code === 0) return;
  if (result.code === NEWER_THERE) refuseOlder(endpoint, { ...mark, epoch: mark.epoch + 1, by: host }, mark);
  throw refused(host, 'which members get clients', result);
}

/** Of those that run and are open: the first under failover, all otherwise. */
function served(endpoint: Endpoint<ProxyConfig>, states: readonly ServerState[]): MemberName[] {
  const able = membersWhere(endpoint, states, ({ isRunning, isOpen }) => isRunning && isOpen);
  return endpoint.policy === 'failover' ? able.slice(0, 1) : able;
}

/** Members for which it holds behind every port. */
function membersWhere(
  endpoint: Endpoint<ProxyConfig>,
  states: readonly ServerState[],
  holds: (state: ServerState) => boolean,
): MemberName[] {
  const sections = endpoint.driver.config.ports.map((port) => sectionOf(endpoint, port));
  return endpoint.members
    .map(({ name }) => name)
    .filter((name) =>
      sections.every((section) =>
        states.some((state) => state.section === section && state.server === slugOf(name) && holds(state)),
      ),
    );
}

/** Columns: be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state … */
function parseStates(output: string): ServerState[] {
  return output
    .split('\n')
    .map((line) => line.split(' '))
    .filter((columns) => columns.length > 10 && /^\d+$/.test(columns[0] ?? ''))
    .map(([, section = '', , server = '', , operational, admin]) => ({
      section,
      server,
      isRunning: operational === RUNNING,
      isOpen: admin === NO_ADMIN,
    }));
}

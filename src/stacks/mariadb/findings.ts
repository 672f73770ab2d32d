/** What of the runbook's mistakes is found on the hosts. Pure. */
import type { Finding, Severity } from '../../base/finding.ts';
import type { Position } from '../../base/position.ts';
import type { Reason } from '../../base/reason.ts';
import type { Facts } from '../../hosts/fact.ts';
import type { Site, StackSpec } from '../../site/model.ts';
import { accountsOf } from './accounts.ts';
import { duplicatesIn } from './duplicate-keys.ts';
import { type MariadbState, stateOf } from './facts.ts';
import { findPair, type Node, type Pair } from './pair.ts';
import { reasons } from './reasons.ts';
import type { MariadbSpec } from './schema.ts';

interface Found {
  readonly rule: string;
  readonly severity: Severity;
  readonly because: Reason;
  readonly isMended: boolean;
  /** In a file of the host; default: the stack in the site file. */
  readonly position?: Position;
}

/** Configuration and state of both servers, as they are before the plan. */
export function findingsOf(site: Site, stack: StackSpec<MariadbSpec>, facts: Facts): Finding[] {
  const pair = findPair(site, stack);
  if (pair === undefined) return [];
  const states = pair.nodes.map((node) => facts.get(stateOf(node.member.host, pair.paths.etc)));
  const found = pair.nodes.flatMap((node, at) => {
    const state = states[at];
    return state === undefined ? [] : ofHost(node, state, (account) => goes(stack.spec, pair, account));
  });
  const [first, second] = states;
  const both = first?.isAsked && second?.isAsked ? ofBoth(first, second) : [];
  const position = site.where(['stacks', stack.name]);
  return [...found, ...both].map(({ isMended, ...rest }) => ({
    position,
    ...rest,
    hint: reasons.of(isMended ? 'mariadb/plan-mends' : 'mariadb/by-hand'),
  }));
}

/** Whether the plan removes an account (step `mariadb-harden`). */
function goes(spec: MariadbSpec, pair: Pair, account: string): boolean {
  const at = account.lastIndexOf('@');
  const user = account.slice(0, at);
  if (user === '') return true;
  if (user === 'root') return spec.remoteRoot === 'remove';
  const own = accountsOf(spec, pair, undefined).filter((one) => one.user === user);
  return own.length > 0 && own.every(({ host }) => host !== account.slice(at + 1));
}

function ofHost(
  { member: { host }, peer }: Node,
  state: MariadbState,
  isRemoved: (account: string) => boolean,
): Found[] {
  const found = state.conf.flatMap(({ path, text }) =>
    duplicatesIn(text).map(({ key, lines }): Found => {
      const params = { host, path, key, count: lines.length, lines: lines.map(String) };
      const found = make('mariadb/duplicate-key', 'warning', 'mariadb/found-duplicate', params);
      return { ...found, position: { file: `${host}:${path}`, line: lines.at(-1) as number, column: 1 } };
    }),
  );
  if (!state.isAsked) return found;
  const { variables, slave, noPassword, pastReadOnly } = state;
  if (slave.Using_Gtid === 'No') {
    found.push(
      make('mariadb/file-position', 'error', 'mariadb/found-file-position', { host, peer: peer.host }),
    );
    if (variables.log_slave_updates === 'OFF')
      found.push(
        make('mariadb/no-log-slave-updates', 'error', 'mariadb/found-no-log-slave-updates', { host }),
      );
    if (variables.rpl_semi_sync_master_enabled !== 'ON')
      found.push(make('mariadb/asynchronous', 'error', 'mariadb/found-asynchronous', { host }));
  }
  if (Object.keys(slave).length > 0) {
    for (const name of ['sync_binlog', 'innodb_flush_log_at_trx_commit']) {
      const value = variables[name] ?? '1';
      if (value !== '1')
        found.push(make('mariadb/not-durable', 'error', 'mariadb/found-not-durable', { host, name, value }));
    }
  }
  const anywhere = state.accounts.filter((name) => name.endsWith('@%'));
  for (const [rule, severity, code, accounts] of [
    ['mariadb/open-account', 'error', 'mariadb/found-open-account', noPassword],
    ['mariadb/past-read-only', 'error', 'mariadb/found-past-read-only', pastReadOnly],
    ['mariadb/anywhere', 'warning', 'mariadb/found-anywhere', anywhere],
  ] as const) {
    for (const account of accounts) {
      const isMended = isRemoved(account);
      found.push({ rule, severity, because: reasons.of(code, { host, account }), isMended });
    }
  }
  return found;
}

function ofBoth(first: MariadbState, second: MariadbState): Found[] {
  const found: Found[] = [];
  const replicates = Object.keys(first.slave).length + Object.keys(second.slave).length > 0;
  if (!replicates) return found;
  const same = (name: string): string | undefined =>
    first.variables[name] === second.variables[name] ? first.variables[name] : undefined;
  const id = same('server_id');
  if (id !== undefined)
    found.push(make('mariadb/same-server-id', 'error', 'mariadb/found-same-server-id', { id }));
  const offset = same('auto_increment_offset');
  if (offset !== undefined)
    found.push(make('mariadb/same-offset', 'warning', 'mariadb/found-same-offset', { offset }));
  if (same('read_only') === 'OFF')
    found.push(make('mariadb/both-write', 'error', 'mariadb/found-both-write'));
  return found;
}

function make(
  rule: string,
  severity: Severity,
  code: Parameters<typeof reasons.of>[0],
  params: Reason['params'] = {},
): Found {
  return { rule, severity, because: reasons.of(code, params), isMended: true };
}

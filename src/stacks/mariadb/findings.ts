/** What of the runbook's mistakes is found on the hosts. Pure. */
import type { Finding, Severity } from '../../base/finding.ts';
import type { Reason } from '../../base/reason.ts';
import type { Facts } from '../../hosts/fact.ts';
import type { Site, StackSpec } from '../../site/model.ts';
import { duplicatesIn } from './duplicate-keys.ts';
import { type MariadbState, stateOf } from './facts.ts';
import { findPair, type Node } from './pair.ts';
import { reasons } from './reasons.ts';
import type { MariadbSpec } from './schema.ts';

interface Found {
  readonly rule: string;
  readonly severity: Severity;
  readonly because: Reason;
  readonly isMended: boolean;
}

/** Configuration and state of both servers, as they are before the plan. */
export function findingsOf(site: Site, stack: StackSpec<MariadbSpec>, facts: Facts): Finding[] {
  const pair = findPair(site, stack);
  if (pair === undefined) return [];
  const states = pair.nodes.map((node) => facts.get(stateOf(node.member.host, pair.paths.etc)));
  const found = pair.nodes.flatMap((node, at) => {
    const state = states[at];
    return state === undefined ? [] : ofHost(node, state);
  });
  const [first, second] = states;
  const both = first?.isAsked && second?.isAsked ? ofBoth(first, second) : [];
  const position = site.where(['stacks', stack.name]);
  return [...found, ...both].map(({ isMended, ...rest }) => ({
    ...rest,
    hint: reasons.of(isMended ? 'mariadb/plan-mends' : 'mariadb/by-hand'),
    position,
  }));
}

function ofHost({ member: { host }, peer }: Node, state: MariadbState): Found[] {
  const found = state.conf.flatMap(({ path, text }) =>
    duplicatesIn(text).map(({ key, lines }) =>
      make('mariadb/duplicate-key', 'warning', 'mariadb/found-duplicate', {
        host,
        path,
        key,
        count: lines.length,
        lines: lines.map(String),
      }),
    ),
  );
  if (!state.isAsked) return found;
  const { variables, slave, accounts, noPassword } = state;
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
  for (const account of noPassword) {
    const because = reasons.of('mariadb/found-open-account', { host, account });
    found.push({
      rule: 'mariadb/open-account',
      severity: 'error',
      because,
      isMended: account.startsWith('@'),
    });
  }
  for (const account of accounts.filter((name) => name.endsWith('@%'))) {
    const because = reasons.of('mariadb/found-anywhere', { host, account });
    found.push({
      rule: 'mariadb/anywhere',
      severity: 'warning',
      because,
      isMended: account.startsWith('root@'),
    });
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

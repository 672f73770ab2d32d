/**
 * The steps of a build, one after the other: at no time do both servers restart.
 *
 *   both: packages, keys, each trusts the other's certificate
 *   the one that does not lead, then the one that does: settings, configuration, server, agent
 *   leader: begins the pair · hardening · accounts
 *   other: takes over what follows the old way · copy, where it has no data yet · both are together
 *
 * Who leads is a fact: the epoch that the pair itself keeps; in a new pair, the endpoint's first member.
 */
import type { Reason } from '../../base/reason.ts';
import type { Step } from '../../engine/step.ts';
import { ask, type FactQuery, type Facts } from '../../hosts/fact.ts';
import { memory } from '../../hosts/facts/memory.ts';
import { os } from '../../hosts/facts/os.ts';
import type { Site, SitePath, StackSpec } from '../../site/model.ts';
import type { Goal } from '../stack.ts';
import { accountsOf } from './accounts.ts';
import { hookFiles, localOptions, peerOptions, roleScript, roleSettings, roleUnit } from './agent-files.ts';
import { MariadbError } from './error.ts';
import { isOlder, type MariadbState, stateOf } from './facts.ts';
import { findPair, type Node, type Pair, pairOf } from './pair.ts';
import { reasons } from './reasons.ts';
import type { MariadbSpec } from './schema.ts';
import { bufferPoolOf, CONF_PATHS, type Family, LOG_FOLDERS, serverConf } from './server-conf.ts';

type Stack = StackSpec<MariadbSpec>;

/** What is asked of the hosts of the pair. */
export function factsFor(site: Site, stack: Stack): FactQuery[] {
  const pair = findPair(site, stack);
  if (pair === undefined) return [];
  return pair.nodes.flatMap(({ member: { host } }) => [
    stateOf(host, pair.paths.etc) as FactQuery,
    ask(host, os, undefined) as unknown as FactQuery,
    ask(host, memory, undefined) as unknown as FactQuery,
  ]);
}

/** @throws MariadbError `mariadb/no-pair`, `mariadb/too-old` */
export function planMariadb(site: Site, stack: Stack, facts: Facts, goal: Goal): Step[] {
  if (goal.kind !== 'build') return [];
  const pair = pairOf(site, stack);
  const plot = plotOf(site, stack, pair, facts);
  const steps: Step[] = [];
  const make = maker(site, stack, steps);
  const [leader, other] = inOrder(pair, facts);
  for (const node of [other, leader]) planInstall(make, plot, node);
  for (const node of [other, leader]) {
    const { tls } = pair.paths;
    make('trust', 'mariadb-trust', node, reasons.of('mariadb/trust'), { folder: tls, from: node.peer.host });
  }
  for (const node of [other, leader]) planNode(make, plot, node);
  planLeader(make, plot, leader, facts);
  planStandby(make, plot, other);
  return steps;
}

interface Plot {
  readonly stack: Stack;
  readonly pair: Pair;
  readonly bufferPool: string;
  family(node: Node): Family;
}

function plotOf(site: Site, stack: Stack, pair: Pair, facts: Facts): Plot {
  for (const { member } of pair.nodes)
    refuseOld(site, stack, member.host, facts.get(stateOf(member.host, pair.paths.etc)));
  const sizes = pair.nodes.flatMap(
    ({ member }) => facts.get(ask(member.host, memory, undefined))?.totalBytes ?? [],
  );
  return {
    stack,
    pair,
    bufferPool: stack.spec.bufferPool ?? bufferPoolOf(sizes),
    family: ({ member }) =>
      facts.get(ask(member.host, os, undefined))?.family === 'redhat' ? 'redhat' : 'debian',
  };
}

function refuseOld(site: Site, stack: Stack, host: string, state: MariadbState | undefined): void {
  const version = state?.version;
  if (!isOlder(version, 10, 3)) return;
  throw new MariadbError({
    code: 'mariadb/too-old',
    message: `MariaDB ${version?.text} knows no GTID that survives a failover`,
    where: { host, position: site.where(['stacks', stack.name]) },
    expected: '10.3 or newer',
    got: version?.text ?? 'unknown',
    hint: 'Upgrade it to 10.5 or newer from the repository of MariaDB, then plan again.',
  });
}

/** The leader, then the other. */
function inOrder({ nodes, paths }: Pair, facts: Facts): [Node, Node] {
  const [first, second] = nodes;
  const epochs = nodes.map(({ member }) => facts.get(stateOf(member.host, paths.etc))?.lead);
  const newest = [...epochs].sort((a, b) => (b?.epoch ?? 0) - (a?.epoch ?? 0))[0];
  return newest !== undefined && newest.node === second.member.name ? [second, first] : [first, second];
}

type Make = (id: string, kind: string, node: Node, why: Reason, args: unknown, path?: SitePath) => void;

/** Each step needs the one before it. */
function maker(site: Site, stack: Stack, steps: Step[]): Make {
  return (id, kind, node, why, args, path = []) => {
    const before = steps.at(-1);
    steps.push({
      id: `${stack.name}/${node.member.host}/${id}`,
      kind,
      host: node.member.host,
      args,
      needs: before === undefined ? [] : [before.id],
      why,
      from: site.where(['stacks', stack.name, ...path]),
    });
  };
}

const PACKAGES: Readonly<Record<Family, readonly string[]>> = {
  debian: ['mariadb-server', 'mariadb-client', 'openssl'],
  redhat: ['mariadb-server', 'mariadb', 'openssl'],
};

function planInstall(make: Make, { stack, pair: { paths }, family }: Plot, node: Node): void {
  const copying = stack.spec.seed === 'backup' ? ['mariadb-backup'] : [];
  const packages = [...PACKAGES[family(node)], ...copying].map((name) => ({ name }));
  make('packages', 'package', node, reasons.of('mariadb/packages'), {
    packages,
    recommends: false,
    timeoutMs: 900_000,
  });
  const folder = reasons.of('mariadb/folder');
  make('folder-tls', 'directory', node, folder, {
    path: paths.tls,
    mode: '0750',
    owner: 'root',
    group: 'mysql',
  });
  make('certificate', 'mariadb-certificate', node, reasons.of('mariadb/certificate'), {
    folder: paths.tls,
    address: node.member.address,
  });
}

function planNode(make: Make, plot: Plot, node: Node): void {
  const { stack, pair, bufferPool } = plot;
  const { spec } = stack;
  const { paths } = pair;
  const family = plot.family(node);
  const rootOnly = { mode: '0600', owner: 'root', group: 'root' };
  const folder = reasons.of('mariadb/folder');
  for (const [id, path] of [
    ['folder-etc', paths.etc],
    ['folder-state', paths.state],
    ['folder-notify', `${paths.hooks.etc}/notify.d`],
    ['folder-check', `${paths.hooks.etc}/check.d`],
    ['folder-aside', `${paths.hooks.etc}/aside.d`],
  ] as const) {
    const mode = id === 'folder-etc' || id === 'folder-state' ? '0700' : '0755';
    make(id, 'directory', node, folder, { path, mode, owner: 'root', group: 'root' });
  }
  const logs = { path: LOG_FOLDERS[family], mode: '0750', owner: 'mysql', group: 'mysql' };
  make('folder-logs', 'directory', node, folder, logs);
  const options = reasons.of('mariadb/options');
  const local = localOptions(family);
  make('local-options', 'file', node, options, {
    path: `${paths.etc}/local.cnf`,
    ...(spec.rootPassword === undefined
      ? { content: local }
      : { contentFrom: spec.rootPassword, around: [`${local}password="`, '"\n'] }),
    ...rootOnly,
  });
  make(
    'peer-options',
    'file',
    node,
    options,
    {
      path: `${paths.etc}/peer.cnf`,
      contentFrom: spec.replication.password,
      around: peerOptions(spec, pair, node),
      ...rootOnly,
    },
    ['replication', 'password'],
  );
  const content = serverConf(spec, node, paths, family, bufferPool);
  make('config', 'service-config', node, reasons.of('mariadb/config'), {
    unit: 'mariadb.service',
    files: [{ path: CONF_PATHS[family], content, mode: '0644', owner: 'root', group: 'root' }],
    watch: [`${paths.tls}/own.pem`, `${paths.tls}/peer.pem`],
    how: 'restart',
    steadyMs: 3_000,
    timeoutMs: 600_000,
  });
  make('runs', 'service', node, reasons.of('mariadb/run'), {
    unit: 'mariadb.service',
    wanted: 'running',
    enabled: true,
    steadyMs: 3_000,
    timeoutMs: 900_000,
  });
  planAgent(make, plot, node);
}

function planAgent(make: Make, { stack, pair }: Plot, node: Node): void {
  const { paths } = pair;
  const why = reasons.of('mariadb/agent');
  const script = (path: string, content: string) => ({
    path,
    content,
    mode: '0755',
    owner: 'root',
    group: 'root',
  });
  for (const { path, content } of hookFiles(pair))
    make(`hook${path}`, 'file', node, reasons.of('mariadb/hook', { path }), script(path, content));
  make('agent', 'service-config', node, why, {
    unit: paths.unit,
    files: [
      script(`${paths.etc}/role`, roleScript()),
      { ...script(`${paths.etc}/settings`, roleSettings(stack.spec, pair, node)), mode: '0644' },
      { ...script(`/etc/systemd/system/${paths.unit}`, roleUnit(pair)), mode: '0644' },
    ],
    watch: [],
    how: 'restart',
    steadyMs: 1_000,
    timeoutMs: 120_000,
  });
  make('agent-runs', 'service', node, why, {
    unit: paths.unit,
    wanted: 'running',
    enabled: true,
    steadyMs: 2_000,
    timeoutMs: 120_000,
  });
}

function planLeader(make: Make, { stack, pair }: Plot, leader: Node, facts: Facts): void {
  const { spec } = stack;
  const { etc } = pair.paths;
  const version = facts.get(stateOf(leader.member.host, etc))?.version;
  make('lead', 'mariadb-lead', leader, reasons.of('mariadb/lead'), { etc });
  make(
    'harden',
    'mariadb-harden',
    leader,
    reasons.of('mariadb/harden'),
    { etc, remoteRoot: spec.remoteRoot },
    ['remoteRoot'],
  );
  const accounts = accountsOf(spec, pair, version);
  make('accounts', 'mariadb-accounts', leader, reasons.of('mariadb/accounts'), { etc, accounts }, [
    'replication',
  ]);
}

function planStandby(make: Make, { stack, pair }: Plot, node: Node): void {
  const { etc, state, tls } = pair.paths;
  const from = node.peer.host;
  make('adopt', 'mariadb-adopt', node, reasons.of('mariadb/adopt'), { etc, from, timeoutMs: 3_600_000 });
  make('seed', 'mariadb-seed', node, reasons.of('mariadb/seed'), {
    etc,
    state,
    tls,
    from,
    address: node.peer.address,
    own: node.member.address,
    port: stack.spec.port,
    how: stack.spec.seed,
    timeoutMs: 6 * 3_600_000,
  });
  make('together', 'mariadb-together', node, reasons.of('mariadb/together'), {
    etc,
    other: from,
    deadlineMs: 60_000,
  });
}

/**
 * The steps of a build, one after the other: at no time do both servers restart.
 *
 *   both: packages, keys, each trusts the other's certificate
 *   the one that does not lead, then the one that does: settings, configuration, server, agent
 *   leader: begins the pair
 *   other, in a pair that somebody made by hand: catches up the old way a last time
 *   leader: accounts · other: copy, where it has no data yet · both are together · leader: hardening
 *
 * Who leads is a fact: the epoch that the pair itself keeps; in a pair made by hand, who has the address; in a new one,
 * the endpoint's first member. A pair made by hand keeps its address on the leader meanwhile: the other is read-only.
 */
import type { Step } from '../../engine/step.ts';
import { ask, type FactQuery, type Facts } from '../../hosts/fact.ts';
import { addresses } from '../../hosts/facts/addresses.ts';
import { memory } from '../../hosts/facts/memory.ts';
import { os } from '../../hosts/facts/os.ts';
import type { Site, StackSpec } from '../../site/model.ts';
import type { Goal } from '../stack.ts';
import { accountsOf } from './accounts.ts';
import { hookFiles, localOptions, peerOptions, roleScript, roleSettings, roleUnit } from './agent-files.ts';
import { backupsOn } from './backup/fact.ts';
import { planBackups, planNoBackups } from './backup/plan-backup.ts';
import { stateOf } from './facts.ts';
import { followsByHand, inOrder, refuseOld, refuseUnknown } from './found-pair.ts';
import { type MakeStep, stepMaker } from './make-step.ts';
import { findPair, type Node, type Pair, pairOf } from './pair.ts';
import { reasons } from './reasons.ts';
import type { MariadbSpec } from './schema.ts';
import { bufferPoolOf, CONF_PATHS, type Family, LOG_FOLDERS, serverConf } from './server-conf.ts';
import { planAsking, planWitness, witnessOf } from './witness/plan-witness.ts';
import { holderSeenBy } from './witness/witness-check.ts';

type Stack = StackSpec<MariadbSpec>;

/** What is asked of the hosts of the pair. */
export function factsFor(site: Site, stack: Stack): FactQuery[] {
  const pair = findPair(site, stack);
  if (pair === undefined) return [];
  return pair.nodes.flatMap(({ member: { host } }) => [
    stateOf(host, pair.paths.etc) as FactQuery,
    ask(host, os, undefined) as unknown as FactQuery,
    ask(host, memory, undefined) as unknown as FactQuery,
    ask(host, addresses, undefined) as unknown as FactQuery,
    backupsOn(host, pair.paths.etc) as unknown as FactQuery,
    ...(stack.spec.witness === undefined ? [] : [holderSeenBy(host, pair.paths.etc) as unknown as FactQuery]),
  ]);
}

/** @throws MariadbError `mariadb/no-pair`, `mariadb/too-old`, `mariadb/not-asked`, `mariadb/broken` */
export function planMariadb(site: Site, stack: Stack, facts: Facts, goal: Goal): Step[] {
  if (goal.kind !== 'build') return [];
  const pair = pairOf(site, stack);
  refuseOld(site, stack, pair, facts);
  refuseUnknown(site, stack, pair, facts);
  const plot = plotOf(site, stack, pair, facts);
  const steps: Step[] = [];
  const make = stepMaker(site, stack, steps);
  const [leader, other] = inOrder(pair, facts);
  const isByHand = followsByHand(pair, other, facts);
  const witness = witnessOf(site, stack.spec);
  if (witness !== undefined) planWitness(make, witness);
  for (const node of [other, leader]) planInstall(make, plot, node);
  for (const node of [other, leader]) {
    const { tls } = pair.paths;
    make('trust', 'mariadb-trust', node, reasons.of('mariadb/trust'), { folder: tls, from: node.peer.host });
  }
  if (isByHand) {
    const stopped = { unit: 'keepalived.service', wanted: 'stopped', steadyMs: 1_000, timeoutMs: 60_000 };
    make('address-stays', 'service', other, reasons.of('mariadb/address-stays'), stopped);
  }
  planNode(make, plot, other, 'restart');
  planNode(make, plot, leader, isByHand ? 'later' : 'restart');
  make('lead', 'mariadb-lead', leader, reasons.of('mariadb/lead'), {
    etc: pair.paths.etc,
    restart: isByHand,
  });
  if (isByHand) planAdopt(make, plot, other);
  planAccounts(make, plot, leader, facts);
  planStandby(make, plot, other);
  planHarden(make, plot, leader);
  const { backup } = stack.spec;
  if (backup === undefined) planNoBackups(make, pair, [other, leader], facts);
  else planBackups(make, backup, pair, [other, leader]);
  return steps;
}

interface Plot {
  readonly site: Site;
  readonly stack: Stack;
  readonly pair: Pair;
  readonly bufferPool: string;
  family(node: Node): Family;
}

function plotOf(site: Site, stack: Stack, pair: Pair, facts: Facts): Plot {
  const sizes = pair.nodes.flatMap(
    ({ member }) => facts.get(ask(member.host, memory, undefined))?.totalBytes ?? [],
  );
  return {
    site,
    stack,
    pair,
    bufferPool: stack.spec.bufferPool ?? bufferPoolOf(sizes),
    family: ({ member }) =>
      facts.get(ask(member.host, os, undefined))?.family === 'redhat' ? 'redhat' : 'debian',
  };
}

const PACKAGES: Readonly<Record<Family, readonly string[]>> = {
  debian: ['mariadb-server', 'mariadb-client', 'openssl'],
  redhat: ['mariadb-server', 'mariadb', 'openssl'],
};

function planInstall(make: MakeStep, { stack, pair: { paths }, family }: Plot, node: Node): void {
  const { seed, backup } = stack.spec;
  const copying = seed === 'backup' || backup !== undefined ? ['mariadb-backup'] : [];
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

/** @param reads whether the server reads its new configuration now */
function planNode(make: MakeStep, plot: Plot, node: Node, reads: 'restart' | 'later'): void {
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
  const conf = { path: CONF_PATHS[family], content, mode: '0644', owner: 'root', group: 'root' };
  if (reads === 'later') make('config', 'file', node, reasons.of('mariadb/config-later'), conf);
  else
    make('config', 'service-config', node, reasons.of('mariadb/config'), {
      unit: 'mariadb.service',
      files: [conf],
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
  const witness = witnessOf(plot.site, spec);
  if (witness !== undefined) planAsking(make, plot.site, pair, node, witness);
  planAgent(make, plot, node);
}

function planAgent(make: MakeStep, { stack, pair }: Plot, node: Node): void {
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

function planAdopt(make: MakeStep, { pair }: Plot, node: Node): void {
  make('adopt', 'mariadb-adopt', node, reasons.of('mariadb/adopt'), {
    etc: pair.paths.etc,
    from: node.peer.host,
    timeoutMs: 3_600_000,
  });
}

function planAccounts(make: MakeStep, { stack, pair }: Plot, leader: Node, facts: Facts): void {
  const { etc } = pair.paths;
  const version = facts.get(stateOf(leader.member.host, etc))?.version;
  const accounts = accountsOf(stack.spec, pair, version);
  make('accounts', 'mariadb-accounts', leader, reasons.of('mariadb/accounts'), { etc, accounts }, [
    'replication',
  ]);
}

/** Last: until here a pair made by hand needs the accounts that it was made with. */
function planHarden(make: MakeStep, { stack, pair }: Plot, leader: Node): void {
  const { remoteRoot } = stack.spec;
  const names = new Map<string, string[]>();
  for (const { user, host } of accountsOf(stack.spec, pair, undefined))
    names.set(user, [...(names.get(user) ?? []), host]);
  make(
    'harden',
    'mariadb-harden',
    leader,
    reasons.of('mariadb/harden'),
    {
      etc: pair.paths.etc,
      standby: leader.peer.host,
      timeoutMs: 3_600_000,
      remoteRoot,
      only: [...names].map(([user, from]) => ({ user, from })),
    },
    ['remoteRoot'],
  );
}

function planStandby(make: MakeStep, { stack, pair }: Plot, node: Node): void {
  const { etc, state, tls } = pair.paths;
  const from = node.peer.host;
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

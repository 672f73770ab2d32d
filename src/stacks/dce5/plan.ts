/**
 * The steps of a build, and of an upgrade, in the runbook's order:
 *
 *   every host: no line for the name in /etc/hosts → the name is right, by DNS alone
 *   original:   tools → clusterConfig.yaml (name mode) → installer, in full → its certificate
 *   standby:    package and system packages copied · tools → clusterConfig.yaml (address mode) → installer, -j 1,2,3,4,5
 *               after the original → its certificate
 */
import { posix } from 'node:path';
import type { Reason } from '../../base/reason.ts';
import type { Step, StepId } from '../../engine/step.ts';
import type { ProbeStepArgs } from '../../engine/steps/probe.ts';
import type { Facts } from '../../hosts/fact.ts';
import type { HostName, Site, SitePath, StackSpec } from '../../site/model.ts';
import type { Goal } from '../stack.ts';
import { activeOn, isActive } from './active.ts';
import { parseConfigPaths } from './config/config-paths.ts';
import type { ConfigWish } from './config/wish.ts';
import { Dce5Error } from './error.ts';
import { configOf, installedOn, nameViewOf, STATE_FOLDER } from './facts.ts';
import { describeView } from './name-view.ts';
import { leadsTo, type Node, type Nodes, nodesOf, rowOf } from './nodes.ts';
import { dce5Certificate } from './probes/dce5-certificate.ts';
import { reasons } from './reasons.ts';
import { type Dce5Spec, SAMPLE } from './schema.ts';
import type { Dce5InstallArgs } from './steps/dce5-install.ts';

type Stack = StackSpec<Dce5Spec>;

/** Everything that the steps of one plan share. */
interface Plot {
  readonly site: Site;
  readonly stack: Stack;
  readonly facts: Facts;
  readonly nodes: Nodes;
  readonly isUpgrade: boolean;
  readonly osRepos: NonNullable<ConfigWish['osRepos']>;
}

/** @throws Dce5Error `dce5/no-endpoint`, `dce5/name-elsewhere`, `dce5/bad-config` */
export function planDce5(site: Site, stack: Stack, facts: Facts, goal: Goal): Step[] {
  if (goal.kind !== 'build' && goal.kind !== 'upgrade') return [];
  const nodes = nodesOf(site, stack);
  const isUpgrade = goal.kind === 'upgrade';
  if (isUpgrade) {
    refuseElsewhere(site, stack, facts, nodes);
    refuseInactive(site, stack, facts, nodes);
  }
  const osRepos = osReposOf(stack, site, facts, nodes, goal);
  const plot: Plot = { site, stack, facts, nodes, isUpgrade, osRepos };
  const names = nameSteps(plot);
  const before = names.filter(({ kind }) => kind === 'dce5-name').map(({ id }) => id);
  const original = nodeSteps(plot, nodes.original, before);
  const standbys = nodes.standbys.flatMap((node) =>
    nodeSteps(plot, node, [...before, ...original.slice(-1).map(({ id }) => id)]),
  );
  return [...names, ...original, ...standbys];
}

/** Where the installer would write the name into /etc/hosts of the original: said before anything is planned. */
function refuseElsewhere(site: Site, stack: Stack, facts: Facts, nodes: Nodes): void {
  const { name, original } = nodes;
  const wanted = leadsTo(nodes, [original]);
  const elsewhere = [...site.hosts.keys()].flatMap((host) => {
    const view = facts.get(nameViewOf(host, name));
    const isThere =
      view === undefined || (view.addresses.length > 0 && view.addresses.every((at) => wanted.includes(at)));
    return isThere ? [] : [`${host}: ${describeView(view)}`];
  });
  if (elsewhere.length === 0) return;
  throw new Dce5Error({
    code: 'dce5/name-elsewhere',
    message: `${name} does not lead to the original '${original.member.name}'`,
    where: { position: site.where(['stacks', stack.name, 'endpoint']) },
    expected: `${wanted.join(' or ')} from every host`,
    got: elsewhere.join(' | '),
    hint: `Bring it back first: \`holdfast failback ${stack.endpoint}\`; then upgrade. In name mode the installer writes the name into /etc/hosts of a node that it does not lead to.`,
  });
}

/** Behind a proxy the name says nothing of who is active. */
function refuseInactive(
  site: Site,
  stack: Stack,
  facts: Facts,
  { name, front: [front], original }: Nodes,
): void {
  if (front === undefined) return;
  const { member } = original;
  const found = facts.get(activeOn(member.host, { name, front, own: member.address }));
  if (found === undefined || isActive(found)) return;
  throw new Dce5Error({
    code: 'dce5/name-elsewhere',
    message: `clients who ask for ${name} do not get the original '${member.name}'`,
    where: { position: site.where(['stacks', stack.name, 'endpoint']) },
    expected: `its certificate (${found.atNode ?? 'it shows none'}) at ${front}`,
    got: found.atFront ?? 'no certificate',
    hint: `Bring them back first: \`holdfast failback ${stack.endpoint}\`; then upgrade.`,
  });
}

/**
 * The site's, else those of the original's file: they have to be copied. The sample's only where there is no file, as
 * in a file that is there they would replace what somebody chose. An upgrade needs none.
 */
function osReposOf({ spec, name }: Stack, site: Site, facts: Facts, o: Nodes, goal: Goal): Plot['osRepos'] {
  if (spec.osRepos !== undefined) return spec.osRepos;
  const { host } = o.original.member;
  const found = facts.get(configOf(host, spec.config));
  const { isoPath, osPackagePath } = SAMPLE;
  if (found === undefined || goal.kind === 'upgrade') return { isoPath, osPackagePath };
  const paths = parseConfigPaths(found);
  if (!('wrong' in paths)) return paths;
  throw new Dce5Error({
    code: 'dce5/bad-config',
    message: `${host}:${spec.config}:${paths.line} does not say where the system packages are`,
    where: { position: site.where(['stacks', name]) },
    expected: 'YAML with spec.osRepos.isoPath and spec.osRepos.osPackagePath',
    got: paths.wrong,
    hint: 'Write `osRepos` of the stack in the site file, or correct that file.',
  });
}

/** Until the original is installed the name must lead there; after that any member will do. */
function nameSteps(plot: Plot): Step[] {
  const { site, stack, facts, nodes, isUpgrade } = plot;
  const { name, original, standbys } = nodes;
  const isInstalled = facts.get(installedOn(original.member.host))?.state === 'done';
  const addresses = leadsTo(nodes, isInstalled && !isUpgrade ? [original, ...standbys] : [original]);
  return [...site.hosts.keys()]
    .flatMap((host) => {
      const view = facts.get(nameViewOf(host, name));
      const clean = { name: 'no-override', host, path: ['endpoint'], needs: [] };
      const remove = step(plot, {
        ...clean,
        kind: 'hosts-file',
        args: { absent: [name] },
        why: reasons.of('dce5/no-override', { name }),
      });
      const removes = view === undefined || view.overrides.length > 0 ? [remove] : [];
      const needs = removes.map(({ id }) => id);
      const args = { name, addresses, deadlineMs: 30_000, intervalMs: 2_000 };
      return [
        ...removes,
        step(plot, {
          name: 'name',
          kind: 'dce5-name',
          host,
          args,
          why: reasons.of('dce5/name-first', { name }),
          path: ['endpoint'],
          needs,
        }),
      ];
    })
    .map((each) => ({ ...each, from: site.where(['stacks', stack.name, 'endpoint']) }));
}

/** The last of them is the proof: who comes after a node waits for it. */
function nodeSteps(plot: Plot, node: Node, before: readonly StepId[]): Step[] {
  const { spec } = plot.stack;
  const { host } = node.member;
  const of = (draft: Omit<Draft, 'host'>): Step => step(plot, { ...draft, host });
  const tools =
    spec.tools.length === 0
      ? []
      : [
          of({
            name: 'tools',
            kind: 'dce5-tools',
            args: { tools: spec.tools },
            why: reasons.of('dce5/tools-first'),
            path: ['tools'],
            needs: [],
          }),
        ];
  const copies =
    node.role === 'original' || isInstalledFrom(plot, host)
      ? []
      : pathsToCopy(plot).map(([name, path]) =>
          of({
            name: `copy-${name}`,
            kind: 'dce5-copy',
            args: { path, from: plot.nodes.original.member.host },
            why: reasons.of('dce5/copy'),
            path: ['package'],
            needs: [],
          }),
        );
  const folder = of({
    name: 'config-folder',
    kind: 'directory',
    args: { path: posix.dirname(spec.config) },
    why: reasons.of('dce5/config-folder'),
    path: ['config'],
    needs: [],
  });
  const config = configStep(plot, node, [folder.id, ...before]);
  const install = installStep(plot, node, [...[...tools, ...copies, config].map(({ id }) => id), ...before]);
  return [...tools, ...copies, folder, config, install, certificateStep(plot, node, install.id)];
}

/** What was installed need not be kept: tens of gigabytes that somebody has removed are not copied again. */
function isInstalledFrom({ facts, stack }: Plot, host: HostName): boolean {
  const marker = facts.get(installedOn(host));
  return marker?.state === 'done' && marker.package === stack.spec.package;
}

/** An upgrade brings a new package; the system packages stay. */
function pathsToCopy({ stack, osRepos, isUpgrade }: Plot): [name: string, path: string][] {
  const package_: [string, string] = ['package', stack.spec.package];
  return isUpgrade
    ? [package_]
    : [package_, ['iso', osRepos.isoPath], ['os-packages', osRepos.osPackagePath]];
}

function configStep(plot: Plot, node: Node, needs: readonly StepId[]): Step {
  const { stack, nodes, osRepos, isUpgrade } = plot;
  const { spec } = stack;
  const row = rowOf(nodes, node);
  const wish: ConfigWish = {
    ...row,
    packagePath: spec.package,
    masterNodes: spec.masterNodes,
    ...(spec.clusterName === undefined ? {} : { clusterName: spec.clusterName }),
    ...(isUpgrade && spec.osRepos === undefined ? {} : { osRepos }),
  };
  const params = { name: nodes.name, address: node.member.address };
  const why = reasons.of(node.mode === 'name' ? 'dce5/config-name-mode' : 'dce5/config-address-mode', params);
  const args = { path: spec.config, wish };
  return step(plot, {
    name: 'config',
    kind: 'dce5-config',
    host: node.member.host,
    args,
    why,
    path: ['config'],
    needs,
  });
}

function installStep(plot: Plot, node: Node, needs: readonly StepId[]): Step<Dce5InstallArgs> {
  const { stack, nodes, isUpgrade } = plot;
  const { spec } = stack;
  const { host, address } = node.member;
  const task = isUpgrade ? 'upgrade' : node.role === 'original' ? 'full' : 'bootstrap';
  const args: Dce5InstallArgs = {
    task,
    package: spec.package,
    installer: spec.installer ?? posix.join(spec.package, 'dce5-installer'),
    config: spec.config,
    manifest: spec.manifest ?? posix.join(spec.package, 'sample/manifest.yaml'),
    name: nodes.name,
    ...(node.mode === 'address'
      ? {}
      : nodes.front.length > 0
        ? { behind: [...nodes.front], ...(isUpgrade ? { mustServe: address } : {}) }
        : { mustLeadTo: address }),
    ports: spec.ports,
    stateFolder: STATE_FOLDER,
    secrets: spec.masterNodes.map(({ ansiblePass }) => ansiblePass),
    timeoutMs: spec.timeout,
  };
  const why = reasons.of(`dce5/${isUpgrade ? 'upgrade' : 'install'}-${node.role}`);
  return step(plot, {
    name: task === 'upgrade' ? 'upgrade' : 'install',
    kind: 'dce5-install',
    host,
    args,
    why,
    path: ['package'],
    needs,
  });
}

function certificateStep(plot: Plot, { member }: Node, install: StepId): Step<ProbeStepArgs> {
  const { site, stack, nodes } = plot;
  const { name: memberName, address } = member;
  const args = dce5Certificate.args.parse({ name: nodes.name, strict: true });
  return {
    id: `${stack.name}/${member.host}/certificate`,
    kind: 'probe',
    args: {
      probe: dce5Certificate.kind,
      args,
      target: { member: memberName, address },
      deadlineMs: 120_000,
      intervalMs: 2_000,
      timeoutMs: 10_000,
    },
    needs: [install],
    why: reasons.of('dce5/certificate', { member: memberName, name: nodes.name, address }),
    from: site.where(['stacks', stack.name]),
  };
}

interface Draft {
  readonly name: string;
  readonly kind: string;
  readonly host: HostName;
  readonly args: unknown;
  readonly why: Reason;
  /** Below the stack in the site file. */
  readonly path: SitePath;
  readonly needs: readonly StepId[];
}

function step<A>({ site, stack }: Plot, draft: Draft & { readonly args: A }): Step<A> {
  const { name, kind, host, args, why, path, needs } = draft;
  const from = site.where(['stacks', stack.name, ...path]);
  return { id: `${stack.name}/${host}/${name}`, kind, host, args, needs, why, from };
}

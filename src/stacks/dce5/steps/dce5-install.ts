/**
 * One run of the vendor's installer. What it does on the host cannot be taken back, and it says so.
 *
 * In name mode the installer edits /etc/hosts where the name does not lead to the node itself (runbook, FAQ "upgrade",
 * note), and that node would then ignore DNS for good. So it is refused unless the name leads here, and /etc/hosts is
 * looked at again afterwards. Behind a proxy the name never leads here: there the line is taken out again as soon as the
 * installer has ended, well or not, and who is active is told by the certificate that clients get. Its output goes to a
 * log on the host that only root may read.
 */
import { posix } from 'node:path';
import { z } from 'zod';
import type { Evidence } from '../../../base/evidence.ts';
import { defineReasons, type Reason } from '../../../base/reason.ts';
import type { Check, StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath, timeLimitMs } from '../../../engine/steps/parts/arguments.ts';
import { editHosts } from '../../../engine/steps/parts/etc-hosts.ts';
import { asRoot, order, tidyUp } from '../../../engine/steps/parts/run.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import { sh } from '../../../hosts/shell.ts';
import { dnsName, ipAddress, secretRef } from '../../../site/values.ts';
import { activeCommand, isActive, parseActive } from '../active.ts';
import { Dce5Error } from '../error.ts';
import { type Installation, lookAt } from '../install/installation.ts';
import { formatMarker, type Marker, tasks } from '../install/marker.ts';
import { findProblems, nameReasons } from '../name-view.ts';
import { askName } from './dce5-name.ts';

export const dce5InstallArgs = z.strictObject({
  task: z.enum(tasks),
  package: absolutePath(),
  installer: absolutePath(),
  config: absolutePath(),
  manifest: absolutePath(),
  /** The name that clients use; it must not be in /etc/hosts. */
  name: dnsName(),
  /** In name mode: where the name must lead before the installer may run. Absent: address mode, or behind a proxy. */
  mustLeadTo: ipAddress().optional(),
  /** In name mode, behind a proxy: its addresses, where the name must lead. The line for the name is taken out again. */
  behind: z.array(ipAddress()).min(1).optional(),
  /** Behind a proxy, for an upgrade: the node's own address. What it serves must be what clients get. */
  mustServe: ipAddress().optional(),
  ports: z.array(z.int().min(1).max(65_535)).min(1),
  /** Folder of the marker and of the log. */
  stateFolder: absolutePath(),
  /** Passwords that the installer knows: taken out of what is shown of its log. */
  secrets: z.array(secretRef()).default([]),
  timeoutMs: timeLimitMs(6 * 3_600_000),
});
export type Dce5InstallArgs = z.infer<typeof dce5InstallArgs>;

const own = defineReasons({
  'dce5-install/full': { en: 'install from {package}', zh: '从 {package} 安装' },
  'dce5-install/bootstrap': {
    en: 'install the bootstrap node only, from {package} (-j 1,2,3,4,5)',
    zh: '从 {package} 仅安装火种节点（-j 1,2,3,4,5）',
  },
  'dce5-install/upgrade': {
    en: 'upgrade images, files and charts from {package} (-u tinder)',
    zh: '从 {package} 升级镜像、文件和 chart（-u tinder）',
  },
  'dce5-install/final': {
    en: "the vendor's installer has no way back; the other node keeps what it holds",
    zh: '厂商安装器没有回退方式；另一节点的内容保持不变',
  },
  'dce5-install/done': { en: 'done from {package} ({digest})', zh: '已从 {package} 完成（{digest}）' },
  'dce5-install/by-hand': {
    en: 'it was installed before Holdfast knew it: all of its ports serve ({ports})',
    zh: '在 Holdfast 接管之前已安装：其端口均在提供服务（{ports}）',
  },
  'dce5-install/other-package': {
    en: '{installed} is installed here, not {package}',
    zh: '此处安装的是 {installed}，而不是 {package}',
  },
  'dce5-install/use-upgrade': {
    en: 'Run `holdfast upgrade`: it keeps the order, the original first, and verifies between.',
    zh: '请执行 `holdfast upgrade`：它会按先原节点、后备用节点的顺序升级，并在其间验证。',
  },
  'dce5-install/upgrade-begun': {
    en: 'an upgrade to {package} was begun here and nobody saw it end',
    zh: '此处向 {package} 的升级已开始，但未见其结束',
  },
  'dce5-install/end-upgrade': {
    en: 'End it with `holdfast resume`, or run `holdfast upgrade`: an installation over it would begin anew.',
    zh: '请用 `holdfast resume` 完成升级，或执行 `holdfast upgrade`：再次安装会从头开始。',
  },
  'dce5-install/ports-taken': {
    en: 'something else serves on port {ports} already',
    zh: '端口 {ports} 已被其他服务占用',
  },
  'dce5-install/free-ports': {
    en: 'See with `ss -lntp` what it is, and stop it or move it.',
    zh: '请用 `ss -lntp` 查看占用者，并将其停止或移走。',
  },
  'dce5-install/nothing-there': {
    en: 'nothing is installed here to upgrade: port {ports} does not serve',
    zh: '此处没有可升级的安装：端口 {ports} 未提供服务',
  },
  'dce5-install/build-first': { en: 'Run `holdfast apply` first.', zh: '请先执行 `holdfast apply`。' },
  'dce5-install/no-package': {
    en: 'package, installer or manifest is missing: {package}, {installer}, {manifest}',
    zh: '缺少离线包、安装器或 manifest：{package}、{installer}、{manifest}',
  },
  'dce5-install/put-it-there': {
    en: 'Unpack the offline package there, or correct the paths in the site file.',
    zh: '请将离线包解压到该位置，或修正站点文件中的路径。',
  },
  'dce5-install/would-edit-hosts': {
    en: 'the installer would now write {name} into /etc/hosts: {why}',
    zh: '此时安装器会把 {name} 写入 /etc/hosts：{why}',
  },
  'dce5-install/not-active': {
    en: 'clients do not get this node at {front}: the certificate there is {there}, here it is {here}',
    zh: '客户端通过 {front} 访问的不是本节点：那里的证书是 {there}，本节点的证书是 {here}',
  },
  'dce5-install/lead-name-here': {
    en: 'Let the name lead to this node first: `holdfast failback`; on a first build `holdfast watch` with `holdfast force <this node>`.',
    zh: '请先使域名指向本节点：`holdfast failback`；首次安装时运行 `holdfast watch` 并执行 `holdfast force <本节点>`。',
  },
});
const reasons = defineReasons({ ...nameReasons, ...own });

const LAST_LINES = 60;
const ASK_TIMEOUT_MS = 60_000;

/** See the top of this file. */
export const dce5Install: StepKind<Dce5InstallArgs> = {
  kind: 'dce5-install',
  args: dce5InstallArgs,
  reasons,
  retrySafe: false,
  interrupts: () => true,
  title: (args) => reasons.of(`dce5-install/${args.task}`, { package: args.package }),
  check,
  apply,
  verify,
  undo: { final: reasons.of('dce5-install/final') },
};

function places(args: Dce5InstallArgs): Parameters<typeof lookAt>[1] & { log: string } {
  const { package: folder, installer, manifest, ports, stateFolder } = args;
  const at = (name: string): string => posix.join(stateFolder, name);
  return {
    package: folder,
    installer,
    manifest,
    ports,
    marker: at('installed.json'),
    log: at('installer.log'),
  };
}

async function check(ctx: StepContext, args: Dce5InstallArgs): Promise<Check> {
  const found = await lookAt(ctx, places(args));
  const settled = args.task === 'upgrade' ? judgeUpgrade(args, found) : judgeInstall(args, found);
  if (settled !== undefined) return settled;
  if (found.digest === undefined) {
    const { package: folder, installer, manifest } = args;
    return refuse('dce5-install/no-package', 'dce5-install/put-it-there', {
      package: folder,
      installer,
      manifest,
    });
  }
  const why = await findNameProblem(ctx, args);
  if (why !== undefined) {
    return refuse('dce5-install/would-edit-hosts', 'dce5-install/lead-name-here', { name: args.name, why });
  }
  const inactive = await findInactive(ctx, args);
  if (inactive !== undefined) {
    return { state: 'refused', because: inactive, hint: reasons.of('dce5-install/lead-name-here') };
  }
  return { state: 'todo', diff: { summary: commandOf(args).join(' ') } };
}

/** @returns undefined where it is to be run */
function judgeInstall(args: Dce5InstallArgs, { marker, serving, digest }: Installation): Check | undefined {
  if (marker?.state === 'begun' && marker.task === 'upgrade') {
    const params = { package: marker.package };
    return refuse('dce5-install/upgrade-begun', 'dce5-install/end-upgrade', params);
  }
  if (marker?.state === 'begun') return undefined;
  if (marker !== undefined) {
    if (isOf(marker, args, digest)) return done(marker);
    const params = { installed: marker.package, package: args.package };
    return refuse('dce5-install/other-package', 'dce5-install/use-upgrade', params);
  }
  const ports = serving.join(', ');
  if (serving.length === args.ports.length)
    return { state: 'done', because: reasons.of('dce5-install/by-hand', { ports }) };
  if (serving.length > 0) return refuse('dce5-install/ports-taken', 'dce5-install/free-ports', { ports });
  return undefined;
}

function judgeUpgrade(args: Dce5InstallArgs, { marker, serving, digest }: Installation): Check | undefined {
  if (marker?.state === 'done' && isOf(marker, args, digest)) return done(marker);
  if (marker !== undefined || serving.length === args.ports.length) return undefined;
  const silent = args.ports.filter((port) => !serving.includes(port)).join(', ');
  return refuse('dce5-install/nothing-there', 'dce5-install/build-first', { ports: silent });
}

/** Of a package that was removed after it was installed, only its path is known. */
function isOf(marker: Marker, args: Dce5InstallArgs, digest: string | undefined): boolean {
  return marker.package === args.package && (digest === undefined || marker.digest === digest);
}

function done(marker: Marker): Check {
  const { package: folder, digest } = marker;
  return {
    state: 'done',
    because: reasons.of('dce5-install/done', { package: folder, digest: digest.slice(0, 19) }),
  };
}

function refuse(
  because: Parameters<typeof reasons.of>[0],
  hint: Parameters<typeof reasons.of>[0],
  params: Reason['params'],
): Check {
  return { state: 'refused', because: reasons.of(because, params), hint: reasons.of(hint, params) };
}

/**
 * In name mode the name must lead here, or to what stands before the node; in both, no line of /etc/hosts may hold it.
 * A line that the installer left when it was cut off behind a proxy hides what DNS says, and goes before it runs again.
 */
async function findNameProblem(ctx: StepContext, args: Dce5InstallArgs): Promise<Reason | undefined> {
  const view = await askName(ctx, args.name);
  if (args.behind !== undefined && view.overrides.length > 0) return undefined;
  const wanted = leadsTo(args);
  const problems = findProblems(view, args.name, wanted ?? []);
  const counts = ({ code }: Reason): boolean =>
    code === 'dce5-name/override' ||
    (wanted !== undefined && (code === 'dce5-name/no-address' || code === 'dce5-name/other-address'));
  return problems.find(counts);
}

/** Behind a proxy: undefined where clients get this node, as far as can be told. */
async function findInactive(ctx: StepContext, args: Dce5InstallArgs): Promise<Reason | undefined> {
  const { name, behind = [], mustServe } = args;
  const [front] = behind;
  if (front === undefined || mustServe === undefined) return undefined;
  const command = activeCommand({ name, front, own: mustServe });
  const { stdout } = await ctx.host.run(command, { timeoutMs: ASK_TIMEOUT_MS, signal: ctx.signal });
  const found = parseActive(stdout);
  if (isActive(found)) return undefined;
  const { atFront: there = '–', atNode: here = '–' } = found;
  return reasons.of('dce5-install/not-active', { front, there, here });
}

/** Undefined in address mode: the installer does not look. */
function leadsTo({ mustLeadTo, behind }: Dce5InstallArgs): readonly string[] | undefined {
  return behind ?? (mustLeadTo === undefined ? undefined : [mustLeadTo]);
}

function commandOf({ task, installer, config, manifest }: Dce5InstallArgs): string[] {
  const how = { full: [], bootstrap: ['-j', '1,2,3,4,5'], upgrade: ['-u', 'tinder'] }[task];
  return [installer, 'cluster-create', '-c', config, '-m', manifest, ...how];
}

async function apply(ctx: StepContext, args: Dce5InstallArgs): Promise<void> {
  const at = places(args);
  const { digest } = await lookAt(ctx, at);
  if (args.behind !== undefined) await takeNameOut(ctx, args.name);
  const why = await findNameProblem(ctx, args);
  if (digest === undefined || why !== undefined) throw notReady(args, why);
  const inactive = await findInactive(ctx, args);
  if (inactive !== undefined) throw notActive(args, inactive);
  const hosts = await readHosts(ctx);
  const mark = (state: Marker['state']): Promise<void> => {
    const { task, package: folder } = args;
    const content = formatMarker({ state, task, package: folder, digest });
    return ctx.host.files.replace(at.marker, content, { mode: 0o644 }, ctx.signal);
  };
  await order(ctx, sh`mkdir -p ${args.stateFolder}`, {
    what: `make ${args.stateFolder}`,
    hint: 'Check that the file system is writable.',
  });
  await mark('begun');
  try {
    await runInstaller(ctx, args, at.log);
  } finally {
    // Where it fails, the look at /etc/hosts below tells, or the next run takes the line out.
    if (args.behind !== undefined)
      await tidyUp(ctx, `take ${args.name} out of /etc/hosts`, (signal) =>
        takeNameOut(ctx, args.name, signal),
      );
  }
  await expectHosts(ctx, args, hosts);
  await mark('done');
}

async function runInstaller(ctx: StepContext, args: Dce5InstallArgs, log: string): Promise<void> {
  const words = commandOf(args);
  const command = sh`cd ${args.package} && PATH="$PATH:/usr/local/bin:/usr/local/sbin" && export PATH && umask 022 &&
{ [ -e ${log} ] || (umask 077; : > ${log}); } && printf '\n# %s  %s\n' "$(date)" ${words.join(' ')} >> ${log} && ${words} >> ${log} 2>&1 < /dev/null`;
  const { code } = await asRoot(ctx, command, { timeoutMs: args.timeoutMs });
  if (code === 0) return;
  const tail = await asRoot(ctx, sh`tail -n ${LAST_LINES} ${log}`);
  const said = await withoutSecrets(ctx, args, tail.stdout);
  const lastLine = said.trim().split('\n').at(-1) ?? '';
  throw new Dce5Error({
    code: 'dce5/installer-failed',
    message: `the installer failed (${args.task})`,
    expected: `exit code 0 of ${words.join(' ')}`,
    got: `exit code ${code}: ${lastLine.slice(0, 300)}`,
    hint: `Read ${log} on the host (its end is in the evidence), correct the cause, then \`holdfast resume\`.`,
    evidence: said,
  });
}

async function withoutSecrets(ctx: StepContext, args: Dce5InstallArgs, text: string): Promise<string> {
  const secrets = await Promise.all(args.secrets.map((reference) => ctx.secret(reference)));
  return secrets.reduce((rest, secret) => rest.replaceAll(secret.reveal(), String(secret)), text);
}

/** The name in /etc/hosts is a failure; other lines are the installer's own affair, and told. */
async function expectHosts(ctx: StepContext, args: Dce5InstallArgs, before: string): Promise<void> {
  if ((await readHosts(ctx)) === before) return;
  const { overrides } = await askName(ctx, args.name);
  const [line] = overrides;
  if (line !== undefined)
    throw hostsChanged(args, `line ${line.line}: ${line.address} ${line.names.join(' ')}`);
  ctx.log.warn('the installer changed lines of /etc/hosts that do not concern the name', { name: args.name });
}

/** Everything else in the file stays as it is. */
async function takeNameOut(ctx: StepContext, name: string, signal = ctx.signal): Promise<void> {
  const before = await readHosts(ctx, signal);
  const after = editHosts(before, { absent: [name], entries: [] });
  if (after !== before) await ctx.host.files.replace('/etc/hosts', Buffer.from(after, 'latin1'), {}, signal);
}

async function readHosts(ctx: StepContext, signal = ctx.signal): Promise<string> {
  return Buffer.from((await ctx.host.files.read('/etc/hosts', signal)) ?? []).toString('latin1');
}

async function verify(ctx: StepContext, args: Dce5InstallArgs): Promise<Evidence> {
  const startMs = ctx.clock.monotonicMs();
  const { marker, serving } = await lookAt(ctx, places(args));
  const expected = `installed from ${args.package}, ports ${args.ports.join(', ')} serving, no line for ${args.name} in /etc/hosts`;
  const { overrides } = await askName(ctx, args.name);
  const got = `${marker === undefined ? 'no marker' : `${marker.state} from ${marker.package}`}, ports ${serving.join(', ') || 'none'} serving, ${overrides.length} lines`;
  const isRight =
    marker?.state === 'done' &&
    marker.package === args.package &&
    serving.length === args.ports.length &&
    overrides.length === 0;
  if (!isRight) {
    const hint = `The installer ended well, yet the node does not serve: read ${places(args).log} on the host.`;
    throw notAsWanted('the node', expected, got, hint);
  }
  const tookMs = ctx.clock.monotonicMs() - startMs;
  return { asked: `the marker, /proc/net/tcp and /etc/hosts`, got, expected, at: ctx.clock.now(), tookMs };
}

function notReady(args: Dce5InstallArgs, why: Reason | undefined): Dce5Error {
  const { name } = args;
  const isName = why !== undefined;
  return new Dce5Error({
    code: isName ? 'dce5/name-elsewhere' : 'dce5/not-ready',
    message: isName
      ? `the installer would write ${name} into /etc/hosts, so it was not run`
      : 'the package is not there, so the installer was not run',
    expected: isName
      ? `${name} leading to ${leadsTo(args)?.join(' or ') ?? 'wherever DNS says'}, by DNS alone`
      : args.package,
    got: isName ? why.code.replace('dce5-name/', '') : 'nothing',
    hint: isName
      ? 'Bring the name back with `holdfast failback`, then `holdfast resume`.'
      : 'Unpack the offline package there, then `holdfast resume`.',
  });
}

function notActive({ name }: Dce5InstallArgs, { params }: Reason): Dce5Error {
  return new Dce5Error({
    code: 'dce5/name-elsewhere',
    message: `clients who ask for ${name} do not get this node, so the installer was not run`,
    expected: `the certificate ${params?.here} at ${params?.front}`,
    got: String(params?.there),
    hint: 'Bring them back with `holdfast failback`, then `holdfast resume`.',
  });
}

function hostsChanged(args: Dce5InstallArgs, got: string): Dce5Error {
  return new Dce5Error({
    code: 'dce5/hosts-file-changed',
    message: `the installer wrote ${args.name} into /etc/hosts`,
    expected: 'no line for it, so that DNS decides',
    got,
    hint: 'Run `holdfast apply`: it takes the name out again. See in `holdfast status` whether the name moved meanwhile.',
  });
}

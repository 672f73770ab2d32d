/**
 * A baseline's steps. Each waits for what it truly needs on its host, no more, so that `apply` can hold it to what the
 * plan showed; hosts do not wait for each other:
 *
 *   hosts file · packages → directories → files → commands (prepare) → kernel parameters · configuration of units
 *   → units → commands (finish)
 */
import type { Reason } from '../../base/reason.ts';
import type { Step } from '../../engine/step.ts';
import type { CommandArgs } from '../../engine/steps/command.ts';
import type { FileArgs } from '../../engine/steps/file.ts';
import type { ServiceArgs } from '../../engine/steps/service.ts';
import type { ServiceConfigArgs } from '../../engine/steps/service-config.ts';
import type { HostName, Site, SitePath, StackSpec } from '../../site/model.ts';
import { reasons } from './reasons.ts';
import type { BaselineSpec } from './schema.ts';
import { readSource } from './source-file.ts';

/** A step before it has its host: what is the same on all of them. */
interface Draft {
  /** The end of its id: `packages`, `file/etc/motd`. */
  readonly name: string;
  readonly kind: string;
  readonly args: unknown;
  readonly why: Reason;
  /** Below the stack in the site file. */
  readonly path: SitePath;
  /** Names of the drafts that it waits for. */
  readonly after: readonly string[];
}

/** A draft that does not know yet what it waits for. */
type Sketch = Omit<Draft, 'after'>;

type FileSpec = BaselineSpec['files'][number];

/** @throws HoldfastError where a `source` cannot be read */
export function planBaseline(site: Site, stack: StackSpec<BaselineSpec>): Step[] {
  const drafts = draft(site, stack);
  return hostsOf(site, stack.spec).flatMap((host) => stepsOn(site, stack, host, drafts));
}

/** The hosts it is for, in the order of the site file. */
export function hostsOf(site: Site, { hosts }: BaselineSpec): HostName[] {
  return [...site.hosts.keys()].filter((name) => hosts === 'all' || hosts.includes(name));
}

function stepsOn(site: Site, stack: StackSpec, host: HostName, drafts: readonly Draft[]): Step[] {
  const idOf = (name: string): string => `${stack.name}/${host}/${name}`;
  return drafts.map(({ name, kind, args, why, path, after }) => {
    const from = site.where(['stacks', stack.name, ...path]);
    return { id: idOf(name), kind, host, args, needs: after.map(idOf), why, from };
  });
}

function draft(site: Site, stack: StackSpec<BaselineSpec>): Draft[] {
  const { spec } = stack;
  const hostsFile = after(sketchHostsFile(spec));
  const packages = after(sketchPackages(spec));
  const directories = spec.directories.map((args, at): Draft => {
    const path = ['directories', at];
    const why = reasons.of('baseline/directory');
    const needs = [...namesOf(packages), ...foldersOf(spec, args.path)];
    return { name: directoryName(args.path), kind: 'directory', args, why, path, after: needs };
  });
  const files = sketchFiles(site, stack).map((sketch) => {
    const needs = [...namesOf(packages), ...foldersOf(spec, (sketch.args as FileArgs).path)];
    return { ...sketch, after: needs };
  });
  const prepare = inTurn(
    sketchCommands(spec, 'prepare'),
    namesOf([...hostsFile, ...packages, ...directories, ...files]),
  );
  const prepared = namesOf(prepare.slice(-1));
  const sysctl = after(sketchSysctl(stack), prepared);
  const configs = sketchConfigs(site, stack).map((sketch) => {
    const folders = (sketch.args as ServiceConfigArgs).files.flatMap(({ path }) => foldersOf(spec, path));
    return { ...sketch, after: [...new Set([...namesOf(packages), ...folders, ...prepared])] };
  });
  const services = sketchServices(spec).map((sketch) => {
    const own = configs.filter(({ name }) => name === `config/${(sketch.args as ServiceArgs).unit}`);
    return { ...sketch, after: namesOf([...packages, ...files, ...prepare.slice(-1), ...sysctl, ...own]) };
  });
  const before = [
    ...hostsFile,
    ...packages,
    ...directories,
    ...files,
    ...prepare,
    ...sysctl,
    ...configs,
    ...services,
  ];
  return [...before, ...inTurn(sketchCommands(spec, 'finish'), namesOf(before))];
}

function after(sketches: readonly Sketch[], names: readonly string[] = []): Draft[] {
  return sketches.map((sketch) => ({ ...sketch, after: names }));
}

/** One after the other, the first after `names`. */
function inTurn(sketches: readonly Sketch[], names: readonly string[]): Draft[] {
  return sketches.map((sketch, at) => {
    const before = sketches[at - 1];
    return { ...sketch, after: before === undefined ? names : [before.name] };
  });
}

function namesOf(drafts: readonly Sketch[]): string[] {
  return drafts.map(({ name }) => name);
}

/** The directories of this baseline that a path lies in. */
function foldersOf({ directories }: BaselineSpec, path: string): string[] {
  return directories
    .filter((folder) => path.startsWith(`${folder.path}/`))
    .map((folder) => directoryName(folder.path));
}

function directoryName(path: string): string {
  return `directory${path}`;
}

function sketchHostsFile({ hostsFile }: BaselineSpec): Sketch[] {
  if (hostsFile === undefined || hostsFile.absent.length + hostsFile.entries.length === 0) return [];
  const why = reasons.of('baseline/hosts-file');
  return [{ name: 'hosts-file', kind: 'hosts-file', args: hostsFile, why, path: ['hostsFile'] }];
}

function sketchPackages({ packages }: BaselineSpec): Sketch[] {
  if (packages.length === 0) return [];
  const why = reasons.of('baseline/packages');
  return [{ name: 'packages', kind: 'package', args: { packages }, why, path: ['packages'] }];
}

function sketchSysctl({ name, spec: { sysctl } }: StackSpec<BaselineSpec>): Sketch[] {
  if (sysctl === undefined) return [];
  const args = { name: dropInName(name), values: sysctl };
  return [{ name: 'sysctl', kind: 'sysctl', args, why: reasons.of('baseline/sysctl'), path: ['sysctl'] }];
}

/** A stack's name may be in any script; a drop-in's may not. Different stacks keep different names. */
function dropInName(stack: string): string {
  const plain = stack.toLowerCase();
  return /^[a-z0-9][a-z0-9-]*$/.test(plain) && plain === stack
    ? plain
    : `x-${Buffer.from(stack).toString('hex')}`;
}

/** Files that no unit has to read again. */
function sketchFiles(site: Site, stack: StackSpec<BaselineSpec>): Sketch[] {
  return stack.spec.files.flatMap((file, at) => {
    if (unitOf(file) !== undefined) return [];
    const args = fileArgsOf(site, stack, file, at);
    const path = ['files', at];
    return [{ name: `file${file.path}`, kind: 'file', args, why: reasons.of('baseline/file'), path }];
  });
}

/** The files of each unit are one step, so that it reads them once, and a rollback brings them back together. */
function sketchConfigs(site: Site, stack: StackSpec<BaselineSpec>): Sketch[] {
  const byUnit = Map.groupBy([...stack.spec.files.entries()], ([, file]) => unitOf(file));
  byUnit.delete(undefined);
  return [...byUnit].map(([unit = '', entries]) => {
    const test = stack.spec.services.find((service) => service.unit === unit)?.test;
    const args: Partial<ServiceConfigArgs> & Pick<ServiceConfigArgs, 'files'> = {
      unit,
      files: entries.map(([at, file]) => fileArgsOf(site, stack, file, at)),
      how: entries.some(([, file]) => file.restart !== undefined) ? 'restart' : 'reload-or-restart',
      ...(test === undefined ? {} : { test }),
    };
    const path = ['files', entries[0]?.[0] ?? 0];
    return {
      name: `config/${unit}`,
      kind: 'service-config',
      args,
      why: reasons.of('baseline/config', { unit }),
      path,
    };
  });
}

function unitOf({ reload, restart }: FileSpec): string | undefined {
  return restart ?? reload;
}

function fileArgsOf(site: Site, stack: StackSpec, file: FileSpec, at: number): FileArgs {
  const { source, reload: _reload, restart: _restart, ...args } = file;
  if (source === undefined) return args;
  const position = site.where(['stacks', stack.name, 'files', at, 'source']);
  return { ...args, content: readSource(site.file, source, position) };
}

function sketchServices({ services }: BaselineSpec): Sketch[] {
  return services.map(({ unit, state, enabled }, at) => {
    const atBoot = enabled === 'unchanged' ? {} : { enabled: enabled ?? state === 'running' };
    const args: Partial<ServiceArgs> = { unit, wanted: state, ...atBoot };
    return {
      name: `service/${unit}`,
      kind: 'service',
      args,
      why: reasons.of('baseline/service', { unit }),
      path: ['services', at],
    };
  });
}

function sketchCommands({ commands }: BaselineSpec, stage: 'prepare' | 'finish'): Sketch[] {
  return commands.flatMap(({ name, stage: own, timeout, ...rest }, at) => {
    if (own !== stage) return [];
    const args: CommandArgs = { ...rest, timeoutMs: timeout };
    return [
      {
        name: `command/${name}`,
        kind: 'command',
        args,
        why: reasons.of('baseline/command', { name }),
        path: ['commands', at],
      },
    ];
  });
}

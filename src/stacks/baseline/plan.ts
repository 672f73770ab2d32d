/**
 * A baseline's steps. On each host one after the other, in this order: hosts file, packages, directories, files,
 * commands that prepare, kernel parameters, configuration of units, units, commands that finish. Hosts do not wait
 * for each other.
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
}

type FileSpec = BaselineSpec['files'][number];

/** @throws HoldfastError where a `source` cannot be read */
export function planBaseline(site: Site, stack: StackSpec<BaselineSpec>): Step[] {
  const drafts = draft(site, stack);
  return hostsOf(site, stack.spec).flatMap((host) => chain(site, stack, host, drafts));
}

/** The hosts it is for, in the order of the site file. */
export function hostsOf(site: Site, { hosts }: BaselineSpec): HostName[] {
  return [...site.hosts.keys()].filter((name) => hosts === 'all' || hosts.includes(name));
}

function chain(site: Site, stack: StackSpec, host: HostName, drafts: readonly Draft[]): Step[] {
  const idOf = ({ name }: Draft): string => `${stack.name}/${host}/${name}`;
  return drafts.map((each, at) => {
    const { kind, args, why, path } = each;
    const before = drafts[at - 1];
    const needs = before === undefined ? [] : [idOf(before)];
    return {
      id: idOf(each),
      kind,
      host,
      args,
      needs,
      why,
      from: site.where(['stacks', stack.name, ...path]),
    };
  });
}

function draft(site: Site, stack: StackSpec<BaselineSpec>): Draft[] {
  const { spec } = stack;
  return [
    ...draftHostsFile(spec),
    ...draftPackages(spec),
    ...spec.directories.map((args, at): Draft => {
      const path = ['directories', at];
      return {
        name: `directory${args.path}`,
        kind: 'directory',
        args,
        why: reasons.of('baseline/directory'),
        path,
      };
    }),
    ...draftFiles(site, stack),
    ...draftCommands(spec, 'prepare'),
    ...draftSysctl(stack),
    ...draftConfigs(site, stack),
    ...draftServices(spec),
    ...draftCommands(spec, 'finish'),
  ];
}

function draftHostsFile({ hostsFile }: BaselineSpec): Draft[] {
  if (hostsFile === undefined || hostsFile.absent.length + hostsFile.entries.length === 0) return [];
  const why = reasons.of('baseline/hosts-file');
  return [{ name: 'hosts-file', kind: 'hosts-file', args: hostsFile, why, path: ['hostsFile'] }];
}

function draftPackages({ packages }: BaselineSpec): Draft[] {
  if (packages.length === 0) return [];
  const why = reasons.of('baseline/packages');
  return [{ name: 'packages', kind: 'package', args: { packages }, why, path: ['packages'] }];
}

function draftSysctl({ name, spec: { sysctl } }: StackSpec<BaselineSpec>): Draft[] {
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
function draftFiles(site: Site, stack: StackSpec<BaselineSpec>): Draft[] {
  return stack.spec.files.flatMap((file, at) => {
    if (unitOf(file) !== undefined) return [];
    const args = fileArgsOf(site, stack, file, at);
    const path = ['files', at];
    return [{ name: `file${file.path}`, kind: 'file', args, why: reasons.of('baseline/file'), path }];
  });
}

/** The files of each unit are one step, so that it reads them once, and a rollback brings them back together. */
function draftConfigs(site: Site, stack: StackSpec<BaselineSpec>): Draft[] {
  const byUnit = Map.groupBy([...stack.spec.files.entries()], ([, file]) => unitOf(file));
  byUnit.delete(undefined);
  return [...byUnit].map(([unit = '', entries]) => {
    const test = stack.spec.services.find((service) => service.unit === unit)?.test;
    const args: Partial<ServiceConfigArgs> = {
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

function draftServices({ services }: BaselineSpec): Draft[] {
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

function draftCommands({ commands }: BaselineSpec, stage: 'prepare' | 'finish'): Draft[] {
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

/** `holdfast facts`: what was found on the hosts, as the plans see it. */
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import { toErrorRecord } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { Sentence } from '../base/reason.ts';
import { ask, type FactKind, type Facts } from '../hosts/fact.ts';
import { gatherFacts } from '../hosts/facts/gather.ts';
import type { HostName } from '../site/model.ts';
import type { Runner } from './command.ts';
import { CliError } from './error.ts';
import { renderFailure } from './failure.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addSiteOptions, openSite, type SiteOptions } from './open.ts';
import { paint } from './paint.ts';
import { describeFact } from './render/fact.ts';
import { columns } from './render/width.ts';
import { say } from './say.ts';

interface FactsOptions extends SiteOptions {
  readonly only?: readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: kinds of many types
type AnyKind = FactKind<any, any>;

const WORDS = {
  unclear: { en: 'could not be understood', zh: '无法解读' },
  asking: { en: 'asking {count} hosts', zh: '正在查询 {count} 台主机' },
} satisfies Record<string, Sentence>;

/** Adds hosts and options. Exit 0 where every host told everything, 1 otherwise. */
export function configure(command: Command, run: Runner): void {
  addSiteOptions(command)
    .argument('[host...]', 'these hosts only')
    .option('--only <facts...>', 'these facts only, e.g. `resolver hosts-file`')
    .option('--json', 'print them as JSON')
    .action(run((io: Io, hosts: readonly string[], options: FactsOptions) => showFacts(io, hosts, options)));
}

async function showFacts(io: Io, named: readonly string[], options: FactsOptions): Promise<ExitCode> {
  await using context = await openSite(io, options);
  const hosts = pickHosts(named, context);
  const wanted = options.only?.flatMap((names) => names.split(',')) ?? context.factKinds.names;
  const kinds = wanted.map((name) => context.factKinds.get(name));
  if (io.errIsTty) io.err(`${say(io, WORDS.asking, { count: hosts.length })}\n`);
  const queries = hosts.flatMap((host) => kinds.map((kind) => ask(host, kind, undefined)));
  const facts = await gatherFacts(queries, context.hosts, { clock: context.clock, signal: io.stop });
  if (options.json) io.out(`${JSON.stringify(toJson(hosts, kinds, facts), null, 2)}\n`);
  else
    for (const host of hosts) io.out(renderHost(io, host, kinds, facts, context, options.verbose === true));
  const isWhole = facts.unreachable.size === 0 && (facts.failures ?? []).length === 0;
  return isWhole ? exitCodes.done : exitCodes.failed;
}

/** All hosts of the site where none is named. */
function pickHosts(named: readonly string[], { site }: Context): readonly HostName[] {
  const unknown = named.find((name) => !site.hosts.has(name));
  if (unknown === undefined) return named.length > 0 ? [...new Set(named)] : [...site.hosts.keys()];
  const meant = nearest(unknown, site.hosts.keys());
  throw new CliError({
    code: 'site/unknown-host',
    message: `the site has no host named '${unknown}'`,
    expected: `one of ${[...site.hosts.keys()].slice(0, 20).join(', ')}`,
    got: unknown,
    hint: meant === undefined ? 'Name hosts as the site file does.' : `Did you mean '${meant}'?`,
  });
}

function renderHost(
  io: Io,
  host: HostName,
  kinds: readonly AnyKind[],
  facts: Facts,
  { site }: Context,
  verbose: boolean,
): string {
  const title = `${paint(io, 'bold', host)}  ${site.hosts.get(host)?.address ?? ''}\n`;
  const error = facts.errors?.get(host);
  if (error !== undefined) return `${title}${indent(renderFailure(io, error, verbose))}`;
  const rows = kinds.flatMap((kind) => {
    const failure = facts.failures?.find((each) => each.host === host && each.fact === kind.name);
    const lines =
      failure === undefined
        ? describeFact(io, kind.name, facts.get(ask(host, kind, undefined)))
        : [`${say(io, WORDS.unclear)}: ${failure.message}`];
    return lines.map((line, index) => [index === 0 ? kind.name : '', line]);
  });
  return `${title}${indent(columns(rows).join('\n'))}\n`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function toJson(hosts: readonly HostName[], kinds: readonly AnyKind[], facts: Facts): unknown {
  return {
    digest: facts.digest,
    hosts: hosts.map((host) => {
      const error = facts.errors?.get(host);
      if (error !== undefined) return { host, error: toErrorRecord(error) };
      const failures = (facts.failures ?? []).filter((each) => each.host === host);
      return {
        host,
        facts: Object.fromEntries(
          kinds.map((kind) => [kind.name, facts.get(ask(host, kind, undefined)) ?? null]),
        ),
        ...(failures.length === 0
          ? {}
          : { failures: failures.map(({ fact, message }) => ({ fact, message })) }),
      };
    }),
  };
}

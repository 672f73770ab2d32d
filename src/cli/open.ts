/** What every command that reads a site shares: its options, and the way to an open context. */
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import type { Need } from '../site/load.ts';
import type { LabAccess } from './enter-lab.ts';
import type { Io } from './io.ts';
import { say } from './say.ts';

export interface SiteOptions {
  readonly file?: string;
  readonly stateDir?: string;
  /** A lab in place of the site: its name, or true for the one that is up. */
  readonly lab?: string | true;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** Adds `-f/--file`, `--state-dir`, `--lab` and `-v/--verbose`. */
export function addSiteOptions(command: Command): Command {
  return command
    .option('-f, --file <site.yaml>', 'the site file (default: $HOLDFAST_SITE, then ./site.yaml)')
    .option('--state-dir <dir>', 'where runs, locks and watch state live (default: $HOLDFAST_STATE_DIR)')
    .option(
      '--lab [name]',
      'work on the hosts of a lab (`holdfast lab up`), reached and remembered apart from the site',
    )
    .option('-v, --verbose', 'log what is done, and show the evidence behind errors');
}

/** The site file that the options and the environment name. */
export function siteFileOf(io: Io, options: SiteOptions): string {
  return options.file ?? io.env.HOLDFAST_SITE ?? 'site.yaml';
}

const LEFT_OUT = {
  en: 'warning: of {file} only hosts and access were read, which is all that is needed here; the rest has mistakes ({count}): `holdfast lint -f {file}`',
  zh: '警告：{file} 仅读取了主机与访问方式，此处只需要这些；其余部分有错误（{count} 处）：`holdfast lint -f {file}`',
};

/**
 * Opens the context of the site that the options name; use with `await using`.
 * @param need `hosts`: mistakes in the rest of the file are a warning of one line
 * @throws SiteError where the file cannot be loaded, with every finding
 */
export async function openSite(io: Io, options: SiteOptions, need: Need = 'all'): Promise<Context> {
  const { openContext } = await import('../app/context.ts');
  const { makeLogger } = await import('../app/logger.ts');
  const lab = await labOf(io, options);
  const stateDir = options.stateDir ?? lab?.stateDir;
  const context = await openContext({
    need,
    file: options.file ?? lab?.file ?? siteFileOf(io, options),
    env: io.env,
    language: io.language,
    log: makeLogger({
      level: options.verbose ? 'debug' : 'warn',
      form: io.errIsTty && !options.json ? 'text' : 'json',
      write: (line) => io.err(line),
    }),
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(lab === undefined ? {} : { adapt: lab.adapt }),
  });
  const { leftOut, site } = context;
  if (leftOut.length > 0) io.err(`${say(io, LEFT_OUT, { file: site.file, count: leftOut.length })}\n`);
  return context;
}

async function labOf(io: Io, options: SiteOptions): Promise<LabAccess | undefined> {
  if (options.lab === undefined) return undefined;
  const { enterLab } = await import('./enter-lab.ts');
  return await enterLab(io, options.lab, options.file);
}

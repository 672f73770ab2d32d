/** What every command that reads a site shares: its options, and the way to an open context. */
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import type { LabAccess } from './enter-lab.ts';
import type { Io } from './io.ts';

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

/**
 * Opens the context of the site that the options name; use with `await using`.
 * @throws SiteError where the file cannot be loaded, with every finding
 */
export async function openSite(io: Io, options: SiteOptions): Promise<Context> {
  const { openContext } = await import('../app/context.ts');
  const { makeLogger } = await import('../app/logger.ts');
  const lab = await labOf(io, options);
  const stateDir = options.stateDir ?? lab?.stateDir;
  return openContext({
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
}

async function labOf(io: Io, options: SiteOptions): Promise<LabAccess | undefined> {
  if (options.lab === undefined) return undefined;
  const { enterLab } = await import('./enter-lab.ts');
  return await enterLab(io, options.lab, options.file);
}

/** What every command that reads a site shares: its options, and the way to an open context. */
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import type { Io } from './io.ts';

export interface SiteOptions {
  readonly file?: string;
  readonly stateDir?: string;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** Adds `-f/--file`, `--state-dir` and `-v/--verbose`. */
export function addSiteOptions(command: Command): Command {
  return command
    .option('-f, --file <site.yaml>', 'the site file (default: $HOLDFAST_SITE, then ./site.yaml)')
    .option('--state-dir <dir>', 'where runs, locks and watch state live (default: $HOLDFAST_STATE_DIR)')
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
  return openContext({
    file: siteFileOf(io, options),
    env: io.env,
    language: io.language,
    log: makeLogger({
      level: options.verbose ? 'debug' : 'warn',
      form: io.errIsTty && !options.json ? 'text' : 'json',
      write: (line) => io.err(line),
    }),
    ...(options.stateDir === undefined ? {} : { stateDir: options.stateDir }),
  });
}

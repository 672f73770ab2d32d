/** The engine of a site, from its context, the terminal and the options. */
import { hostname, userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import type { Context } from '../app/context.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineEvent } from '../engine/events.ts';
import { hostLocks } from '../engine/lock.ts';
import { fileRunStore } from '../store/files.ts';
import type { Operator } from '../store/journal.ts';
import { ownIdentity } from '../store/process-identity.ts';
import type { Io } from './io.ts';
import { addSiteOptions, type SiteOptions } from './open.ts';

export interface EngineOptions extends SiteOptions {
  readonly lockFile?: string;
  readonly hostsAtOnce?: number;
}

const HOSTS_AT_ONCE = 10;

/** What every command that works with runs takes: the site's options, `--lock-file`, `--hosts-at-once`, `--json`. */
export function addEngineOptions(command: Command): Command {
  return addSiteOptions(command)
    .option('--lock-file <path>', 'where hosts keep the lock; all operators must name the same')
    .option(
      '--hosts-at-once <n>',
      `how many hosts are worked on at once (default: ${HOSTS_AT_ONCE})`,
      atLeastOne,
    )
    .option('--json', 'for scripts');
}

/** Makes the engine; it touches nothing yet. */
export function openEngine(
  io: Io,
  context: Context,
  options: EngineOptions,
  emit: (event: EngineEvent) => void = () => {},
): Engine {
  const { site, clock, log, random, hosts, stateDir, render } = context;
  const lockFiles = options.lockFile === undefined ? undefined : [options.lockFile];
  return {
    site,
    kinds: context.stepKinds,
    hosts,
    runs: fileRunStore({ stateDir, clock, secrets: context.knownSecrets }),
    locks: hostLocks(hosts, site, lockFiles),
    clock,
    log,
    random,
    operator: operatorOf(io),
    process: ownIdentity(),
    secrets: context.knownSecrets,
    secret: (reference) => context.secret(reference),
    render,
    hostsAtOnce: options.hostsAtOnce ?? HOSTS_AT_ONCE,
    emit,
  };
}

/** Who sits at the keyboard: behind sudo, the person, not root. */
function operatorOf(io: Io): Operator {
  const user = io.env.SUDO_USER ?? io.env.USER ?? userInfo().username;
  return { user, host: hostname(), pid: process.pid };
}

function atLeastOne(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('expected a whole number from 1.');
  return count;
}

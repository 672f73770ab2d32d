/** From an open context to what the watcher and its commands take. */
import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import type { WatcherOptions } from '../watch/watcher-options.ts';
import type { Io } from './io.ts';

/** Everything but what is special to one command. */
export function watcherOptions(ctx: Context, io: Io, command: string): WatcherOptions {
  const { site, known, probeKinds, hosts, clock, log, random, stateDir } = ctx;
  return {
    site,
    drivers: known.drivers,
    stacks: known.stacks,
    probeKinds,
    hosts,
    clock,
    log,
    random,
    stateDir,
    secret: (reference) => ctx.secret(reference),
    holder: `holdfast ${command} by ${operator(io)}`,
    pid: process.pid,
    signal: io.abort,
  };
}

/** Who decides, for history and status: `li@ctl1`, also behind sudo. */
export function operator(io: Io): string {
  const user = io.env.SUDO_USER ?? io.env.USER ?? io.env.LOGNAME ?? systemUser();
  return `${user}@${hostname()}`.slice(0, 255);
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // No passwd entry for this number, as in many containers.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

/** `[endpoint] <member>` from what was typed: the last word is the member. More than two words end in a usage error. */
export function namesOf(command: Command, words: readonly string[]): { endpoint?: string; member: string } {
  const [first, second, ...more] = words;
  if (first === undefined || more.length > 0) {
    command.error(`error: expected [endpoint] <member>, got: ${words.join(' ')}`);
  }
  return second === undefined ? { member: first } : { endpoint: first, member: second };
}

/** `holdfast watch` as a child of the demo, and the commands that a person would type beside it. */
import { resolve } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { HoldfastError } from '../../base/errors.ts';
import { InterruptedError } from '../../base/interrupt.ts';
import type { WatchEvent } from '../../watch/watch-event.ts';
import { type Child, startChild } from './child.ts';
import type { Sweeper } from './sweeper.ts';

const CLI = resolve(import.meta.dirname, '../../cli/main.ts');

export interface WatchChild {
  readonly child: Child;
  /** The first event from now on that fits. @throws HoldfastError `demo/waited-in-vain` at the deadline */
  next(
    what: string,
    fits: (event: WatchEvent) => boolean,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<WatchEvent>;
}

export interface CommandLine {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sweeper: Sweeper;
  readonly siteFile: string;
  readonly stateDir: string;
}

/** Starts the watcher on a site file; `onEvent` hears everything it says. */
export async function startWatch(o: CommandLine, onEvent: (event: WatchEvent) => void): Promise<WatchChild> {
  const waiting = new Set<(event: WatchEvent) => void>();
  const child = await startChild({
    name: 'holdfast watch',
    program: process.execPath,
    args: [CLI, 'watch', '-f', o.siteFile, '--state-dir', o.stateDir, '--json'],
    env: o.env,
    sweeper: o.sweeper,
    onLine: (line) => {
      const event = JSON.parse(line) as WatchEvent;
      onEvent(event);
      for (const hear of waiting) hear(event);
    },
  });
  return {
    child,
    next: (what, fits, limitMs, signal) => {
      const { promise, resolve: found, reject } = Promise.withResolvers<WatchEvent>();
      const hear = (event: WatchEvent): void => {
        if (fits(event)) found(event);
      };
      const onAbort = (): void => reject(new InterruptedError());
      const cancel = o.clock.after(limitMs, () => reject(inVain(what, limitMs, child)));
      void child.ended.then(() => reject(inVain(what, limitMs, child)));
      waiting.add(hear);
      signal.addEventListener('abort', onAbort, { once: true });
      return promise.finally(() => {
        cancel();
        waiting.delete(hear);
        signal.removeEventListener('abort', onAbort);
      });
    },
  };
}

/** Runs one `holdfast <args>` on the demo's site and gives its last line of output. */
export async function runCommand(o: CommandLine, args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const child = await startChild({
    name: `holdfast ${args.join(' ')}`,
    program: process.execPath,
    args: [CLI, ...args, '-f', o.siteFile, '--state-dir', o.stateDir],
    env: o.env,
    sweeper: o.sweeper,
    onLine: (line) => lines.push(line),
  });
  await child.ended;
  return (lines.join(' ') || child.tail()).trim();
}

function inVain(what: string, limitMs: number, child: Child): HoldfastError {
  return new HoldfastError({
    code: 'demo/waited-in-vain',
    message: `waited ${limitMs} ms in vain for ${what}`,
    evidence: child.tail(),
    hint: 'Run the demo again with --verbose; on a machine that is very busy, give it a quiet moment.',
  });
}

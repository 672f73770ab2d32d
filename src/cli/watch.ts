/** `holdfast watch`: keeps the endpoints of a site answered until it is stopped. */
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import { serveControl } from '../watch/control.ts';
import type { WatchEvent } from '../watch/watch-event.ts';
import { startWatcher, type Watcher } from '../watch/watcher.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addSiteOptions, openSite, type SiteOptions } from './open.ts';
import { eventJson, eventLine, type Say } from './render/watch-events.ts';
import { renderStatus } from './render/watch-status.ts';
import { watcherOptions } from './watch-options.ts';

interface WatchOptions extends SiteOptions {
  readonly probes?: boolean;
}

const REDRAW_MS = 500;
const ENTER_SCREEN = '\u001b[?1049h\u001b[?25l';
const LEAVE_SCREEN = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE_REST = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const EVENTS_SHOWN = 8;

export function configure(command: Command, run: Runner): void {
  addSiteOptions(command)
    .option('--json', 'print every event as a line of JSON')
    .option('--probes', 'with --json: every single probe result too')
    .action(run((io: Io, options: WatchOptions) => watch(io, options)));
}

async function watch(io: Io, options: WatchOptions): Promise<ExitCode> {
  await using ctx = await openSite(io, options);
  const screen = io.outIsTty && options.json !== true;
  const say: Say = { render: ctx.render, language: io.language };
  const recent: string[] = [];
  const listener = screen
    ? (event: WatchEvent) => remember(recent, event, say)
    : (event: WatchEvent) => print(io, event, say, options);
  await using watcher = await startWatcher({ ...watcherOptions(ctx, io, 'watch'), listener });
  await using _control = await serveControl({ watcher, stateDir: ctx.stateDir, log: ctx.log });
  await (screen ? showScreen(io, ctx, watcher, recent) : untilStopped(io.stop));
  return exitCodes.done;
}

function print(io: Io, event: WatchEvent, say: Say, options: WatchOptions): void {
  if (options.json !== true) {
    const line = eventLine(event, say);
    if (line !== undefined) io.out(`${line}\n`);
    return;
  }
  const constant = event.type === 'probed' || (event.type === 'observed' && event.drift === undefined);
  if (options.probes === true || !constant) io.out(`${eventJson(event, say)}\n`);
}

function remember(recent: string[], event: WatchEvent, say: Say): void {
  const line = eventLine(event, say);
  if (line === undefined) return;
  recent.push(line);
  if (recent.length > EVENTS_SHOWN) recent.shift();
}

/** Draws the status over itself until the first signal, then gives the terminal back as it was. */
async function showScreen(io: Io, ctx: Context, watcher: Watcher, recent: readonly string[]): Promise<void> {
  io.out(ENTER_SCREEN);
  try {
    while (!io.stop.aborted) {
      const text = `${renderStatus(io, watcher.status(), ctx.render)}\n${recent.join('\n')}\n`;
      io.out(`${HOME}${text.replaceAll('\n', `${CLEAR_LINE_REST}\n`)}${CLEAR_BELOW}`);
      await ctx.clock.sleep(REDRAW_MS, io.stop).catch(() => {});
    }
  } finally {
    io.out(LEAVE_SCREEN);
  }
}

function untilStopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
}

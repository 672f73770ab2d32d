/** Finds the command, loads only its file, and turns what it throws into a message and an exit code. */
import { Command, CommanderError } from 'commander';
import { SiteError } from '../app/site-error.ts';
import { InterruptedError } from '../base/interrupt.ts';
import { nearest } from '../base/nearest.ts';
import type { Sentence } from '../base/reason.ts';
import type { CliCommand, Runner } from './command.ts';
import { commands } from './commands.ts';
import { speakTo } from './help/command-help.ts';
import { rootHelp } from './help.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { say } from './say.ts';
import { openTerminal } from './terminal.ts';
import { VERSION } from './version.ts';

export { VERSION };

const WORDS = {
  noCommand: { en: "there is no command '{name}'", zh: '没有命令“{name}”' },
  meant: {
    en: "there is no command '{name}'; did you mean 'holdfast {meant}'?",
    zh: '没有命令“{name}”；是否想写“holdfast {meant}”？',
  },
  listed: { en: "'holdfast --help' lists them all.", zh: 'holdfast --help 会列出全部命令。' },
  unknownOption: { en: 'unknown option {option}', zh: '未知的选项 {option}' },
} satisfies Record<string, Sentence>;

/**
 * Runs one command line.
 * @param args without node and script
 * @param io the terminal; the real one unless a test passes its own
 */
export async function runCli(args: readonly string[], io: Io = openTerminal()): Promise<ExitCode> {
  const name = args.find((arg) => !arg.startsWith('-'));
  const wantsHelp = name === undefined || name === 'help';
  if (args[0] === '--version' || args[0] === '-V') {
    io.out(`holdfast ${VERSION}\n`);
    return exitCodes.done;
  }
  if (wantsHelp) return showHelp(args, io);
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined) return refuseName(name, io);
  return runCommand(entry, args.slice(args.indexOf(name) + 1), io);
}

async function showHelp(args: readonly string[], io: Io): Promise<ExitCode> {
  const topic = args[args.indexOf('help') + 1];
  const entry = args.includes('help') ? commands.find((command) => command.name === topic) : undefined;
  if (entry !== undefined) return runCommand(entry, ['--help'], io);
  const unknown = args.find((arg) => arg.startsWith('-') && arg !== '--help' && arg !== '-h');
  if (unknown !== undefined) io.err(`${say(io, WORDS.unknownOption, { option: unknown })}\n\n`);
  io.out(rootHelp(commands, io));
  return unknown === undefined ? exitCodes.done : exitCodes.usage;
}

function refuseName(name: string, io: Io): ExitCode {
  const meant = nearest(
    name,
    commands.map((command) => command.name),
  );
  io.err(`${say(io, meant === undefined ? WORDS.noCommand : WORDS.meant, { name, meant: meant ?? '' })}\n`);
  io.err(`→ ${say(io, WORDS.listed)}\n`);
  return exitCodes.usage;
}

async function runCommand(entry: CliCommand, args: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const run: Runner =
    (action) =>
    async (...actionArgs) => {
      exitCode = await action(io, ...actionArgs);
    };
  const command = new Command(`holdfast ${entry.name}`)
    .description(entry.summary[io.language])
    .exitOverride();
  try {
    (await entry.load()).configure(command, run);
    speakTo(io, command, entry.name);
    await command.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return reportFailure(thrown, args, io);
  }
}

async function reportFailure(thrown: unknown, args: readonly string[], io: Io): Promise<ExitCode> {
  // Only now: what every error means is not needed to say what a command takes.
  const [{ renderFailure }, { refuseSite }] = await Promise.all([
    import('./failure.ts'),
    import('./refuse.ts'),
  ]);
  if (thrown instanceof SiteError) return refuseSite(io, thrown, args.includes('--json'));
  const verbose = args.includes('--verbose') || args.includes('-v');
  io.err(renderFailure(io, thrown, verbose));
  if (
    verbose &&
    thrown instanceof Error &&
    thrown.stack !== undefined &&
    io.env.HOLDFAST_DEBUG !== undefined
  ) {
    io.err(`${thrown.stack}\n`);
  }
  if (io.stop.aborted || thrown instanceof InterruptedError) return exitCodes.interrupted;
  return exitCodeOf(thrown);
}

/** A failure may carry the exit code it wants (a refusal, a site that does not load). */
function exitCodeOf(thrown: unknown): ExitCode {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string') {
    if (thrown.code.startsWith('site/')) return exitCodes.usage;
    if (REFUSALS.has(thrown.code)) return exitCodes.refused;
  }
  return exitCodes.failed;
}

/** Codes of errors that say: nothing was touched, somebody or something is in the way. */
const REFUSALS: ReadonlySet<string> = new Set([
  'store/held',
  'engine/world-moved',
  'watch/already-running',
  'watch/control-silent',
]);

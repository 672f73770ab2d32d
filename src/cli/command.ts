import type { Command } from 'commander';
import type { Sentence } from '../base/reason.ts';
import type { ExitCode, Io } from './io.ts';

/**
 * What a command's file exports: it adds arguments and options, and says what to run. Their texts stand there in
 * English, and in Chinese in `help/texts-zh.ts` (a test asks for them); command lines to copy in `help/examples.ts`.
 */
export interface CommandModule {
  configure(command: Command, run: Runner): void;
}

/** Wraps an action: gives it the terminal, turns what it throws into a message and an exit code. */
export type Runner = <Args extends unknown[]>(
  action: (io: Io, ...args: Args) => Promise<ExitCode>,
) => (...args: Args) => Promise<void>;

/** One line of `holdfast --help`; its file is loaded only when it is called, so that `--help` is instant. */
export interface CliCommand {
  readonly name: string;
  readonly group: 'site' | 'change' | 'watch' | 'tools';
  readonly summary: Sentence;
  load(): Promise<CommandModule>;
}

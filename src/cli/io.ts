/** The terminal, injected, so that commands can be tested. stdout is the answer, stderr is progress and log. */
import type { Language } from '../base/reason.ts';

export interface Io {
  out(text: string): void;
  err(text: string): void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  readonly columns: number;
  readonly colour: boolean;
  readonly language: Language;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts at the first Ctrl-C or SIGTERM: finish the step, journal, stop. */
  readonly stop: AbortSignal;
  /** Aborts at the second: abort the command. */
  readonly abort: AbortSignal;
  /** Asks a yes/no question on the terminal; false without one. */
  confirm(question: string): Promise<boolean>;
}

/** What scripts rely on (DESIGN §8). */
export const exitCodes = { done: 0, failed: 1, usage: 2, changes: 3, refused: 4, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

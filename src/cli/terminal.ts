/** The real terminal of this process. */
import { createInterface } from 'node:readline/promises';
import { InterruptedError } from '../base/interrupt.ts';
import type { Language } from '../base/reason.ts';
import { exitCodes, type Io } from './io.ts';

/** Opens stdout, stderr and the signals: first Ctrl-C stops, second aborts, third leaves at once. */
export function openTerminal(): Io {
  const { stop, abort } = listenForSignals();
  const { stdout, stderr, env } = process;
  exitQuietlyWhenThePipeCloses();
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outIsTty: stdout.isTTY === true,
    errIsTty: stderr.isTTY === true,
    columns: stdout.columns ?? 100,
    colour: env.NO_COLOR === undefined && (env.FORCE_COLOR !== undefined || stdout.isTTY === true),
    language: languageOf(env),
    env,
    cwd: process.cwd(),
    stop,
    abort,
    confirm: ask,
  };
}

/** HOLDFAST_LANG beats the locale. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const wanted = env.HOLDFAST_LANG ?? env.LC_ALL ?? env.LC_MESSAGES ?? env.LANG ?? '';
  return wanted.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

function listenForSignals(): { stop: AbortSignal; abort: AbortSignal } {
  const stop = new AbortController();
  const abort = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!stop.signal.aborted) stop.abort(new InterruptedError(`interrupted by ${signal}`));
    else if (!abort.signal.aborted) abort.abort(new InterruptedError(`aborted by a second ${signal}`));
    else process.exit(exitCodes.interrupted);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return { stop: stop.signal, abort: abort.signal };
}

/** `holdfast runs | head` must not end in an EPIPE stack. */
function exitQuietlyWhenThePipeCloses(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(exitCodes.done);
      throw error;
    });
  }
}

async function ask(question: string): Promise<boolean> {
  if (process.stdin.isTTY !== true) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    return /^(y|yes|是)$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}

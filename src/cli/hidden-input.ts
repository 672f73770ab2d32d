/** Secrets from standard input: a pipe is read whole, a terminal is asked without showing what is typed. */
import type { ReadStream, WriteStream } from 'node:tty';
import { InterruptedError } from '../base/interrupt.ts';

export interface HiddenInput {
  /** Everything up to the end of the input. */
  readAll(): Promise<string>;
  /** Asks a question and gives the line typed; absent without a terminal. */
  readonly ask?: (question: string) => Promise<string>;
}

/** What a terminal in raw mode sends for keys (ASCII). */
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const BACKSPACE = new Set(['\u0008', '\u007f']);

/** Opens the process's own input; questions go to `output`, which is standard error. */
export function openHiddenInput(input: NodeJS.ReadStream, output: NodeJS.WriteStream): HiddenInput {
  const readAll = async (): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of input) chunks.push(Buffer.from(chunk as Uint8Array));
    return Buffer.concat(chunks).toString('utf8');
  };
  if (input.isTTY !== true) return { readAll };
  return { readAll, ask: (question) => askHidden(input as ReadStream, output as WriteStream, question) };
}

function askHidden(input: ReadStream, output: WriteStream, question: string): Promise<string> {
  output.write(question);
  input.setRawMode(true);
  input.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (settle: () => void): void => {
      input.off('data', onData);
      input.setRawMode(false);
      input.pause();
      output.write('\n');
      settle();
    };
    const onKey = (key: string): boolean => {
      const isEnd = key === '\r' || key === '\n' || key === CTRL_D;
      if (isEnd) end(() => resolve(typed));
      // In raw mode the terminal sends no signal.
      else if (key === CTRL_C) end(() => reject(new InterruptedError()));
      else if (key === CTRL_U) typed = '';
      else if (BACKSPACE.has(key)) typed = [...typed].slice(0, -1).join('');
      else typed += key;
      return isEnd || key === CTRL_C;
    };
    const onData = (text: string): void => {
      const keys = [...text];
      const endedAt = keys.findIndex(onKey);
      // What was typed ahead, or pasted, belongs to the next question.
      if (endedAt >= 0 && endedAt + 1 < keys.length) input.unshift(keys.slice(endedAt + 1).join(''));
    };
    input.on('data', onData);
    input.resume();
  });
}

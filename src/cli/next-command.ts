import { quote } from '../hosts/shell.ts';
import type { EngineOptions } from './open-engine.ts';

/** The command line that goes on with a run as this one was called: to be copied and pasted. */
export function nextCommand(words: readonly string[], options: EngineOptions): string {
  const flags = [
    ...(options.file === undefined ? [] : ['-f', options.file]),
    ...(options.stateDir === undefined ? [] : ['--state-dir', options.stateDir]),
    ...(options.lab === undefined ? [] : [options.lab === true ? '--lab' : `--lab=${options.lab}`]),
    ...(options.lockFile === undefined ? [] : ['--lock-file', options.lockFile]),
  ];
  return ['holdfast', ...words, ...flags].map(quote).join(' ');
}

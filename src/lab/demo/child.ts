/** Child processes of the demo: started with their output kept, ended by pid, and not outliving us. */
import { type ChildProcess, spawn } from 'node:child_process';
import { HoldfastError } from '../../base/errors.ts';
import type { Sweeper } from './sweeper.ts';

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** The last lines it wrote, for an error message. */
  tail(): string;
  kill(signal: NodeJS.Signals): void;
}

const KEPT_BYTES = 4_096;

/**
 * Starts a process. `onLine` gets its standard output line by line.
 * @throws HoldfastError `demo/no-program` where the program cannot be started
 */
export async function startChild(o: {
  name: string;
  program: string;
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  sweeper: Sweeper;
  onLine?: (line: string) => void;
}): Promise<Child> {
  const child = spawn(o.program, o.args, { stdio: ['ignore', 'pipe', 'pipe'], env: o.env });
  const { pid } = child;
  if (pid !== undefined) {
    o.sweeper.watchOver(pid);
    child.once('exit', () => o.sweeper.forget(pid));
  }
  await started(child, o.name);
  let kept = '';
  const keep = (text: string): void => {
    kept = (kept + text).slice(-KEPT_BYTES);
  };
  child.stderr.setEncoding('utf8').on('data', keep);
  readLines(child, (line) => {
    keep(`${line}\n`);
    o.onLine?.(line);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    name: o.name,
    pid: child.pid as number,
    ended,
    tail: () => kept.trimEnd(),
    kill: (signal) => void child.kill(signal),
  };
}

function started(child: ChildProcess, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(
        new HoldfastError({
          code: 'demo/no-program',
          message: `cannot start ${name}`,
          got: cause.message,
          hint: 'Check that the program is installed and may be executed.',
          cause,
        }),
      ),
    );
  });
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}

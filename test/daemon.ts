/** A daemon of Debian's, started in the foreground for one test and stopped with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

export interface Daemon extends AsyncDisposable {
  readonly pid: number;
  /** What it has written to its standard outputs so far. */
  log(): string;
  /** As a crash or a power cut ends it. */
  kill(): Promise<void>;
}

/**
 * Starts it and waits until its output matches `ready`.
 * @throws Error with its output where it ends before that, or is not ready within 20 seconds
 */
export async function startDaemon(file: string, args: readonly string[], ready: RegExp): Promise<Daemon> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const fail = (what: string): void => reject(new Error(`${file} ${what}:\n${text}`));
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      fail('was not ready in time');
    }, 20_000);
    const onData = (chunk: Buffer): void => {
      text += chunk.toString();
      if (!ready.test(text)) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with ${code}`));
  });
  return {
    pid: child.pid as number,
    log: () => text,
    kill: () => stop(child, ended, 'SIGKILL'),
    [Symbol.asyncDispose]: () => stop(child, ended, 'SIGTERM'),
  };
}

/** The same with a folder of its own, which goes when it ends or does not start. */
export async function startDaemonIn(
  folder: string,
  file: string,
  args: readonly string[],
  ready: RegExp,
): Promise<Daemon> {
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  const daemon = await startDaemon(file, args, ready).catch((error) => {
    forget();
    throw error;
  });
  return {
    ...daemon,
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      forget();
    },
  };
}

async function stop(child: ChildProcess, ended: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(late);
}

/**
 * Processes in namespaces of their own: a network that ends at its loopback, a private /tmp, and a process tree that the
 * kernel ends whole when we stop it or die ourselves. Needs root.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './until.ts';

export interface Namespaces extends AsyncDisposable {
  /** Starts a program; what it says goes to `<folder>/<name>.log`. */
  start(name: string, argv: readonly string[]): void;
  /** Runs a program to its end. */
  run(argv: readonly string[], stdin?: string): Promise<{ code: number; stdout: string; stderr: string }>;
}

/** Why there are none here, or undefined. */
export const namespacesMissing: string | undefined =
  process.getuid?.() === 0 ? undefined : 'namespaces need root';

/**
 * Makes them.
 * @param addresses given to the loopback device beside 127.0.0.1; nothing outside can reach them
 * @param folder for logs; not below /tmp, which is another one inside
 */
export async function openNamespaces(folder: string, addresses: readonly string[]): Promise<Namespaces> {
  const setUp = [
    'mount -t tmpfs private /tmp',
    'ip link set lo up',
    ...addresses.map((address) => `ip address add ${address}/32 dev lo`),
    'echo ready',
    'exec sleep infinity',
  ].join(' && ');
  const unshare = ['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const holder = spawn('setpriv', ['--pdeathsig', 'KILL', ...unshare, 'sh', '-c', setUp], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
  if (String(said).trim() !== 'ready') throw new Error(`the namespaces could not be made: ${said}`);
  const init = (await readFile(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8')).trim();
  const inside = ['--target', init, '--net', '--mount', '--pid', '--'];
  const started: ChildProcess[] = [];
  return {
    start(name, argv) {
      const log = openSync(join(folder, `${name}.log`), 'a');
      started.push(spawn('nsenter', [...inside, ...argv], { stdio: ['ignore', log, log] }));
      closeSync(log);
    },
    async run(argv, stdin = '') {
      const child = spawn('nsenter', [...inside, ...argv], { stdio: 'pipe' });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      child.stdin.on('error', () => {}).end(stdin);
      const [code] = await once(child, 'close');
      return { code: (code as number | null) ?? 128, stdout, stderr };
    },
    async [Symbol.asyncDispose]() {
      holder.kill('SIGKILL');
      await until(
        () => [holder, ...started].every((child) => child.exitCode !== null || child.signalCode !== null),
        'all processes of the namespaces have ended',
      );
    },
  };
}

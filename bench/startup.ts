/** How long `holdfast --help` takes, beside a Node that does nothing. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { type BenchRow, median } from './row.ts';

const MAIN = resolve(import.meta.dirname, '../src/cli/main.ts');
const RUNS = 15;

function timeMs(args: readonly string[]): number {
  const startMs = performance.now();
  execFileSync(process.execPath, args, { stdio: 'ignore' });
  return performance.now() - startMs;
}

/** Whole processes, one after the other in turn, so that a machine that slows down slows both. */
export async function run(): Promise<BenchRow[]> {
  const help: number[] = [];
  const bare: number[] = [];
  timeMs([MAIN, '--help']);
  for (let index = 0; index < RUNS; index++) {
    bare.push(timeMs(['-e', '0']));
    help.push(timeMs([MAIN, '--help']));
  }
  return [
    { name: 'node -e 0', value: median(bare), unit: 'ms' },
    { name: 'holdfast --help', value: median(help), unit: 'ms', target: '< 150', ratioTo: 'node -e 0' },
  ];
}

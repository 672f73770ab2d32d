/** How long ten lab hosts take to boot and to be made new: until the sshd of each has answered. */
import { labMissing, startLab } from '../test/lab.ts';
import type { BenchRow } from './row.ts';

const HOSTS = Array.from({ length: 10 }, (_, index) => `  node-${index}: 10.63.${index % 3}.${index + 11}`);

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** One lab of one host beside one of ten, from nothing to ten answers; the base image is there already. */
export async function run(): Promise<BenchRow[]> {
  if (labMissing !== undefined) {
    console.log(`skipped: ${labMissing}`);
    return [];
  }
  const oneMs = await timeMs(async () => {
    await using _lab = await startLab({ site: 'hosts: { alone: 10.63.0.11 }' });
  });
  const startMs = performance.now();
  await using lab = await startLab({ site: `hosts:\n${HOSTS.join('\n')}\n` });
  const upMs = performance.now() - startMs;
  const resetMs = await timeMs(async () => await lab.reset());
  const downMs = await timeMs(async () => await lab.down());
  return [
    { name: 'one host up and down', value: oneMs, unit: 'ms' },
    { name: 'ten hosts up', value: upMs, unit: 'ms', target: '< 25000', ratioTo: 'one host up and down' },
    { name: 'ten hosts reset', value: resetMs, unit: 'ms', target: '< 5000' },
    { name: 'ten hosts down', value: downMs, unit: 'ms' },
  ];
}

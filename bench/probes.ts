/**
 * What a thousand probes a second cost: the watcher's own scheduler and its real http and tcp probes against a server
 * in another process, for ten seconds; the CPU time of this process alone counts. `node bench/probes.ts`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { SystemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import { Secret } from '../src/base/secret.ts';
import { probeKinds } from '../src/probes/registry.ts';
import { stacks } from '../src/stacks/registry.ts';
import { decide } from '../src/watch/decide.ts';
import { initialState } from '../src/watch/endpoint-state.ts';
import { momentOf } from '../src/watch/moment.ts';
import { type ProbeTask, startObserver } from '../src/watch/observe.ts';
import { policyOf } from '../src/watch/policy.ts';
import { type ProbeRunner, runSpec } from '../src/watch/probe-runner.ts';
import { makeEndpoint, makeSite } from '../test/driver-world.ts';
import { closedPort } from '../test/listen.ts';
import { type BenchRow, formatRows, reachesTarget } from './row.ts';

const TASKS = 1_000;
const ADDRESS = '127.0.0.23';
const WARM_UP_MS = 2_000;
const MEASURE_MS = 10_000;

/** CPU share of 1,000 probes a second, http and tcp apart; beside it what the decision itself costs. */
export async function run(): Promise<BenchRow[]> {
  const port = await closedPort(ADDRESS);
  const program = join(import.meta.dirname, 'http-member.ts');
  const server = spawn(process.execPath, [program, ADDRESS, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(server.stdout, 'data');
    const http = await measure('http', port);
    const tcp = await measure('tcp', port);
    return [...http, ...tcp, decisions()];
  } finally {
    server.kill('SIGKILL');
  }
}

async function measure(kind: 'http' | 'tcp', port: number): Promise<BenchRow[]> {
  const clock = new SystemClock();
  const counts = { up: 0, other: 0 };
  const runner: ProbeRunner = {
    site: makeSite([makeEndpoint('dns-embedded', {})]),
    clock,
    log: silentLogger,
    probeKinds,
    stacks,
    secret: async (reference) => new Secret(reference, ''),
  };
  const args = probeKinds.get(kind).args.parse(kind === 'http' ? { port, path: '/' } : { port });
  const member = { name: 'a', host: 'a', address: ADDRESS, weight: 1 };
  const tasks = Array.from(
    { length: TASKS },
    (_, index): ProbeTask => ({
      name: `${kind}/${index}`,
      group: String(index),
      intervalMs: 1_000,
      timeoutMs: 1_000,
      run: (signal) => runSpec(runner, { name: kind, kind, args }, member, 1_000, signal),
      onResult({ status }) {
        counts[status === 'up' ? 'up' : 'other']++;
        return 'usual';
      },
    }),
  );
  const { signal } = new AbortController();
  await using _observer = startObserver({
    tasks,
    concurrency: 100,
    clock,
    random: Math.random,
    log: silentLogger,
    signal,
  });
  await clock.sleep(WARM_UP_MS);
  const before = { ...counts };
  const cpu = process.cpuUsage();
  const startMs = clock.monotonicMs();
  await clock.sleep(MEASURE_MS);
  const used = process.cpuUsage(cpu);
  const tookMs = clock.monotonicMs() - startMs;
  const done = counts.up - before.up;
  const share = (used.user + used.system) / 1_000 / tookMs;
  return [
    { name: `probes: ${kind}, a second`, value: (done * 1_000) / tookMs, unit: '1/s', target: '>= 950' },
    { name: `probes: ${kind}, CPU`, value: share, unit: 'cores', target: '< 0.5' },
    { name: `probes: ${kind}, not up`, value: counts.other - before.other, unit: 'probes', target: '<= 0' },
  ];
}

/** Decisions a second on an endpoint where one member in twenty results stumbles. */
function decisions(): BenchRow {
  const probes = [{ name: 'http', kind: 'http', args: {} }];
  const supports = { policies: ['failover'] as const, manyMembers: true };
  const policy = policyOf(makeEndpoint('dns-embedded', {}, { probes }), probes, supports);
  const because = { code: 'bench', params: {} };
  const clock = new SystemClock();
  let state = initialState(policy, momentOf(clock));
  const events = 300_000;
  const startMs = clock.monotonicMs();
  for (let n = 0; n < events; n++) {
    const at = { monotonicMs: n, wall: n };
    const member = n % 2 === 0 ? 'active' : 'standby';
    const status = n % 20 === 0 ? 'down' : 'up';
    state = decide(state, { type: 'probed', member, probe: 'http', status, because, at }, policy).state;
  }
  const perSecond = (events * 1_000) / (clock.monotonicMs() - startMs);
  return { name: 'probes: decisions a second', value: perSecond, unit: '1/s', target: '>= 100000' };
}

if (process.argv[1] === import.meta.filename) {
  const rows = await run();
  console.log(formatRows(rows));
  if (!rows.every(reachesTarget)) process.exitCode = 1;
}

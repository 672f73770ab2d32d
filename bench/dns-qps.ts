/**
 * Queries per second of our DNS server, beside a bare node:dgram echo of the same packet sizes, and beside BIND, Knot
 * and gdnsd of Debian with one worker each; all in one run, in turns, so that a slow moment hits all alike.
 * `node bench/dns-qps.ts [rounds]`. Needs dnsperf; servers that are not installed are left out.
 */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gdnsdMissing, startGdnsd } from '../test/gdnsd.ts';
import { knotdMissing, startKnotd } from '../test/knotd.ts';
import { freeDnsPort } from '../test/loopback.ts';
import { makeTsigKey, namedMissing, startNamed } from '../test/named.ts';
import { BENCH_ORIGIN, BENCH_QUERIES, BENCH_ZONE } from './dns-zone.ts';
import { type BenchRow, formatRows, median, reachesTarget } from './row.ts';

const DNSPERF = '/usr/bin/dnsperf';
const ROUNDS = 9;
const SECONDS = 1;

interface Contender extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** Of our own processes: whose CPU time is counted. */
  readonly pids: readonly number[];
}

interface Measured {
  /** Answers per second. */
  readonly rate: number;
  /** CPU time of the server's processes for one answer, in microseconds; NaN where it is not counted. */
  readonly cpuUs: number;
}

/**
 * Measures all contenders in turns.
 * @param rounds how often each is measured, for {@link SECONDS} each; the median counts
 */
export async function run(rounds = ROUNDS): Promise<BenchRow[]> {
  if (!existsSync(DNSPERF)) throw new Error('dnsperf is not installed: apt-get install dnsperf');
  await using scratch = await queryFile();
  await using stack = new AsyncDisposableStack();
  const contenders: Contender[] = [];
  for (const start of starters()) contenders.push(stack.use(await start()));
  const rates = new Map(contenders.map(({ name }) => [name, [] as Measured[]]));
  for (const contender of contenders) await measure(contender, scratch.path, 1);
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      rates.get(contender.name)?.push(await measure(contender, scratch.path, SECONDS));
    }
  }
  return toRows(rates);
}

function toRows(measured: ReadonlyMap<string, readonly Measured[]>): BenchRow[] {
  // Ratios of the same round first, then their median: what slows the machine slows both.
  const ratio = (name: string, to: string, of: keyof Measured): number => {
    const others = measured.get(to) ?? [];
    return median((measured.get(name) ?? []).map((one, round) => one[of] / (others[round]?.[of] ?? NaN)));
  };
  const beside = (name: string, to: string): BenchRow => {
    return { name: `DNS ${name}`, value: ratio(name, to, 'rate'), unit: 'x', ratioTo: to };
  };
  const cpuBeside = (name: string, to: string): BenchRow => {
    return { name: `DNS CPU per answer, ${name}`, value: ratio(name, to, 'cpuUs'), unit: 'x', ratioTo: to };
  };
  const others = [...measured.keys()].filter((name) => !/^(holdfast|bare)/.test(name));
  return [
    ...[...measured].map(([name, all]) => ({
      name: `DNS ${name}`,
      value: median(all.map(({ rate }) => rate)),
      unit: 'q/s',
    })),
    { ...beside(OURS, 'bare dgram echo'), target: '>= 0.85' },
    beside(OURS, 'bare dgram echo, no resolver'),
    beside(OURS_TWICE, OURS),
    // CPU time does not care who else is on the machine. With dnsperf on one of two cores throughput cannot double;
    // CPU per answer that stays the same with two processes says that it would.
    cpuBeside(OURS, 'bare dgram echo'),
    { ...cpuBeside(OURS_TWICE, OURS), target: '<= 1.25' },
    ...others.map((name) => beside(OURS, name)),
  ];
}

const OURS = 'holdfast, 1 process';
const OURS_TWICE = 'holdfast, 2 processes on one port';

function starters(): (() => Promise<Contender>)[] {
  const zone = { zone: BENCH_ORIGIN, text: BENCH_ZONE };
  const zones = [zone];
  return [
    () => startNode('bare dgram echo', 'echo', 1),
    () => startNode('bare dgram echo, no resolver', 'echo-fast', 1),
    () => startNode(OURS, 'holdfast', 1),
    () => startNode(OURS_TWICE, 'holdfast', 2),
    ...(namedMissing === undefined
      ? [async () => named('BIND, 1 worker', await startNamed({ zones, options: 'minimal-responses yes;' }))]
      : []),
    ...(knotdMissing === undefined
      ? [async () => named('Knot, 1 worker', await startKnotd({ zones, key: makeTsigKey() }))]
      : []),
    ...(gdnsdMissing === undefined ? [async () => named('gdnsd, 1 worker', await startGdnsd(zone))] : []),
  ];
}

function named(name: string, daemon: { port: number } & AsyncDisposable): Contender {
  return { name, port: daemon.port, pids: [], [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose]() };
}

async function startNode(name: string, kind: string, processes: number): Promise<Contender> {
  const port = await freeDnsPort();
  const children: ChildProcess[] = [];
  for (let index = 0; index < processes; index++) {
    const child = fork(join(import.meta.dirname, 'dns-process.ts'), [kind, String(port)]);
    children.push(child);
    await once(child, 'message');
  }
  const stop = async (): Promise<void> => {
    for (const child of children) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  };
  return { name, port, pids: children.map(({ pid }) => pid as number), [Symbol.asyncDispose]: stop };
}

/** @throws Error where a server answers something else than it should */
async function measure({ port, pids }: Contender, queries: string, seconds: number): Promise<Measured> {
  const load = ['-c', '16', '-T', '1', '-q', '200', '-t', '1', '-l', String(seconds)];
  const args = ['-s', '127.0.0.1', '-p', String(port), '-d', queries, ...load];
  const cpuBefore = cpuSeconds(pids);
  const { stdout } = await promisify(execFile)(DNSPERF, args);
  const cpu = cpuSeconds(pids) - cpuBefore;
  const rate = Number(/Queries per second:\s+([\d.]+)/.exec(stdout)?.[1]);
  const completed = Number(/Queries completed:\s+(\d+)/.exec(stdout)?.[1]);
  const isClean = /Response codes:\s+NOERROR \d+ \(100\.00%\)/.test(stdout);
  if (!(rate > 0) || !isClean) throw new Error(`dnsperf says:\n${stdout}`);
  return { rate, cpuUs: pids.length === 0 ? NaN : (cpu * 1e6) / completed };
}

/** User and system time of processes together (proc(5): fields 14 and 15, in hundredths of a second). */
function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / 100;
}

async function queryFile(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const path = join(folder, 'queries');
  await writeFile(path, BENCH_QUERIES);
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

if (process.argv[1] === import.meta.filename) {
  const rows = await run(Number(process.argv[2] ?? ROUNDS));
  console.log(formatRows(rows));
  if (!rows.every(reachesTarget)) process.exitCode = 1;
}

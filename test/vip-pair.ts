/** Two members and a client on a segment: what tests and the bench of moving addresses do their faults to. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Member } from '../src/site/model.ts';
import type { Daemon } from './daemon.ts';
import { openSegment, type Segment, type SegmentHost } from './vip-segment.ts';

export const PAIR_VIP = '198.18.9.50';
export const PAIR_PORT = 3306;
export const PAIR_ADDRESSES = { db1: ['198.18.9.1/24'], db2: ['198.18.9.2/24'] } as const;
export type PairMember = keyof typeof PAIR_ADDRESSES;
export const PAIR_NAMES = ['db1', 'db2'] as const satisfies readonly PairMember[];
/** The same as members of an endpoint. */
export const PAIR_MEMBERS: readonly Member[] = PAIR_NAMES.map((name) => ({
  name,
  host: name,
  address: PAIR_ADDRESSES[name][0].split('/')[0] as string,
  weight: 1,
}));

const NODE = process.execPath;
const PERIOD_MS = 10;

export interface Pair extends AsyncDisposable {
  readonly segment: Segment;
  readonly client: Client;
  startService(member: PairMember): Promise<void>;
  /** SIGKILL. */
  killService(member: PairMember): Promise<void>;
}

/** One answer that the client got, on the clock of `process.hrtime`. */
export interface Answered {
  readonly atMs: number;
  readonly by: string;
}

export interface Client {
  /** All answers since `forget`. */
  answers(): readonly Answered[];
  /** Who answered last, if that is no longer ago than this. */
  answeredBy(withinMs: number): string | undefined;
  /** The longest time between two answers, one of which was not before `sinceMs`; and until now. */
  longestSilenceMs(sinceMs: number): number;
  forget(): void;
}

/** Starts segment, services and client; what moves the address is the caller's. @param more hosts of the segment */
export async function openPair(more: Readonly<Record<string, readonly string[]>> = {}): Promise<Pair> {
  await using opened = new AsyncDisposableStack();
  const segment = opened.use(await openSegment({ ...PAIR_ADDRESSES, ...more, client: ['198.18.9.9/24'] }));
  const services = new Map<PairMember, Daemon>();
  const startService = async (member: PairMember): Promise<void> => {
    services.set(
      member,
      await startNode(segment.host(member), 'vip-service.ts', [String(PAIR_PORT), member]),
    );
  };
  for (const member of PAIR_NAMES) await startService(member);
  const { client, daemon } = await startClient(segment.host('client'));
  opened.defer(() => daemon.kill());
  opened.defer(async () => {
    for (const service of services.values()) await service.kill();
  });
  const running = opened.move();
  return {
    segment,
    client,
    startService,
    async killService(member) {
      // By its own pid: nsenter's child survives nsenter.
      const { pid } = services.get(member) as Daemon;
      execFileSync('pkill', ['-9', '-P', String(pid)]);
      await services.get(member)?.kill();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Milliseconds on the clock that the client prints. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A service that greets with its name. */
export function startVipService(host: SegmentHost, port: number, name: string): Promise<Daemon> {
  return startNode(host, 'vip-service.ts', [String(port), name]);
}

function startNode(host: SegmentHost, program: string, args: readonly string[]): Promise<Daemon> {
  return host.start(NODE, [join(import.meta.dirname, program), ...args], /ready/);
}

async function startClient(host: SegmentHost): Promise<{ client: Client; daemon: Daemon }> {
  const daemon = await startNode(host, 'vip-client.ts', [PAIR_VIP, String(PAIR_PORT), String(PERIOD_MS)]);
  let skipped = 0;
  const answers = (): Answered[] =>
    daemon
      .log()
      .slice(skipped)
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' '))
      .filter(([, by]) => by !== undefined && by !== '')
      .map(([at, by]) => ({ atMs: Number(at), by: by as string }));
  const client: Client = {
    answers,
    answeredBy(withinMs) {
      const last = answers().at(-1);
      return last !== undefined && last.atMs > nowMs() - withinMs ? last.by : undefined;
    },
    longestSilenceMs(sinceMs) {
      const times = [...answers().map(({ atMs }) => atMs), nowMs()].sort((a, b) => a - b);
      const from = Math.max(
        1,
        times.findIndex((at) => at >= sinceMs),
      );
      const gaps = times.slice(from).map((at, index) => at - (times[from + index - 1] as number));
      return Math.max(...gaps);
    },
    forget() {
      skipped = daemon.log().lastIndexOf('\n') + 1;
    },
  };
  return { client, daemon };
}

/**
 * The demo's story: a real pair, a real watcher, a client that downloads all the time, and one SIGKILL. Nothing is
 * scripted but what a person would do; what the watcher decides, and when, is its own.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { HoldfastError } from '../../base/errors.ts';
import type { Reason } from '../../base/reason.ts';
import { resolve } from '../../dns/resolve.ts';
import { runClient } from '../../drill/client.ts';
import { findOutages, type Sample, type Seen, summarise } from '../../drill/outage.ts';
import type { WatchEvent } from '../../watch/watch-event.ts';
import { expectedFileDigest, FILE_NAME, IMAGE, sha256Hex } from './content.ts';
import { type DemoMember, makeMember } from './member.ts';
import { freePort } from './ports.ts';
import { pushImage } from './push.ts';
import { demoReasons as reasons } from './sentences.ts';
import { type AdaptedSite, adaptSite } from './site.ts';
import type { Sweeper } from './sweeper.ts';
import type { Moment } from './timeline.ts';
import { type CommandLine, runCommand, startWatch, type WatchChild } from './watch-child.ts';

const ADDRESSES = ['127.0.0.2', '127.0.0.3'] as const;
const DNS_ADDRESS = '127.0.0.1';
const CLIENT_PERIOD_MS = 50;
const CLIENT_TIMEOUT_MS = 500;
const STEP_LIMIT_MS = 20_000;
/** Beyond this a client was not held, however busy the machine; what is usual is in the table. */
const OUTAGE_LIMIT_MS = 15_000;

export interface StoryOptions {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of the example's site file. */
  readonly example: string;
  /** An empty folder for everything the demo writes. */
  readonly folder: string;
  /** Ends what this process leaves running when it is killed. */
  readonly sweeper: Sweeper;
  /** Not the registry that Debian ships, even where it is installed. */
  readonly embeddedRegistry: boolean;
  readonly signal: AbortSignal;
  render(reason: Reason): string;
  say(moment: Moment): void;
}

export type PhaseName = 'steady' | 'killed' | 'returned' | 'switched';

export interface Phase {
  readonly name: PhaseName;
  readonly seen: Seen;
}

export interface StoryResult {
  readonly phases: readonly Phase[];
  readonly registryKind: DemoMember['registryKind'];
  readonly changes: readonly string[];
  readonly tookMs: number;
}

/**
 * Plays the story to its end; everything it started is ended when it returns, and when it throws.
 * @throws HoldfastError where a server does not start or the watcher does not do what it should
 */
export async function playStory(o: StoryOptions): Promise<StoryResult> {
  await using cleanup = new AsyncDisposableStack();
  const zeroMs = o.clock.monotonicMs();
  const say: Say = (who, because) =>
    o.say({ atMs: o.clock.monotonicMs() - zeroMs, who, text: o.render(because) });
  const stage = await setStage(o, cleanup);
  const { site, original, standby, line } = stage;
  say(
    'demo',
    reasons.of('demo/serving', {
      a: original.name,
      addressA: original.address,
      b: standby.name,
      addressB: standby.address,
      registry: original.registryKind,
    }),
  );

  const watch = await startWatch(line, (event) => narrate(event, say));
  cleanup.defer(() => endChild(watch));
  await watch.next(`${original.name} to be answered`, isAnswer(original.name), STEP_LIMIT_MS, o.signal);

  const client = startClient(o, stage, say);
  cleanup.defer(() => client.stop());
  const phases: Phase[] = [];
  const phase = async (name: PhaseName, act: () => Promise<void>): Promise<void> => {
    const fromMs = o.clock.monotonicMs();
    await act();
    await o.clock.sleep(1_500, o.signal);
    phases.push({ name, seen: summarise(client.samples, { fromMs, toMs: o.clock.monotonicMs() }) });
  };

  await phase('steady', () => o.clock.sleep(1_000, o.signal));

  await phase('killed', async () => {
    const moved = watch.next('the failover', isAnswer(standby.name), STEP_LIMIT_MS, o.signal);
    say('demo', reasons.of('demo/killed', { member: original.name }));
    await Promise.all([original.killHard(), moved]);
  });

  await phase('returned', async () => {
    await pushImage(standby.registryUrl, IMAGE, 'v0.2', o.signal);
    say('demo', reasons.of('demo/pushed-meanwhile', { image: `${IMAGE}:v0.2`, member: standby.name }));
    const refused = watch.next('the parity check to fail', isUnfit(original.name), STEP_LIMIT_MS, o.signal);
    await original.start(o.signal);
    say('demo', reasons.of('demo/started-again', { member: original.name }));
    await refused;
    const moved = watch.next('the failback', isAnswer(original.name), STEP_LIMIT_MS, o.signal);
    await pushImage(original.registryUrl, IMAGE, 'v0.2', o.signal);
    say('demo', reasons.of('demo/pushed-again', { image: `${IMAGE}:v0.2`, member: original.name }));
    await moved;
  });

  await phase('switched', async () => {
    const moved = watch.next('the switchover', isAnswer(standby.name), STEP_LIMIT_MS, o.signal);
    const command = ['switch', site.endpoint, standby.name];
    say('demo', reasons.of('demo/typed', { command: `holdfast ${command.join(' ')}` }));
    const [answer] = await Promise.all([runCommand(line, command), moved]);
    say('demo', reasons.of('demo/answered', { answer }));
  });

  await client.stop();
  return {
    phases,
    registryKind: original.registryKind,
    changes: site.changes,
    tookMs: o.clock.monotonicMs() - zeroMs,
  };
}

type Say = (who: Moment['who'], because: Reason) => void;

interface Stage {
  readonly site: AdaptedSite;
  readonly original: DemoMember;
  readonly standby: DemoMember;
  readonly dnsPort: number;
  readonly line: CommandLine;
}

async function setStage(o: StoryOptions, cleanup: AsyncDisposableStack): Promise<Stage> {
  const ports = { http: await freePort(ADDRESSES), registry: await freePort(ADDRESSES) };
  const dnsPort = await freePort([DNS_ADDRESS]);
  const names = adaptSite(o.example, {
    addresses: {},
    dns: { address: DNS_ADDRESS, port: dnsPort },
    ports,
  }).members;
  const addresses = Object.fromEntries(names.map((name, index) => [name, ADDRESSES[index] as string]));
  const site = adaptSite(o.example, { addresses, dns: { address: DNS_ADDRESS, port: dnsPort }, ports });
  const siteFile = join(o.folder, 'site.yaml');
  await writeFile(siteFile, site.text);
  const members: DemoMember[] = [];
  for (const [index, name] of site.members.entries()) {
    const root = join(o.folder, name);
    await mkdir(root);
    const member = await makeMember({
      name,
      address: ADDRESSES[index] as string,
      ports,
      root,
      clock: o.clock,
      env: o.env,
      sweeper: o.sweeper,
      embeddedRegistry: o.embeddedRegistry,
    });
    cleanup.defer(() => member.killHard());
    await member.start(o.signal);
    await pushImage(member.registryUrl, IMAGE, 'v0.1', o.signal);
    members.push(member);
  }
  const [original, standby] = members as [DemoMember, DemoMember];
  const { clock, env, sweeper } = o;
  const line = { clock, env, sweeper, siteFile, stateDir: join(o.folder, 'state') };
  return { site, original, standby, dnsPort, line };
}

interface RunningClient {
  readonly samples: readonly Sample[];
  stop(): Promise<void>;
}

function startClient(o: StoryOptions, stage: Stage, say: Say): RunningClient {
  const samples: Sample[] = [];
  const stop = new AbortController();
  const wanted = expectedFileDigest();
  const port = new URL(stage.original.httpUrl).port;
  const running = runClient(
    {
      clock: o.clock,
      periodMs: CLIENT_PERIOD_MS,
      timeoutMs: CLIENT_TIMEOUT_MS,
      members: new Set([stage.original.address, stage.standby.address]),
      resolve: (signal) => askDns(o, stage, signal),
      fetch: (address, signal) => download(`http://${address}:${port}/files/${FILE_NAME}`, wanted, signal),
      onSample: (sample) => {
        samples.push(sample);
        tellChange(samples, say);
      },
    },
    AbortSignal.any([stop.signal, o.signal]),
  );
  return {
    samples,
    async stop() {
      stop.abort();
      await running;
    },
  };
}

async function askDns(
  o: StoryOptions,
  stage: Stage,
  signal: AbortSignal,
): Promise<{ addresses: readonly string[]; ttlMs: number }> {
  const found = await resolve({
    servers: [{ address: DNS_ADDRESS, port: stage.dnsPort }],
    name: stage.site.dnsName,
    timeoutMs: CLIENT_TIMEOUT_MS,
    clock: o.clock,
    random: Math.random,
    signal,
  });
  return { addresses: found.data, ttlMs: (found.ttl ?? 0) * 1_000 };
}

/** Downloads and compares the checksum: a truncated or foreign file is no success. */
async function download(url: string, sha256: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal, headers: { connection: 'close' } }).catch((thrown: Error) => {
    // undici says 'fetch failed' and keeps what happened in the cause.
    throw thrown.cause instanceof Error ? thrown.cause : thrown;
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) throw new Error(`status ${response.status}`);
  if (sha256Hex(bytes) !== sha256) throw new Error('the file is not what it should be');
}

/** One line when requests begin to fail, one when they succeed again. */
function tellChange(samples: readonly Sample[], say: Say): void {
  const [before, last] = samples.slice(-2);
  if (before === undefined || last === undefined || before.ok === last.ok) return;
  if (!last.ok) {
    const { address = '?', error = '?' } = last;
    say('client', reasons.of('demo/downloads-fail', { address, error }));
    return;
  }
  const outage = findOutages(samples).at(-1);
  const lastedMs = outage?.toMs === undefined ? 0 : outage.toMs - outage.fromMs;
  say(
    'client',
    reasons.of('demo/downloads-work', {
      address: last.address ?? '?',
      seconds: (lastedMs / 1_000).toFixed(2),
      failed: outage?.failedRequests ?? 0,
    }),
  );
}

function narrate(event: WatchEvent, say: Say): void {
  if (event.type === 'changed' || event.type === 'standing' || event.type === 'member')
    say('watch', event.because);
  if (event.type === 'frozen') say('watch', reasons.of('demo/frozen', { error: event.error.message }));
}

function isAnswer(member: string): (event: WatchEvent) => boolean {
  return (event) => event.type === 'published' && event.answer.members[0] === member;
}

function isUnfit(member: string): (event: WatchEvent) => boolean {
  return (event) => event.type === 'parity' && event.candidate === member && !event.fit;
}

async function endChild(watch: WatchChild): Promise<void> {
  watch.child.kill('SIGTERM');
  await watch.child.ended;
}

/** What must hold for the demo to have shown what it claims. */
export function assertShown(result: StoryResult): void {
  const bad = result.phases.filter(
    ({ seen }) =>
      !seen.recovered ||
      seen.wrongAnswers > 0 ||
      seen.requests === 0 ||
      seen.longestOutageMs > OUTAGE_LIMIT_MS,
  );
  if (bad.length === 0) return;
  throw new HoldfastError({
    code: 'demo/not-shown',
    message: `the client was not served as it should have been: ${bad.map(({ name }) => name).join(', ')}`,
    hint: 'Please report this with the timeline above.',
  });
}

/**
 * A failover of the DCE 5.0 bootstrap pair as a client sees it that pulls an image all the time: the pair as
 * `holdfast apply` builds it on lab hosts, and the active node loses its power, its cable, or its registry. The outage is
 * the longest time from the end of one good pull to the end of the next.
 *
 * Three fronts, one after the other, with the same nodes and the same client, which gives a pull up after a second:
 * - the embedded DNS server of `holdfast watch`, with the example's own times (probes each second, twice, TTL 5 s). The
 *   client resolves anew for each pull; one whose resolver keeps answers waits for the rest of the TTL besides;
 * - HAProxy with keepalived, laid out by Holdfast;
 * - HAProxy with keepalived by hand, which the runbook names as an alternative and gives no configuration for: with
 *   HAProxy's defaults (`check`: each 2 s, three times) and the VRRP of the other runbooks (v2, `advert_int 1`).
 * The runbook's own way, a zone with a TTL of a day that a person edits, takes as long as that person: it is not measured.
 *
 *   node bench/pulls.ts [rounds of each fault]
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SystemClock } from '../src/base/clock.ts';
import type { Sample } from '../src/drill/outage.ts';
import {
  certificateOf,
  DNS,
  NAME,
  ORIGINAL,
  prepare,
  STANDBY,
  said,
  siteOf,
  succeeds,
  untilRight,
  whoAnswers,
} from '../test/dce5-lab.ts';
import { labMissing, startLab, type TestLab } from '../test/lab.ts';
import { startWatch } from '../test/lab-watch.ts';
import { RUNBOOK_ROLES, runbookConf } from '../test/runbook-keepalived.ts';
import { until } from '../test/until.ts';
import { type BenchRow, formatRows, outageRows, reachesTarget } from './row.ts';

const ROUNDS = 5;
const VIP = '172.30.41.200';
const MEMBER_FAULTS = ['node off', 'node cut off', 'registry stopped'] as const;
const FAULTS = [...MEMBER_FAULTS, 'proxy off'] as const;
type Fault = (typeof FAULTS)[number];
/** So many good pulls in a row from the original: the next fault may come. */
const STEADY = 30;
const PATIENCE_MS = 180_000;
const clock = new SystemClock();

interface Contender {
  readonly name: string;
  /** Where the client looks: a DNS server, or the address that the name leads to for good. */
  readonly at: string;
  readonly faults: readonly Fault[];
  /** From the pair as it was built. */
  readonly start: (lab: TestLab) => Promise<AsyncDisposable>;
  /** Of the worst outage. */
  readonly target?: string;
  /** Brings clients back to the original, where the front does not do so by itself. */
  readonly back?: (lab: TestLab) => Promise<void>;
}

/** Two probes a second apart, and a pull that its client gives up after a second. */
const OUR_TARGET = '< 5000';
const PROXIED = { at: `=${VIP}`, faults: FAULTS };
const CONTENDERS: readonly Contender[] = [
  {
    name: 'holdfast, embedded DNS',
    at: DNS,
    faults: MEMBER_FAULTS,
    start: (lab) => watchOver(lab, siteWith()),
    back: switchBack,
    target: OUR_TARGET,
  },
  { name: 'holdfast, HAProxy', ...PROXIED, start: behindOurProxies, back: switchBack, target: OUR_TARGET },
  { name: 'HAProxy by hand', ...PROXIED, start: behindHandMadeProxies },
];

/** By a person's wish: a node that falls again and again is not gone back to by itself. */
async function switchBack(lab: TestLab): Promise<void> {
  const line = ['switch', 'original', '--no-verify', '--lab'];
  await until(
    async () => (await lab.program.run(...line)).code === 0,
    'it leads to the original',
    PATIENCE_MS,
  );
}

/** Measures all, one after the other. @param rounds of each fault */
export async function run(rounds = ROUNDS): Promise<BenchRow[]> {
  if (labMissing !== undefined) {
    console.log(`skipped: ${labMissing}`);
    return [];
  }
  await using lab = await startLab({ name: 'dce5-pulls', site: siteWith() });
  await build(lab);
  await lab.snapshot('built');
  const rows: BenchRow[] = [];
  for (const contender of CONTENDERS) {
    await lab.restore('built');
    rmSync(lab.stateDir, { recursive: true, force: true });
    await using _front = await contender.start(lab);
    await using client = startClient(lab, contender.at);
    for (const fault of contender.faults) {
      const outages: number[] = [];
      for (let round = 0; round < rounds; round++) {
        outages.push(await oneRound(lab, client, fault, round / rounds));
        if (fault !== 'proxy off') await contender.back?.(lab);
        console.error(`${contender.name}, ${fault}: ${Math.round(outages.at(-1) as number)} ms`);
      }
      rows.push(...outageRows(`pulls: ${fault}, ${contender.name}`, outages, contender.target));
    }
  }
  return rows;
}

/** As `e2e/dce5.e2e.ts` does it; the certificates of both nodes are what the client trusts. */
async function build(lab: TestLab): Promise<void> {
  await prepare(lab, 'v1');
  await using _watch = await watchOver(lab, siteWith());
  await untilRight(async () => (await lab.program.run('force', 'original', '--lab')).code, 0);
  await untilRight(() => whoAnswers(lab), ORIGINAL);
  await succeeds(lab, 'apply', '--yes', '--accept-final');
  await succeeds(lab, 'release');
  writeFileSync(
    caFile(lab),
    [await certificateOf(lab, ORIGINAL), await certificateOf(lab, STANDBY)].join(''),
  );
}

function caFile(lab: TestLab): string {
  return join(lab.program.folder, 'nodes.pem');
}

/** The site as it was built, with another front where one is given. */
function siteWith(endpoint?: string): string {
  const site = siteOf('v1')
    .replace('failback: { after: 5s }', 'failback: manual')
    .replace(/^hosts:\n/m, 'hosts:\n  lb1: 172.30.41.197\n  lb2: 172.30.41.198\n');
  return endpoint === undefined ? site : site.replace(/^ {4}driver: .*$/m, endpoint);
}

/** `holdfast watch`, from when it has begun until it is disposed of. */
async function watchOver(lab: TestLab, site: string): Promise<AsyncDisposable> {
  lab.site(site);
  const watch = await startWatch(lab);
  return {
    async [Symbol.asyncDispose]() {
      watch.child.kill('SIGTERM');
      await watch.ended;
    },
  };
}

async function behindOurProxies(lab: TestLab): Promise<AsyncDisposable> {
  const endpoint = `    addresses: [${VIP}]\n    driver: { kind: haproxy, ports: [443, 9000, 8081], proxies: [lb1, lb2] }`;
  const watch = await watchOver(lab, siteWith(endpoint));
  // The name is not asked here: the client goes to the address.
  await succeeds(lab, 'apply', '--yes', '--endpoints', 'tinder');
  return watch;
}

/** As people write it who have only the runbook's words. */
async function behindHandMadeProxies(lab: TestLab): Promise<AsyncDisposable> {
  const section = (name: string, port: number): string =>
    `listen ${name}\n  bind *:${port}\n  server original ${ORIGINAL}:${port} check\n  server standby ${STANDBY}:${port} check backup\n`;
  const haproxy = `defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1m\n  timeout server 1m\n${section('registry', 443)}${section('files', 9000)}${section('charts', 8081)}`;
  const check = { name: 'chk_haproxy', command: '/usr/bin/pgrep -x haproxy' };
  for (const [host, role] of [
    ['lb1', RUNBOOK_ROLES.db1],
    ['lb2', RUNBOOK_ROLES.db2],
  ] as const) {
    await put(lab, host, '/etc/haproxy/haproxy.cfg', haproxy);
    const conf = runbookConf({ ...role, interface: 'host0', vip: VIP, check });
    await put(lab, host, '/etc/keepalived/keepalived.conf', conf);
    await said(lab, host, 'systemctl enable --quiet --now haproxy keepalived');
  }
  return { [Symbol.asyncDispose]: async () => {} };
}

async function put(lab: TestLab, host: string, path: string, text: string): Promise<void> {
  const { code, stderr } = await lab.exec(host, `cat > ${path}`, { stdin: text });
  if (code !== 0) throw new Error(stderr);
}

/** One pull, as the client says it. */
interface Pull extends Sample {
  /** The node whose certificate came: each has its own address in it. */
  readonly by?: string;
}

interface Client extends AsyncDisposable {
  /** Every pull so far. */
  readonly pulls: readonly Pull[];
}

function startClient(lab: TestLab, at: string): Client {
  const program = [process.execPath, join(import.meta.dirname, 'pull-client.ts')];
  const args = [NAME, 'daocloud/kpanda', 'v1', caFile(lab), at];
  const [command = '', ...rest] = lab.inside([...program, ...args]);
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const pulls: Pull[] = [];
  createInterface(child.stdout).on('line', (line) => pulls.push(JSON.parse(line) as Pull));
  return {
    pulls,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
    },
  };
}

/** @param phase 0…1, spread over the two seconds that the slowest of the checks waits */
async function oneRound(lab: TestLab, client: Client, fault: Fault, phase: number): Promise<number> {
  await waitFor(client, () => isSteady(client.pulls), 'the original serves steadily');
  await clock.sleep(phase * 2_000);
  const from = client.pulls.length - 1;
  const undo = await inject(lab, fault);
  const after = client.pulls.length;
  const isOver = (): boolean => {
    const last = client.pulls.slice(after + AFTER_THE_FAULT).slice(-ENOUGH);
    const servedBy = fault === 'proxy off' ? ORIGINAL : STANDBY;
    return last.length === ENOUGH && last.every(({ ok, by }) => ok && by === servedBy);
  };
  await waitFor(client, isOver, `the outage of '${fault}' is over`);
  const outage = longestGapMs(client.pulls.slice(from));
  await undo();
  return outage;
}

async function waitFor(client: Client, check: () => boolean, what: string): Promise<void> {
  await until(check, what, PATIENCE_MS).catch((error: Error) => {
    error.message += `; the last pulls: ${JSON.stringify(client.pulls.slice(-3))}`;
    throw error;
  });
}

/** Pulls that may have been under way when the fault came. */
const AFTER_THE_FAULT = 5;
/** Good ones in a row after which an outage is over. */
const ENOUGH = 15;

function isSteady(pulls: readonly Pull[]): boolean {
  const last = pulls.slice(-STEADY);
  return last.length === STEADY && last.every(({ ok, by }) => ok && by === ORIGINAL);
}

function longestGapMs(pulls: readonly Pull[]): number {
  const ends = pulls.filter(({ ok }) => ok).map(({ endedMs }) => endedMs);
  return Math.max(...ends.slice(1).map((endMs, index) => endMs - (ends[index] as number)));
}

/** @returns what puts it back */
async function inject(lab: TestLab, fault: Fault): Promise<() => Promise<unknown>> {
  const unit = 'dce5-standin-registry';
  if (fault === 'registry stopped') {
    await said(lab, 'original', `systemctl stop ${unit}`);
    return () => said(lab, 'original', `systemctl start ${unit}`);
  }
  if (fault === 'node cut off') {
    const cut = await lab.fault('original', { kind: 'isolate' }, { forMs: PATIENCE_MS * 2 });
    return () => cut.end();
  }
  const host = fault === 'node off' ? 'original' : await ownerOf(lab);
  await lab.powerOff(host);
  return () => lab.powerOn(host);
}

async function ownerOf(lab: TestLab): Promise<string> {
  for (const host of ['lb1', 'lb2'])
    if ((await said(lab, host, `ip -o addr show to ${VIP}`)).includes(VIP)) return host;
  throw new Error(`nobody has ${VIP}`);
}

if (process.argv[1] === import.meta.filename) {
  const rows = await run(Number(process.argv[2] ?? ROUNDS));
  console.log(formatRows(rows));
  process.exitCode = rows.every(reachesTarget) ? 0 : 1;
}

/**
 * Failover of an address as a client sees it: two hosts and a client in network namespaces, a TCP service on both, and
 * a client that opens a connection each 10 ms. The outage is the longest time without an answer. Faults: the owner's
 * cable is cut; the service on the owner is killed with SIGKILL.
 * Beside it the configuration of the Cloudpods runbook, word for word (VRRPv2, `advert_int 1`, a script each second), on
 * the same hosts with the same client. `node bench/vip.ts [rounds]`
 */
import { SystemClock } from '../src/base/clock.ts';
import { keepalived } from '../src/drivers/keepalived/index.ts';
import { keepalivedConfig } from '../src/drivers/keepalived/schema.ts';
import { makeAnswer, makeContext, makeEndpoint, makeSite } from '../test/driver-world.ts';
import { RUNBOOK_CHECK, RUNBOOK_ROLES, runbookConf } from '../test/runbook-keepalived.ts';
import { until } from '../test/until.ts';
import { segmentFacts, startVipGroup } from '../test/vip-hosts.ts';
import {
  nowMs,
  openPair,
  PAIR_ADDRESSES,
  PAIR_MEMBERS,
  PAIR_NAMES,
  PAIR_PORT,
  PAIR_VIP,
  type Pair,
  type PairMember,
} from '../test/vip-pair.ts';
import { segmentMissing, segmentPool } from '../test/vip-segment.ts';
import { type BenchRow, formatRows, outageRows, reachesTarget } from './row.ts';

const ROUNDS = 10;
/** Nothing has failed for this long: the next fault may come. Longer than the runbook's way back takes. */
const STEADY_MS = 2_000;
const PATIENCE_MS = 30_000;
const clock = new SystemClock();

const FAULTS = ['host cut off', 'service killed', 'planned switch'] as const;
type Fault = (typeof FAULTS)[number];

interface Contender extends AsyncDisposable {
  readonly name: string;
  /** Moves the address on purpose, where it can. */
  publish?(member: PairMember): Promise<unknown>;
  /** Resolves when the host of a member says that it is well: a switch to it would be refused before. */
  ready?(member: PairMember): Promise<void>;
}

/** Measures both, one after the other. @param rounds of each fault */
export async function run(rounds = ROUNDS): Promise<BenchRow[]> {
  if (segmentMissing !== undefined) return [];
  const ours = await measure(rounds, startHoldfast);
  const runbook = await measure(rounds, startRunbook);
  return FAULTS.flatMap((fault) => [
    ...rowsOf('holdfast', fault, ours.get(fault) ?? [], fault === 'planned switch' ? '< 200' : '< 600'),
    ...rowsOf('runbook', fault, runbook.get(fault) ?? []),
  ]);
}

function rowsOf(who: string, fault: Fault, outages: readonly number[], target?: string): BenchRow[] {
  return outages.length === 0 ? [] : outageRows(`vip: ${fault}, ${who}`, outages, target);
}

async function measure(
  rounds: number,
  start: (pair: Pair) => Promise<Contender>,
): Promise<ReadonlyMap<Fault, number[]>> {
  await using pair = await openPair();
  await using contender = await start(pair);
  const outages = new Map<Fault, number[]>();
  for (const fault of FAULTS) {
    if (fault === 'planned switch' && contender.publish === undefined) continue;
    const found: number[] = [];
    for (let round = 0; round < rounds; round++)
      found.push(await oneRound(pair, contender, fault, round / rounds));
    outages.set(fault, found);
  }
  return outages;
}

/** @param phase 0…1, spread evenly over the second that a script of the runbook waits */
async function oneRound(pair: Pair, contender: Contender, fault: Fault, phase: number): Promise<number> {
  const owner = await steady(pair);
  const other = owner === 'db1' ? 'db2' : 'db1';
  await clock.sleep(phase * 1_000);
  if (fault === 'planned switch') await contender.ready?.(other);
  pair.client.forget();
  await clock.sleep(100);
  const sinceMs = nowMs();
  if (fault === 'host cut off') pair.segment.host(owner).cutOff();
  else if (fault === 'service killed') await pair.killService(owner);
  else await contender.publish?.(other);
  await until(() => pair.client.answeredBy(100) === other, `${other} answers`, PATIENCE_MS);
  // Who takes the address in two steps has two gaps.
  await clock.sleep(500);
  const outage = pair.client.longestSilenceMs(sinceMs);
  if (fault === 'host cut off') pair.segment.host(owner).plugIn();
  if (fault === 'service killed') await pair.startService(owner);
  return outage;
}

/** Resolves with who answers, once the same one has for a while without a gap. */
async function steady(pair: Pair): Promise<PairMember> {
  pair.client.forget();
  let fromMs = nowMs();
  let owner = pair.client.answeredBy(200);
  const isSteady = (): boolean => {
    const now = pair.client.answeredBy(200);
    if (now === undefined || now !== owner) fromMs = nowMs();
    owner = now;
    return nowMs() - fromMs > STEADY_MS;
  };
  await until(isSteady, 'one answers steadily', PATIENCE_MS);
  return owner as PairMember;
}

async function startHoldfast(pair: Pair): Promise<Contender> {
  const endpoint = makeEndpoint('keepalived', keepalivedConfig.parse({}), {
    name: 'db',
    addresses: [PAIR_VIP],
    members: PAIR_MEMBERS,
    probes: [{ name: 'mysql', kind: 'tcp', args: { port: PAIR_PORT } }],
    failback: { mode: 'manual', afterMs: 600_000 },
  });
  const site = makeSite([endpoint]);
  const group = await startVipGroup(pair.segment, site, endpoint, segmentFacts(PAIR_ADDRESSES), PAIR_NAMES);
  const context = makeContext({ site, stateDir: '/nonexistent', hosts: segmentPool(pair.segment) });
  let epoch = 0;
  return {
    name: 'holdfast',
    publish: (member) => keepalived.publish(context, endpoint, makeAnswer([member], ++epoch)),
    ready: (member) =>
      until(
        () => /^0/.test(pair.segment.host(member).shell('cat /run/holdfast/vip/db/health')),
        `${member} is well`,
        PATIENCE_MS,
      ),
    [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
  };
}

/** As in the runbook. */
async function startRunbook(pair: Pair): Promise<Contender> {
  await using opened = new AsyncDisposableStack();
  const { signal } = new AbortController();
  for (const name of PAIR_NAMES) {
    const host = pair.segment.host(name);
    const { files } = host.connection;
    const { path, text } = RUNBOOK_CHECK;
    await files.replace(path, Buffer.from(text), { mode: 0o755 }, signal);
    const conf = runbookConf({ ...RUNBOOK_ROLES[name], interface: 'eth0', vip: PAIR_VIP });
    await files.replace('/etc/keepalived/keepalived.conf', Buffer.from(conf), {}, signal);
    opened.use(
      await host.start('keepalived', ['-n', '-l', '-D', '-P'], /Entering (BACKUP|MASTER|FAULT) STATE/),
    );
  }
  const running = opened.move();
  return { name: 'runbook', [Symbol.asyncDispose]: () => running.disposeAsync() };
}

if (process.argv[1] === import.meta.filename) {
  const rows = await run(Number(process.argv[2] ?? ROUNDS));
  console.log(formatRows(rows));
  process.exitCode = rows.every(reachesTarget) ? 0 : 1;
}

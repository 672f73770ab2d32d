/**
 * A MariaDB pair as its clients see it: how long no commit is acknowledged, and how many that were acknowledged are
 * missing afterwards. Ours beside the runbook's own configuration, on the same lab hosts, with the same eight writers; of
 * the runbook's at most five rounds a fault.
 *
 *   node bench/mariadb.ts [rounds of each fault] [one of them, e.g. 'planned switch']
 */
import { SystemClock } from '../src/base/clock.ts';
import type { Lab } from '../src/lab/lab.ts';
import { labMissing, startLab, type TestLab } from '../test/lab.ts';
import { type LabLedger, labLedger } from '../test/mariadb-lab.ts';
import { startMariadbLab, statusOf, waitForPair } from '../test/mariadb-pair.ts';
import { buildRunbookPair, RUNBOOK_PASSWORD } from '../test/mariadb-runbook.ts';
import { until } from '../test/until.ts';
import { type BenchRow, formatRows, outageRows, reachesTarget } from './row.ts';

const ROUNDS = 5;
/** Of what takes long: the runbook's, each of which has a new pair of hosts, and whole copies. */
const FEW_ROUNDS = 5;
const FAULTS = ['host off', 'host isolated', 'mysqld killed', 'planned switch'] as const;
type Fault = (typeof FAULTS)[number];
/** No fault, but commits wait while it is done: a whole copy of the primary in use. */
const SEEDING = 'standby seeded';
const MEASUREMENTS = [...FAULTS, SEEDING] as const;
type Measurement = (typeof MEASUREMENTS)[number];
type HostName = 'db1' | 'db2';
const ADDRESSES: Readonly<Record<HostName, string>> = { db1: '10.78.1.11', db2: '10.78.1.12' };
const TARGETS: Readonly<Record<Measurement, string>> = {
  'host off': '< 600',
  'host isolated': '< 600',
  'mysqld killed': '< 600',
  'planned switch': '< 200',
  [SEEDING]: '< 1000',
};
/** Each gives a commit up soon and asks again at once, so that what is measured is the servers' silence. */
const WRITERS = { count: 8, retryMs: 10, patienceMs: 200 };
/** Longer than any round; taken back as the round ends. */
const ISOLATED_MS = 300_000;
/** The pair may be on its way while a plan is made; such a plan is refused, and the next one fits. */
const MOST_PLANS = 3;
/** Each question is a process on the host, and the clients wait for the same processors. */
const LOOK_EVERY_MS = 500;
const clock = new SystemClock();

interface Measured {
  readonly silencesMs: number[];
  missing: number;
}

/** Measures both, one after the other. @param rounds of each fault */
export async function run(
  rounds = ROUNDS,
  wanted: readonly Measurement[] = MEASUREMENTS,
): Promise<BenchRow[]> {
  if (labMissing !== undefined) return [];
  const faults = FAULTS.filter((one) => wanted.includes(one));
  const few = Math.min(rounds, FEW_ROUNDS);
  const ours = await measureOurs({ faults, rounds, seedings: wanted.includes(SEEDING) ? few : 0 });
  // It has no seeding to compare: its dump locks all tables for as long as it takes.
  const runbook = faults.length === 0 ? new Map() : await measureRunbook(faults, few);
  return [...rowsOf('holdfast', ours, true), ...rowsOf('runbook', runbook, false)];
}

/** One of them, of both. */
export function runPart(part: string): Promise<BenchRow[]> {
  return run(ROUNDS, named(part));
}

/** @throws Error where nothing of that name is measured */
function named(name: string): readonly Measurement[] {
  const found = MEASUREMENTS.filter((one) => one === name);
  if (found.length === 0) throw new Error(`nothing named '${name}'; there are ${MEASUREMENTS.join(', ')}`);
  return found;
}

function rowsOf(who: string, found: ReadonlyMap<Measurement, Measured>, hasTarget: boolean): BenchRow[] {
  return [...found].flatMap(([fault, { silencesMs, missing }]) => {
    const name = `mariadb: ${fault}, ${who}`;
    return [
      ...outageRows(name, silencesMs, hasTarget ? TARGETS[fault] : undefined),
      {
        name: `${name}, acknowledged and missing of ${silencesMs.length}`,
        value: missing,
        unit: 'commits',
        ...(hasTarget ? { target: '<= 0' } : {}),
      },
    ];
  });
}

async function measureOurs(o: {
  readonly faults: readonly Fault[];
  readonly rounds: number;
  readonly seedings: number;
}): Promise<ReadonlyMap<Measurement, Measured>> {
  const { faults, rounds, seedings } = o;
  await using lab = await startMariadbLab('mariadb-bench');
  await apply(lab);
  let primary: HostName = 'db1';
  const found = new Map<Measurement, Measured>();
  for (const fault of faults) {
    const measured: Measured = { silencesMs: [], missing: 0 };
    for (let round = 0; round < rounds; round++) {
      await waitForPair(lab, primary);
      const next = otherOf(primary);
      await using ledger = await labLedger(lab, WRITERS);
      await ledger.steady();
      await ledger.mark();
      await inject(lab, fault, primary, async () => {
        const { code, stderr } = await lab.program.run('switch', 'db', next, '--lab');
        if (code !== 0) throw new Error(stderr);
      });
      await untilNow(async () => (await statusOf(lab, next)).readonly === '0', `${next} is primary`);
      await note(fault, ledger, measured, next);
      await comeBack(lab, primary);
      primary = next;
    }
    found.set(fault, measured);
  }
  if (seedings > 0) found.set(SEEDING, await measureSeeding(lab, primary, seedings));
  return found;
}

async function measureSeeding(lab: TestLab, primary: HostName, rounds: number): Promise<Measured> {
  const measured: Measured = { silencesMs: [], missing: 0 };
  for (let round = 0; round < rounds; round++) {
    await waitForPair(lab, primary);
    await using ledger = await labLedger(lab, WRITERS);
    // As after a copy that was cut: it follows nobody, and the primary has gone on alone.
    await lab.exec(otherOf(primary), ": >/var/lib/holdfast/mariadb/db/seeding; mariadb -e 'STOP SLAVE'");
    await ledger.steady();
    await ledger.mark();
    await apply(lab);
    await note(SEEDING, ledger, measured, primary);
  }
  return measured;
}

/** Whoever was primary boots, and is seeded again where it holds what nobody else has. */
async function comeBack(lab: TestLab, host: HostName): Promise<void> {
  await lab.heal();
  await lab.powerOn(host);
  const known = /^(level|diverged|broken)/;
  await until(
    async () => known.test((await statusOf(lab, host)).state ?? ''),
    `${host} says how it stands`,
    60_000,
  );
  if ((await statusOf(lab, host)).state !== 'level') await apply(lab);
}

async function untilNow(check: () => Promise<boolean>, what: string): Promise<void> {
  const look = async (): Promise<boolean> => {
    await clock.sleep(LOOK_EVERY_MS);
    return check();
  };
  await until(look, what, 30_000);
}

async function apply(lab: TestLab): Promise<void> {
  for (let plan = 1; ; plan++) {
    const { code, stderr } = await lab.program.run('apply', '-y', '--accept-final', '--lab');
    if (code === 0) return;
    if (plan === MOST_PLANS) throw new Error(stderr);
  }
}

/** The runbook knows no switch on purpose but stopping keepalived; its old primary comes back by itself. */
async function measureRunbook(
  faults: readonly Fault[],
  rounds: number,
): Promise<ReadonlyMap<Fault, Measured>> {
  await using lab = await startLab({ site: RUNBOOK_SITE, name: 'mariadb-runbook' });
  const found = new Map<Fault, Measured>();
  for (const fault of faults) {
    const measured: Measured = { silencesMs: [], missing: 0 };
    for (let round = 0; round < rounds; round++) {
      // A pair that lost something does not heal: each round has a new one.
      await lab.reset();
      await buildRunbookPair(lab);
      await using ledger = await labLedger(lab, { ...WRITERS, password: RUNBOOK_PASSWORD });
      await ledger.steady();
      await clock.sleep((round / rounds) * 1_000);
      await ledger.mark();
      await inject(lab, fault, 'db1', async () => void (await lab.exec('db1', 'systemctl stop keepalived')));
      await untilNow(async () => (await ownerOf(lab)) === 'db2', 'db2 has the address');
      await lab.heal();
      await note(`runbook, ${fault}`, ledger, measured, 'db2');
    }
    found.set(fault, measured);
  }
  return found;
}

const RUNBOOK_SITE = 'access: { user: root }\nhosts: { db1: 10.78.1.11, db2: 10.78.1.12 }';

async function ownerOf(lab: Lab): Promise<HostName | undefined> {
  for (const host of ['db2'] as const) {
    if ((await lab.exec(host, 'ip addr show host0')).stdout.includes('10.78.1.50')) return host;
  }
  return undefined;
}

async function inject(lab: Lab, fault: Fault, host: HostName, move: () => Promise<void>): Promise<void> {
  if (fault === 'host off') await lab.powerOff(host);
  else if (fault === 'host isolated') await lab.fault(host, { kind: 'isolate' }, { forMs: ISOLATED_MS });
  else if (fault === 'mysqld killed') await lab.exec(host, 'kill -9 $(pidof mariadbd)');
  else await move();
}

/** On standard error as well, round by round: a long run that dies has not been for nothing. */
async function note(what: string, ledger: LabLedger, measured: Measured, at: HostName): Promise<void> {
  await ledger.steady();
  const silenceMs = await ledger.silenceMs();
  const missing = (await ledger.missingAt(ADDRESSES[at])).length;
  console.error(
    `${what}, round ${measured.silencesMs.length + 1}: ${Math.round(silenceMs)} ms, ${missing} missing`,
  );
  measured.silencesMs.push(silenceMs);
  measured.missing += missing;
  await ledger.stop();
}

function otherOf(host: HostName): HostName {
  return host === 'db1' ? 'db2' : 'db1';
}

if (process.argv[1] === import.meta.filename) {
  const [rounds, one] = process.argv.slice(2);
  const rows = await run(Number(rounds ?? ROUNDS), one === undefined ? MEASUREMENTS : named(one));
  console.log(formatRows(rows));
  process.exitCode = rows.every(reachesTarget) ? 0 : 1;
}

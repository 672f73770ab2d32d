/**
 * The checks that a runbook does by eye: every probe once, what clients get, and what is too much for the constant
 * watching: a trial of what each member serves, by its address and by the name, whether members hold the same, and what
 * must hold on every host.
 */
import { openScope, orAborted } from '../base/abort.ts';
import { type ErrorRecord, toErrorRecord } from '../base/errors.ts';
import { type Limit, limit } from '../base/limit.ts';
import type { Reason } from '../base/reason.ts';
import type { Answer, Observed } from '../drivers/driver.ts';
import type { ProbeResult } from '../probes/probe.ts';
import type { Endpoint, EndpointName, Member, MemberName, ProbeSpec } from '../site/model.ts';
import { driftOf } from './drift.ts';
import { type DriverWorld, targetOf } from './driver-target.ts';
import { effectiveProbes, parityProbes, trialProbes } from './effective-probes.ts';
import { type ProbeRunner, runSpec } from './probe-runner.ts';
import { reasons } from './reasons.ts';
import type { StateStore } from './state.ts';
import { checkHosts } from './verify-hosts.ts';

type AskedCheck = 'probe' | 'trial' | 'through' | 'parity' | 'host';
export type VerifyLine = { readonly endpoint: EndpointName; readonly ok: boolean } & (
  | {
      /**
       * `trial`: of what the member serves, at its own address; `through`: the same at the address that clients get;
       * `parity`: whether the member holds what another holds; `host`: what must hold on a host.
       */
      readonly check: AskedCheck;
      /** For `through` the name that clients use, for `host` the host. */
      readonly member: MemberName;
      readonly probe: string;
      readonly result: ProbeResult;
    }
  | { readonly check: 'clients'; readonly observed: Observed; readonly because: Reason }
  | { readonly check: 'clients'; readonly error: ErrorRecord }
);

const OBSERVE_TIMEOUT_MS = 10_000;
/** A member that was just promoted may need a moment. */
const SETTLE_MS = 5_000;
const SETTLE_PAUSE_MS = 500;

export interface VerifyWorld extends DriverWorld, ProbeRunner {
  /** The answers that stand, to hold what clients get against. */
  readonly store: StateStore;
  readonly signal: AbortSignal;
  /** What is not well is asked again for so long. Absent: it is asked once. */
  readonly settleMs?: number;
  /** Told of each line as it comes, for somebody who waits. */
  onLine?(line: VerifyLine): void;
}

export interface VerifyOptions extends VerifyWorld {
  readonly endpoints: readonly Endpoint[];
}

/** All lines, in the order of the site file. Never stops at the first that is not well. */
export async function verify(o: VerifyOptions): Promise<readonly VerifyLine[]> {
  const gate = limit(o.site.watch.concurrency);
  return (await Promise.all(o.endpoints.map((endpoint) => verifyEndpoint(o, endpoint, gate)))).flat();
}

/**
 * After a move: what clients get now, and what those who answer now serve; what is not well is given a few seconds.
 * Whether they hold everything was asked before the move, and who does not answer is not concerned.
 * @param active who is to answer now
 */
export async function verifyMove(
  o: VerifyWorld,
  endpoint: Endpoint,
  active: readonly MemberName[],
): Promise<readonly VerifyLine[]> {
  const members = endpoint.members.filter(({ name }) => active.includes(name));
  const { lines } = begin({ settleMs: SETTLE_MS, ...o }, endpoint, members, limit(o.site.watch.concurrency));
  return (await Promise.all(lines)).flat();
}

async function verifyEndpoint(o: VerifyWorld, endpoint: Endpoint, gate: Limit): Promise<VerifyLine[]> {
  const { all, clients, well, lines } = begin(o, endpoint, endpoint.members, gate);
  const more = [
    Promise.all([clients, well]).then(([line, them]) => all(parity(o, endpoint, line, them))),
    clients.then((line) => hostLines(o, endpoint, line)),
  ];
  return (await Promise.all([...lines, ...more])).flat();
}

/**
 * What clients get and the probes are asked at once, and what needs them after that. Of a member whose probes say that
 * it is down no more is asked: a host without power would be waited for, again and again, to say the same.
 */
function begin(o: VerifyWorld, endpoint: Endpoint, members: readonly Member[], gate: Limit) {
  const all = (work: readonly Work[]): Promise<VerifyLine[]> =>
    Promise.all(work.map((one) => gate.run(one, o.signal)));
  const trials = trialProbes(o.site, o.stacks, endpoint);
  const clients = gate.run(() => settled(o, () => verifyClients(o, endpoint)), o.signal);
  const probed = all(ofMembers(o, endpoint, 'probe', effectiveProbes(o.site, o.stacks, endpoint), members));
  const well = probed.then((lines) =>
    members.filter(({ name }) => !lines.some((line) => isDown(line, name))),
  );
  const lines = [
    probed,
    clients.then((line) => [line]),
    well.then((them) => all(ofMembers(o, endpoint, 'trial', trials, them))),
    clients.then((line) => all(through(o, endpoint, line, trials))),
  ];
  return { all, clients, well, lines };
}

function isDown(line: VerifyLine, member: MemberName): boolean {
  return 'result' in line && line.member === member && line.result.status === 'down';
}

async function hostLines(o: VerifyWorld, endpoint: Endpoint, clients: VerifyLine): Promise<VerifyLine[]> {
  const checked = await checkHosts(o, endpoint, gotOf(endpoint, clients));
  const lines = checked.map(({ host, check, result }): VerifyLine => {
    const ok = result.status === 'up';
    return { check: 'host', endpoint: endpoint.name, member: host, probe: check, ok, result };
  });
  for (const line of lines) o.onLine?.(line);
  return lines;
}

type Work = () => Promise<VerifyLine>;

function ofMembers(
  o: VerifyWorld,
  endpoint: Endpoint,
  check: 'probe' | 'trial',
  specs: readonly ProbeSpec[],
  members: readonly Member[],
): Work[] {
  return members.flatMap((member) => specs.map((spec) => ask(o, endpoint, check, spec, member)));
}

/** Where clients get nobody, or nobody knows whom, the line of what they get says so already. */
function through(
  o: VerifyWorld,
  endpoint: Endpoint,
  clients: VerifyLine,
  specs: readonly ProbeSpec[],
): Work[] {
  const [address] = endpoint.addresses;
  const got = address === undefined ? gotOf(endpoint, clients).map((member) => member.address) : [address];
  const name = endpoint.dnsName ?? endpoint.name;
  return got.flatMap((each) =>
    specs.map((spec) => ask(o, endpoint, 'through', spec, { name, host: name, address: each, weight: 1 })),
  );
}

/** Each other member against the one that clients get, and that one against each: neither may lack anything. */
function parity(o: VerifyWorld, endpoint: Endpoint, clients: VerifyLine, well: readonly Member[]): Work[] {
  const [active = endpoint.members[0]] = gotOf(endpoint, clients);
  if (active === undefined || !well.includes(active)) return [];
  const others = well.filter(({ name }) => name !== active.name);
  const pairs = others.flatMap((other) => [
    { candidate: other, than: active },
    { candidate: active, than: other },
  ]);
  return pairs.flatMap(({ candidate, than }) =>
    parityProbes(o.site, o.stacks, endpoint, candidate, than).map((spec) =>
      ask(o, endpoint, 'parity', spec, candidate),
    ),
  );
}

function gotOf(endpoint: Endpoint, clients: VerifyLine): readonly Member[] {
  if (!('observed' in clients)) return [];
  const { members } = clients.observed;
  return endpoint.members.filter(({ name }) => members.includes(name));
}

function ask(o: VerifyWorld, endpoint: Endpoint, check: AskedCheck, spec: ProbeSpec, member: Member): Work {
  const run = async (): Promise<VerifyLine> => {
    const result = await runSpec(o, spec, member, endpoint.timeoutMs, o.signal);
    const ok = result.status === 'up';
    return { check, endpoint: endpoint.name, member: member.name, probe: spec.name, ok, result };
  };
  return () => settled(o, run);
}

async function settled({ clock, signal, settleMs = 0, onLine }: VerifyWorld, ask: Work): Promise<VerifyLine> {
  const endMs = clock.monotonicMs() + settleMs;
  let line = await ask();
  while (!line.ok && clock.monotonicMs() < endMs) {
    await clock.sleep(SETTLE_PAUSE_MS, signal);
    line = await ask();
  }
  onLine?.(line);
  return line;
}

async function verifyClients(o: VerifyWorld, endpoint: Endpoint): Promise<VerifyLine> {
  const line = { check: 'clients', endpoint: endpoint.name } as const;
  using scope = openScope(o.clock, {
    what: 'asking as a client',
    timeoutMs: OBSERVE_TIMEOUT_MS,
    parent: o.signal,
  });
  try {
    const target = await targetOf(o, endpoint);
    const observed = await orAborted(target.observe(scope.signal), scope.signal);
    const wanted = (await o.store.load(endpoint.name))?.answer;
    const wrong = wrongFor(endpoint, observed, wanted);
    const because = wrong ?? reasons.of('watch/clients-get', { members: observed.members });
    return { ...line, ok: wrong === undefined, observed, because };
  } catch (error) {
    if (o.signal.aborted) throw error;
    return { ...line, ok: false, error: toErrorRecord(error) };
  }
}

/** Against the answer that stands; where none was ever decided, against the members. */
function wrongFor(endpoint: Endpoint, observed: Observed, wanted: Answer | undefined): Reason | undefined {
  if (wanted !== undefined) return driftOf(wanted, observed, endpoint.policy);
  if (observed.strangers.length > 0) {
    return reasons.of('watch/drift-strangers', { strangers: observed.strangers });
  }
  return observed.members.length === 0 ? reasons.of('watch/clients-get-nothing') : undefined;
}

/**
 * Simulation of `decide` against a model of its own: random members, probe results, commands, parity answers, lost
 * answers, kill -9 with reload, clocks that jump. Thousands of runs here; `HOLDFAST_SIM_RUNS=1000000` for more.
 * A failure prints the seed and the world, which play the same run again.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scenario, testMembers, testPolicy } from '../../test/watch-scenario.ts';
import { renderReason } from '../base/reason.ts';
import type { ProbeStatus } from '../probes/probe.ts';
import type { Act, Command, Decision, WatchInput } from './event.ts';
import { reasons } from './reasons.ts';

const RUNS = Number(process.env.HOLDFAST_SIM_RUNS ?? 2_000);
const PROBES = ['files', 'registry'];
const TABLES = [reasons, { 'test/up': { en: 'up', zh: '正常' }, 'test/down': { en: 'down', zh: '故障' } }];

const world = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  ticks: fc.integer({ min: 50, max: 400 }),
  policy: fc.constantFrom('failover', 'failover', 'all-healthy', 'weighted'),
  members: fc.integer({ min: 1, max: 4 }),
  probes: fc.integer({ min: 1, max: 2 }),
  rise: fc.integer({ min: 1, max: 3 }),
  fall: fc.integer({ min: 1, max: 3 }),
  holdDownMs: fc.constantFrom(0, 3_000, 20_000),
  mode: fc.constantFrom('auto', 'auto', 'manual'),
  afterMs: fc.constantFrom(0, 5_000, 30_000),
  /** How often a member's health turns, in thousandths a tick. */
  turns: fc.constantFrom(5, 50, 300),
  lies: fc.constantFrom(0, 50),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

/** A small generator, quick enough for millions of ticks (Marsaglia's xorshift, 32 bits). */
function generator(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

/** What the tester believes of one probe of a member: windows of results instead of the code's streaks. */
class ModelProbe {
  verdict: ProbeStatus = 'unknown';
  recent: string[] = [];

  result(status: ProbeStatus, rise: number, fall: number): void {
    if (status === 'unknown') return;
    this.recent.push(status);
    const ends = (n: number): boolean =>
      this.recent.length >= n && this.recent.slice(-n).every((one) => one === status);
    if (status === 'down' && ends(fall)) this.verdict = 'down';
    if (status === 'up' && ends(this.verdict === 'unknown' ? 1 : rise)) this.verdict = 'up';
  }
}

class ModelMember {
  readonly name: string;
  readonly probes: ModelProbe[];
  healthy = true;
  drained = false;
  lastDownMs = -1;
  /** The last parity check that had been asked when it was last found down. */
  askedBeforeDown = 0;

  constructor(name: string, probes: number) {
    this.name = name;
    this.probes = Array.from({ length: probes }, () => new ModelProbe());
  }

  get verdict(): ProbeStatus {
    if (this.probes.some((probe) => probe.verdict === 'down')) return 'down';
    return this.probes.every((probe) => probe.verdict === 'up') ? 'up' : 'unknown';
  }

  /** The last result of a probe was down, or there was none since the restart. */
  get isDoubted(): boolean {
    return this.probes.some((probe) => probe.recent.at(-1) !== 'up');
  }
}

/** One run: the code under test, the model, and what is on the way between them. */
class Simulation {
  readonly world: World;
  readonly random: (below: number) => number;
  readonly scenario: Scenario;
  readonly members: ModelMember[];
  readonly asked = new Map<number, Extract<Act, { kind: 'check-parity' }>>();
  forced: { members: readonly string[]; untilMs: number } | undefined;
  lastChangeMs = -Infinity;
  commands = 0;

  constructor(of: World) {
    this.world = of;
    this.random = generator(of.seed);
    const names = ['a', 'b', 'c', 'd'].slice(0, of.members);
    const members = testMembers(...names).map((member, index) => ({
      ...member,
      weight: index === 1 ? 0 : 1,
    }));
    this.scenario = new Scenario(
      testPolicy({
        policy: of.policy as 'failover',
        members,
        probes: PROBES.slice(0, of.probes).map((name) => ({ name, kind: 'memory', args: {} })),
        rise: of.rise,
        fall: of.fall,
        holdDownMs: of.holdDownMs,
        failback: { mode: of.mode as 'auto', afterMs: of.afterMs },
      }),
    );
    this.members = names.map((name) => new ModelMember(name, of.probes));
  }

  run(): void {
    for (let tick = 0; tick < this.world.ticks; tick++) this.tick();
  }

  tick(): void {
    const { scenario } = this;
    const stepMs = 200 + this.random(1_600);
    scenario.nowMs += stepMs;
    scenario.wall += stepMs;
    if (this.random(200) === 0) scenario.wall += (this.random(3) - 1) * 3_600_000;
    if (this.random(60) === 0) this.restart();
    for (const member of this.members) this.probe(member);
    if (this.random(12) === 0) this.command();
    for (const ask of [...this.asked.keys()]) this.parity(ask);
    this.feed({ type: 'tick', at: scenario.at });
  }

  probe(member: ModelMember): void {
    if (this.random(1_000) < this.world.turns) member.healthy = !member.healthy;
    for (let index = 0; index < this.world.probes; index++) {
      const dice = this.random(1_000);
      const lie = dice < this.world.lies;
      const status = dice > 980 ? 'unknown' : member.healthy !== lie ? 'up' : 'down';
      member.probes[index]?.result(status, this.world.rise, this.world.fall);
      if (status === 'down') {
        member.lastDownMs = this.scenario.nowMs;
        member.askedBeforeDown = this.scenario.state.asks;
      }
      const because = { code: `test/${status}`, params: {} };
      const probe = PROBES[index] as string;
      this.feed({ type: 'probed', member: member.name, probe, status, because, at: this.scenario.at });
    }
  }

  command(): void {
    const name = this.members[this.random(this.members.length)]?.name as string;
    const acceptLoss = this.random(3) === 0;
    const forMs = [undefined, 2_000, 20_000][this.random(3)];
    const choices: Command[] = [
      { verb: 'switch', to: name, acceptLoss },
      { verb: 'failback', acceptLoss },
      { verb: 'drain', member: name, acceptLoss },
      { verb: 'undrain', member: name },
      { verb: 'undrain', member: name },
      { verb: 'force', members: [name], forMs },
      { verb: 'release' },
      { verb: 'release' },
    ];
    const command = choices[this.random(choices.length)] as Command;
    this.feed({ type: 'command', id: `c${++this.commands}`, by: 'li', command, at: this.scenario.at });
  }

  /** An answer now, later or never, and true or false. */
  parity(ask: number): void {
    const dice = this.random(10);
    if (dice < 4) return;
    const because = { code: 'test/parity', params: {} };
    if (dice > 4) {
      this.feed({ type: 'parity-known', ask, fit: this.random(2) === 0, because, at: this.scenario.at });
    }
    this.asked.delete(ask);
  }

  restart(): void {
    const before = this.scenario.state;
    this.lastChangeMs -= this.scenario.nowMs;
    const forcedLeft = this.forced === undefined ? 0 : this.forced.untilMs - this.scenario.nowMs;
    const awayMs = this.random(3) * 10_000;
    const after = this.scenario.restart(awayMs);
    this.lastChangeMs += this.scenario.nowMs - awayMs;
    if (this.forced !== undefined) this.forced.untilMs = this.scenario.nowMs + forcedLeft - awayMs;
    this.asked.clear();
    for (const member of this.members) {
      member.lastDownMs = this.scenario.nowMs;
      member.askedBeforeDown = 0;
      for (const probe of member.probes) probe.recent = [];
    }
    expect(after.answer?.members).toEqual(before.answer?.members);
    expect(after.override?.members).toEqual(before.override?.members);
    if (after.epoch <= before.epoch) throw new Error('the epoch did not grow with the restart');
  }

  feed(event: WatchInput): void {
    const before = this.scenario.state;
    const decision = this.scenario.feed(event);
    if (decision.act?.kind === 'check-parity') this.asked.set(decision.act.ask, decision.act);
    this.follow(event, decision);
    this.check(event, before.answer?.members ?? [], before.epoch, decision);
    if (decision.answer !== undefined) this.lastChangeMs = this.scenario.nowMs;
  }

  /** Keeps the model's own books on people's decisions. */
  follow(event: WatchInput, decision: Decision): void {
    const { nowMs } = this.scenario;
    if (
      event.type === 'command' &&
      decision.replies?.some((one) => one.id === event.id && one.outcome === 'done')
    ) {
      const { command } = event;
      if (command.verb === 'force') {
        this.forced = { members: command.members, untilMs: nowMs + (command.forMs ?? Infinity) };
      }
      if (command.verb === 'release') this.forced = undefined;
    }
    for (const [index, state] of this.scenario.state.members.entries()) {
      (this.members[index] as ModelMember).drained = state.drained !== undefined;
    }
    // It may stand a little longer than its time (until the next tick), never shorter.
    const over = this.forced !== undefined && nowMs >= this.forced.untilMs;
    if (over && (event.type === 'tick' || this.scenario.state.override === undefined))
      this.forced = undefined;
  }

  check(event: WatchInput, before: readonly string[], epoch: number, decision: Decision): void {
    const answer = decision.state.answer;
    const now = answer?.members ?? [];
    if (answer !== undefined && now.length === 0) throw new Error('an empty answer');
    if (this.world.policy === 'failover' && now.length > 1) throw new Error('two active members');
    if (decision.answer !== undefined && decision.answer.epoch <= epoch)
      throw new Error('the epoch did not grow');
    this.checkSentence(decision);
    if ((decision.state.override !== undefined) !== (this.forced !== undefined)) {
      throw new Error('an override ended too early or too late');
    }
    if (this.forced !== undefined) {
      if (now.join() !== this.forced.members.join()) throw new Error('something beat an override');
      return;
    }
    this.checkNobodyDown(event, now);
    if (decision.answer !== undefined) this.checkChange(event, before, now, decision);
  }

  /** Nobody who is known to be down, or drained, answers while another member is up. */
  checkNobodyDown(event: WatchInput, now: readonly string[]): void {
    if (event.type === 'parity-known') return;
    const somebodyUp = this.members.some(
      (member) => member.verdict === 'up' && !member.drained && !member.isDoubted,
    );
    const bad = this.members.find(
      (member) => now.includes(member.name) && (member.verdict === 'down' || member.drained),
    );
    if (somebodyUp && bad !== undefined) throw new Error(`${bad.name} answers, though another member is up`);
  }

  checkChange(
    event: WatchInput,
    before: readonly string[],
    now: readonly string[],
    decision: Decision,
  ): void {
    const kind = decision.state.history[0]?.kind;
    if (kind === 'first' || before.length === 0) return;
    if (kind === 'failback' || kind === 'switchover') this.checkParity(event, before, now, kind);
    const planned = kind === 'switchover' || event.type === 'command';
    const inHoldDown = this.scenario.nowMs < this.lastChangeMs + this.world.holdDownMs;
    if (planned || kind === 'forced') return;
    const gone = this.members.filter((member) => before.includes(member.name) && this.isOut(member));
    if (kind === 'failover' && gone.length !== before.length)
      throw new Error('a failover from a member that is well');
    const commanded = event.type === 'parity-known' && (decision.replies?.length ?? 0) > 0;
    if (!inHoldDown || commanded) return;
    const remaining = before.filter((name) => !gone.some((member) => member.name === name));
    if (remaining.length > 0) expect(now).toEqual(remaining);
  }

  isOut(member: ModelMember): boolean {
    return member.verdict === 'down' || member.drained;
  }

  /** A planned move needs a check that was asked for it and came back good, or a person who accepts the loss. */
  checkParity(event: WatchInput, before: readonly string[], now: readonly string[], kind: string): void {
    if (event.type === 'command') {
      const { command } = event;
      if (!('acceptLoss' in command) || !command.acceptLoss) throw new Error(`${kind} without parity`);
      return;
    }
    if (event.type !== 'parity-known' || !event.fit) throw new Error(`${kind} without parity`);
    const act = this.asked.get(event.ask);
    expect([act?.candidate, act?.active]).toEqual([now[0], before[0]]);
    const candidate = this.members.find((member) => member.name === now[0]) as ModelMember;
    if (candidate.verdict !== 'up') throw new Error(`${kind} to a member that is not up`);
    const byCommand = this.scenario.state.history[0]?.because.code !== 'watch/failback';
    if (kind === 'failback' && !byCommand) {
      if (this.world.mode === 'manual') throw new Error('an automatic failback where it is manual');
      const wellMs = this.scenario.nowMs - candidate.lastDownMs;
      if (wellMs < this.world.afterMs) throw new Error(`failback after ${wellMs} ms`);
      if (event.ask <= candidate.askedBeforeDown)
        throw new Error('a failback on a check older than a failure');
    }
  }

  checkSentence(decision: Decision): void {
    if (this.random(50) !== 0) return;
    for (const language of ['en', 'zh'] as const) {
      const sentence = renderReason(decision.because, TABLES, language);
      if (/[{}]/.test(sentence)) throw new Error(`a sentence with a hole: ${sentence}`);
    }
  }
}

test(`in ${RUNS} random lives of an endpoint, no decision ever breaks a promise`, { timeout: 0 }, () => {
  fc.assert(
    fc.property(world, (of) => new Simulation(of).run()),
    { numRuns: RUNS },
  );
});

import { describe, expect, test } from 'vitest';
import { Scenario, testMembers, testPolicy } from '../../test/watch-scenario.ts';
import type { Decision } from './event.ts';

function running(over: Parameters<typeof testPolicy>[0] = {}): Scenario {
  const scenario = new Scenario(testPolicy(over));
  for (const { name } of scenario.policy.members) scenario.settle(name, 'up');
  scenario.wait(scenario.policy.holdDownMs);
  return scenario;
}

function refusalOf(decision: Decision): string | undefined {
  const reply = decision.replies?.[0];
  return reply?.outcome === 'refused' ? reply.because.code : undefined;
}

describe('switch', () => {
  test('moves after the parity check, inside the hold-down too, and keeps the automatic failback away', () => {
    const scenario = running();
    const asked = scenario.command({ verb: 'switch', to: 'standby', acceptLoss: false });
    expect(asked.replies).toBeUndefined();
    const done = scenario.parity(asked, true);
    expect(done.answer?.members).toEqual(['standby']);
    expect(done.replies).toMatchObject([{ id: 'c1', outcome: 'done', because: { code: 'watch/switched' } }]);
    expect(scenario.wait(1e9).because).toMatchObject({ code: 'watch/failback-held', params: { by: 'li' } });
    const back = scenario.command({ verb: 'switch', to: 'original', acceptLoss: false });
    expect(scenario.parity(back, true).answer?.members).toEqual(['original']);
  });

  test('is refused where parity fails, unless loss is accepted', () => {
    const scenario = running();
    const asked = scenario.command({ verb: 'switch', to: 'standby', acceptLoss: false });
    expect(refusalOf(scenario.parity(asked, false))).toBe('watch/refused-parity');
    expect(scenario.answering).toEqual(['original']);
    const done = scenario.command({ verb: 'switch', to: 'standby', acceptLoss: true });
    expect(done.answer?.members).toEqual(['standby']);
    expect(done.act).toBeUndefined();
  });

  test('is refused to a member that is down, drained, unknown or not there', () => {
    const scenario = running({ members: testMembers('a', 'b', 'c') });
    scenario.settle('b', 'down');
    const to = (name: string, acceptLoss = true): string | undefined =>
      refusalOf(scenario.command({ verb: 'switch', to: name, acceptLoss }));
    expect(to('b')).toBe('watch/refused-down');
    expect(to('nobody')).toBe('watch/no-such-member');
    expect(to('B')).toBe('watch/no-such-member-meant');
    scenario.command({ verb: 'drain', member: 'c', acceptLoss: false });
    expect(to('c')).toBe('watch/refused-drained');
    expect(scenario.answering).toEqual(['a']);
  });

  test('is refused where the target falls during the parity check', () => {
    const scenario = running();
    const asked = scenario.command({ verb: 'switch', to: 'standby', acceptLoss: false });
    scenario.settle('standby', 'down');
    expect(refusalOf(scenario.parity(asked, true))).toBe('watch/refused-down');
  });

  test('is told when a failover overtook it', () => {
    const scenario = running({ members: testMembers('a', 'b', 'c') });
    scenario.command({ verb: 'switch', to: 'c', acceptLoss: false });
    const decision = scenario.settle('a', 'down');
    expect(decision.answer?.members).toEqual(['b']);
    expect(refusalOf(decision)).toBe('watch/overtaken');
  });

  test('is refused when its parity check never comes back', () => {
    const scenario = running();
    scenario.command({ verb: 'switch', to: 'standby', acceptLoss: false });
    expect(refusalOf(scenario.wait(scenario.policy.parityTimeoutMs))).toBe('watch/parity-lost');
    expect(scenario.state.pending).toBeUndefined();
  });

  test('changes nothing where the member answers already', () => {
    const scenario = running();
    const decision = scenario.command({ verb: 'switch', to: 'original', acceptLoss: false });
    expect(decision.replies).toMatchObject([{ outcome: 'unchanged' }]);
    expect(decision.answer).toBeUndefined();
  });

  test('refuses a second one while the first waits', () => {
    const scenario = running({ members: testMembers('a', 'b', 'c') });
    scenario.command({ verb: 'switch', to: 'b', acceptLoss: false });
    expect(refusalOf(scenario.command({ verb: 'switch', to: 'c', acceptLoss: true }))).toBe('watch/busy');
  });
});

describe('failback', () => {
  test('does nothing at home', () => {
    const decision = running().command({ verb: 'failback', acceptLoss: false });
    expect(decision.replies).toMatchObject([
      { outcome: 'unchanged', because: { code: 'watch/already-home' } },
    ]);
  });

  test('is refused while the original is down, with the reason', () => {
    const scenario = running();
    scenario.settle('original', 'down');
    expect(refusalOf(scenario.command({ verb: 'failback', acceptLoss: true }))).toBe('watch/refused-down');
  });
});

describe('drain', () => {
  test('of the active member is a switchover with parity', () => {
    const scenario = running();
    const asked = scenario.command({ verb: 'drain', member: 'original', acceptLoss: false });
    expect(asked.act).toMatchObject({ candidate: 'standby', active: 'original' });
    expect(scenario.parity(asked, true).answer?.members).toEqual(['standby']);
    expect(scenario.wait(1e9).because.code).toBe('watch/failback-drained');
    const undrained = scenario.command({ verb: 'undrain', member: 'original' });
    expect(undrained.replies).toMatchObject([{ outcome: 'done' }]);
    expect(undrained.act?.kind).toBe('check-parity');
  });

  test('is refused for the last member that is well', () => {
    const scenario = running();
    scenario.settle('standby', 'down');
    expect(refusalOf(scenario.command({ verb: 'drain', member: 'original', acceptLoss: true }))).toBe(
      'watch/refused-last',
    );
    const both = running();
    both.command({ verb: 'drain', member: 'standby', acceptLoss: false });
    expect(refusalOf(both.command({ verb: 'drain', member: 'original', acceptLoss: true }))).toBe(
      'watch/refused-last',
    );
  });

  test('of one of many removes it at once, and only once', () => {
    const scenario = running({ policy: 'all-healthy' });
    const decision = scenario.command({ verb: 'drain', member: 'standby', acceptLoss: false });
    expect(decision.answer?.members).toEqual(['original']);
    expect(decision.replies).toMatchObject([{ outcome: 'done' }]);
    const again = scenario.command({ verb: 'drain', member: 'standby', acceptLoss: false });
    expect(again.replies).toMatchObject([{ outcome: 'unchanged' }]);
  });

  test('keeps a drained standby out of a failover', () => {
    const scenario = running({ members: testMembers('a', 'b', 'c') });
    scenario.command({ verb: 'drain', member: 'b', acceptLoss: false });
    expect(scenario.settle('a', 'down').answer?.members).toEqual(['c']);
  });
});

describe('force', () => {
  test('beats everything until it expires, then automatism takes over at once', () => {
    const scenario = running();
    scenario.settle('standby', 'down');
    const decision = scenario.command({ verb: 'force', members: ['standby'], forMs: 7_200_000 });
    expect(decision.answer?.members).toEqual(['standby']);
    expect(scenario.wait(7_199_999).because).toMatchObject({
      code: 'watch/forced-until',
      params: { members: ['standby'], by: 'li', until: '2026-01-01T02:00:10.000Z' },
    });
    const after = scenario.wait(1);
    expect(after.answer?.members).toEqual(['original']);
    expect(scenario.state.override).toBeUndefined();
    expect(scenario.state.history.map((line) => line.kind)).toEqual([
      'failover',
      'released',
      'forced',
      'first',
    ]);
  });

  test('is not lifted by setting the machine’s clock', () => {
    const scenario = running();
    scenario.command({ verb: 'force', members: ['standby'], forMs: 60_000 });
    scenario.wall += 1e9;
    scenario.wait(59_999);
    expect(scenario.state.override).toBeDefined();
  });

  test('refuses switch and failback, and draining whom it forces', () => {
    const scenario = running();
    scenario.command({ verb: 'force', members: ['standby'] });
    expect(refusalOf(scenario.command({ verb: 'switch', to: 'original', acceptLoss: true }))).toBe(
      'watch/refused-forced',
    );
    expect(refusalOf(scenario.command({ verb: 'failback', acceptLoss: true }))).toBe('watch/refused-forced');
    expect(refusalOf(scenario.command({ verb: 'drain', member: 'standby', acceptLoss: true }))).toBe(
      'watch/refused-forced',
    );
  });

  test('is given up by release, and the member that answers keeps answering while it is well', () => {
    const scenario = running();
    scenario.command({ verb: 'force', members: ['standby'] });
    const decision = scenario.command({ verb: 'release' });
    expect(decision.replies).toMatchObject([{ outcome: 'done' }]);
    expect(scenario.answering).toEqual(['standby']);
    expect(scenario.command({ verb: 'release' }).replies).toMatchObject([{ outcome: 'unchanged' }]);
  });

  test('given up while the member that answers is drained fails over, and says who drained it', () => {
    const scenario = running();
    scenario.command({ verb: 'drain', member: 'standby', acceptLoss: false });
    scenario.command({ verb: 'force', members: ['standby'] });
    scenario.command({ verb: 'release' });
    expect(scenario.answering).toEqual(['original']);
    expect(scenario.state.history[0]).toMatchObject({
      kind: 'failover',
      because: { params: { why: { code: 'watch/drained', params: { member: 'standby', by: 'li' } } } },
    });
  });

  test('cannot force two members where only one can answer, nor nobody', () => {
    const scenario = running();
    expect(refusalOf(scenario.command({ verb: 'force', members: ['original', 'standby'] }))).toBe(
      'watch/refused-many',
    );
    expect(refusalOf(scenario.command({ verb: 'force', members: [] }))).toBe('watch/refused-nobody');
  });

  test('overtakes a switch that waits', () => {
    const scenario = running();
    scenario.command({ verb: 'switch', to: 'standby', acceptLoss: false });
    const decision = scenario.command({ verb: 'force', members: ['original'] });
    expect(decision.replies).toMatchObject([
      { id: 'c1', outcome: 'refused', because: { code: 'watch/overtaken' } },
      { id: 'c2', outcome: 'done' },
    ]);
  });
});

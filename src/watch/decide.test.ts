import { describe, expect, test } from 'vitest';
import { Scenario, testMembers, testPolicy } from '../../test/watch-scenario.ts';
import { decide } from './decide.ts';

/** Both up, original answers. */
function running(...policy: Parameters<typeof testPolicy>): Scenario {
  const scenario = new Scenario(testPolicy(...policy));
  for (const { name } of scenario.policy.members) scenario.settle(name, 'up');
  scenario.wait(scenario.policy.holdDownMs);
  return scenario;
}

/** Original fell, standby answers, the hold-down is over. */
function failedOver(over: Parameters<typeof testPolicy>[0] = {}): Scenario {
  const scenario = running(over);
  scenario.settle('original', 'down');
  scenario.wait(scenario.policy.holdDownMs);
  return scenario;
}

describe('the first answer', () => {
  test('is the preferred member as soon as one probe of it succeeds', () => {
    const scenario = new Scenario(testPolicy());
    expect(scenario.probe('standby', 'up').because.code).toBe('watch/first-waits');
    const decision = scenario.probe('original', 'up');
    expect(decision.answer).toMatchObject({ members: ['original'], ttlMs: 1_000 });
  });

  test('does not go to the standby because of a single lost packet', () => {
    const scenario = new Scenario(testPolicy());
    scenario.probe('standby', 'up');
    expect(scenario.probe('original', 'down').answer).toBeUndefined();
    expect(scenario.probe('original', 'down').answer?.members).toEqual(['standby']);
  });

  test('stops waiting for a member that nobody can judge when the grace is over', () => {
    const scenario = new Scenario(testPolicy());
    scenario.probe('standby', 'up');
    expect(scenario.wait(scenario.policy.graceMs - 1).answer).toBeUndefined();
    expect(scenario.wait(1).answer?.members).toEqual(['standby']);
  });

  test('is not given while nobody has ever been well', () => {
    const scenario = new Scenario(testPolicy());
    scenario.settle('original', 'down');
    const decision = scenario.settle('standby', 'down');
    expect(decision.answer).toBeUndefined();
    expect(scenario.wait(60_000).because.code).toBe('watch/none-up-yet');
    expect(scenario.state.answer).toBeUndefined();
  });

  test('is what clients get already, so that starting to watch moves nobody', () => {
    const scenario = new Scenario(testPolicy());
    const decision = scenario.feed({ type: 'adopted', members: ['standby'], at: scenario.at });
    expect(decision.answer?.members).toEqual(['standby']);
    scenario.settle('original', 'up');
    scenario.settle('standby', 'up');
    expect(scenario.answering).toEqual(['standby']);
  });

  test('is not adopted where the policy could not have given it', () => {
    const scenario = new Scenario(testPolicy());
    scenario.feed({ type: 'adopted', members: ['original', 'standby'], at: scenario.at });
    scenario.feed({ type: 'adopted', members: [], at: scenario.at });
    expect(scenario.answering).toEqual([]);
  });
});

describe('failover', () => {
  test('happens at the fall-th consecutive failure, with the reason of the probe', () => {
    const scenario = running();
    expect(scenario.probe('original', 'down').answer).toBeUndefined();
    const decision = scenario.probe('original', 'down');
    expect(decision.answer?.members).toEqual(['standby']);
    expect(decision.because).toMatchObject({
      code: 'watch/failover',
      params: { from: 'original', to: 'standby', why: { params: { why: { code: 'test/down' } } } },
    });
  });

  test('does not happen where one success lies between the failures', () => {
    const scenario = running();
    for (let n = 0; n < 10; n++) {
      scenario.probe('original', 'down');
      scenario.probe('original', 'up');
    }
    expect(scenario.answering).toEqual(['original']);
  });

  test('does not happen because a prober is broken', () => {
    const scenario = running();
    const before = scenario.state;
    for (let n = 0; n < 50; n++) scenario.probe('original', 'unknown');
    expect(scenario.state).toBe(before);
  });

  test('goes to the first healthy member in order', () => {
    const scenario = running({ members: testMembers('a', 'b', 'c') });
    scenario.settle('b', 'down');
    expect(scenario.settle('a', 'down').answer?.members).toEqual(['c']);
  });

  test('is immediate even inside the hold-down', () => {
    const scenario = failedOver();
    scenario.settle('original', 'up');
    scenario.settle('standby', 'down');
    expect(scenario.answering).toEqual(['original']);
    scenario.settle('standby', 'up');
    expect(scenario.settle('original', 'down').answer?.members).toEqual(['standby']);
  });

  test('passes over a flapping member where another is up', () => {
    const scenario = running({ members: testMembers('a', 'b', 'c'), holdDownMs: 0 });
    for (let n = 0; n < 3; n++) {
      scenario.settle('b', 'down');
      scenario.settle('b', 'up');
    }
    expect(scenario.settle('a', 'down').answer?.members).toEqual(['c']);
    expect(scenario.settle('c', 'down').answer?.members).toEqual(['b']);
  });

  test('does not go to a member whose own last probe failed, until it is sure', () => {
    const scenario = running();
    scenario.probe('standby', 'down');
    scenario.probe('original', 'down');
    expect(scenario.probe('original', 'down').because).toMatchObject({
      code: 'watch/doubted',
      params: { members: ['standby'] },
    });
    expect(scenario.probe('standby', 'up').answer?.members).toEqual(['standby']);
  });

  test('leaves the answer as it was where all fall one after the other', () => {
    const scenario = running({ policy: 'all-healthy', members: testMembers('a', 'b', 'c') });
    for (const name of ['a', 'b', 'c', 'a', 'b', 'c']) scenario.probe(name, 'down');
    expect(scenario.answering).toEqual(['a', 'b', 'c']);
    expect(scenario.wait(0).because.code).toBe('watch/all-down');
  });

  test('does not wait for ever for a doubt that nothing resolves', () => {
    const scenario = running();
    scenario.probe('standby', 'down');
    scenario.settle('original', 'down');
    expect(scenario.wait(scenario.policy.graceMs - 1).answer).toBeUndefined();
    expect(scenario.wait(1).answer?.members).toEqual(['standby']);
  });

  test('is down as soon as one of several probes is down', () => {
    const probes = [
      { name: 'files', kind: 'memory', args: {} },
      { name: 'registry', kind: 'memory', args: {} },
    ];
    const scenario = running({ probes });
    scenario.probe('original', 'down', 'registry');
    scenario.probe('original', 'up', 'files');
    expect(scenario.probe('original', 'down', 'registry').answer?.members).toEqual(['standby']);
  });

  test('keeps the same state object for the many results that change nothing', () => {
    const scenario = running();
    const before = scenario.state;
    scenario.probe('original', 'up');
    expect(scenario.state).toBe(before);
  });
});

describe('fail static', () => {
  test('keeps the last answer while all are down, and says since when', () => {
    const scenario = failedOver();
    const epoch = scenario.state.epoch;
    const decision = scenario.settle('standby', 'down');
    expect(decision.answer).toBeUndefined();
    expect(scenario.wait(3_600_000).because).toMatchObject({ code: 'watch/all-down' });
    expect(scenario.answering).toEqual(['standby']);
    expect(scenario.state.epoch).toBe(epoch);
    expect(scenario.state.allDownSince).toBe(scenario.wall - 3_600_000);
  });

  test('ends with the first member that comes back', () => {
    const scenario = failedOver();
    scenario.settle('standby', 'down');
    scenario.wait(1_000);
    expect(scenario.settle('original', 'up').answer?.members).toEqual(['original']);
    expect(scenario.state.allDownSince).toBeUndefined();
  });

  test('does not use a member that a person drained, but says that it is up', () => {
    const scenario = running();
    scenario.command({ verb: 'drain', member: 'standby', acceptLoss: false });
    scenario.settle('original', 'down');
    expect(scenario.answering).toEqual(['original']);
    expect(scenario.wait(1_000).because).toMatchObject({
      code: 'watch/all-down-but-drained',
      params: { drained: ['standby'] },
    });
    expect(scenario.command({ verb: 'undrain', member: 'standby' }).answer?.members).toEqual(['standby']);
  });
});

describe('failback', () => {
  test('waits for the time well, then for parity, and says each time what it waits for', () => {
    const scenario = failedOver();
    expect(scenario.wait(0).because.code).toBe('watch/failback-down');
    scenario.settle('original', 'up');
    expect(scenario.wait(59_999).because).toMatchObject({
      code: 'watch/failback-well-time',
      params: { member: 'original', time: '1m', until: '2026-01-01T00:01:20.000Z' },
    });
    const asked = scenario.wait(1);
    expect(asked.act).toMatchObject({ kind: 'check-parity', candidate: 'original', active: 'standby' });
    expect(scenario.parity(asked, false).because).toMatchObject({
      code: 'watch/failback-lacks',
      params: { member: 'original', why: { code: 'test/lacks' } },
    });
    expect(scenario.wait(scenario.policy.parityRecheckMs - 1).act).toBeUndefined();
    const again = scenario.wait(1);
    expect(again.because.code).toBe('watch/failback-lacks');
    expect(scenario.answering).toEqual(['standby']);
    expect(scenario.parity(again, true).answer?.members).toEqual(['original']);
  });

  test('begins its time anew after a single failed probe', () => {
    const scenario = failedOver();
    scenario.settle('original', 'up');
    scenario.wait(50_000);
    scenario.probe('original', 'down');
    expect(scenario.wait(0).because.code).toBe('watch/failback-not-well');
    scenario.probe('original', 'up');
    expect(scenario.wait(59_999).act).toBeUndefined();
    expect(scenario.wait(1).act).toBeDefined();
  });

  test('does not count a parity check that was asked before the member stumbled', () => {
    const scenario = failedOver();
    scenario.settle('original', 'up');
    const asked = scenario.wait(60_000);
    scenario.probe('original', 'down');
    scenario.probe('original', 'up');
    expect(scenario.parity(asked, true).answer).toBeUndefined();
    expect(scenario.answering).toEqual(['standby']);
  });

  test('asks anew after a stumble even where no time well is asked for', () => {
    const scenario = failedOver({ failback: { mode: 'auto', afterMs: 0 } });
    scenario.probe('original', 'up');
    const asked = scenario.probe('original', 'up');
    expect(asked.act?.kind).toBe('check-parity');
    scenario.probe('original', 'down');
    scenario.probe('original', 'up');
    expect(scenario.parity(asked, true).because.code).toBe('watch/parity-late');
    expect(scenario.answering).toEqual(['standby']);
  });

  test('asks again where a parity check never came back', () => {
    const scenario = failedOver();
    scenario.settle('original', 'up');
    const asked = scenario.wait(60_000);
    expect(scenario.wait(scenario.policy.parityTimeoutMs - 1).act).toBeUndefined();
    const again = scenario.wait(1);
    expect(again.act).toMatchObject({ kind: 'check-parity' });
    expect(scenario.parity(asked, true).because.code).toBe('watch/parity-late');
    expect(scenario.parity(again, true).answer?.members).toEqual(['original']);
  });

  test('is left to a person where it is manual', () => {
    const scenario = failedOver({ failback: { mode: 'manual', afterMs: 60_000 } });
    scenario.settle('original', 'up');
    expect(scenario.wait(1e9).because.code).toBe('watch/failback-manual');
    const asked = scenario.command({ verb: 'failback', acceptLoss: false });
    expect(asked.because.code).toBe('watch/asking-parity');
    const done = scenario.parity(asked, true);
    expect(done.answer?.members).toEqual(['original']);
    expect(done.replies).toMatchObject([{ id: 'c1', outcome: 'done' }]);
  });

  test('waits while the member is suppressed for flapping', () => {
    const scenario = running({ failback: { mode: 'auto', afterMs: 1_000 }, holdDownMs: 0 });
    for (let n = 0; n < 3; n++) {
      scenario.settle('original', 'down');
      scenario.settle('original', 'up');
    }
    expect(scenario.wait(2_000).because.code).toBe('watch/failback-suppressed');
    expect(scenario.wait(600_000).act?.kind).toBe('check-parity');
  });
});

describe('all-healthy', () => {
  test('answers with all that are up, in order, and drops a fallen one at once', () => {
    const scenario = running({ policy: 'all-healthy', members: testMembers('a', 'b', 'c') });
    expect(scenario.answering).toEqual(['a', 'b', 'c']);
    expect(scenario.settle('b', 'down').answer?.members).toEqual(['a', 'c']);
  });

  test('lets a member join only after the hold-down', () => {
    const scenario = running({ policy: 'all-healthy' });
    scenario.settle('standby', 'down');
    scenario.settle('standby', 'up');
    expect(scenario.wait(9_999).because).toMatchObject({
      code: 'watch/hold-down',
      params: { members: ['standby'] },
    });
    expect(scenario.wait(1).answer?.members).toEqual(['original', 'standby']);
  });

  test('keeps a flapping member out until its penalty has decayed', () => {
    const scenario = running({ policy: 'all-healthy', holdDownMs: 0 });
    for (let n = 0; n < 3; n++) {
      scenario.settle('standby', 'down');
      scenario.settle('standby', 'up');
    }
    expect(scenario.answering).toEqual(['original']);
    scenario.wait(300_000);
    expect(scenario.answering).toEqual(['original']);
    expect(scenario.wait(300_000).answer?.members).toEqual(['original', 'standby']);
  });

  test('uses a suppressed member where no other is up', () => {
    const scenario = running({ policy: 'all-healthy', holdDownMs: 0 });
    for (let n = 0; n < 3; n++) {
      scenario.settle('standby', 'down');
      scenario.settle('standby', 'up');
    }
    expect(scenario.settle('original', 'down').answer?.members).toEqual(['standby']);
  });

  test('keeps the members that answered last when all are down', () => {
    const scenario = running({ policy: 'all-healthy' });
    scenario.settle('original', 'down');
    scenario.settle('standby', 'down');
    expect(scenario.answering).toEqual(['standby']);
    expect(scenario.settle('original', 'up').answer?.members).toEqual(['original']);
  });

  test('does not call adopted members down before they are judged', () => {
    const scenario = new Scenario(testPolicy({ policy: 'all-healthy' }));
    scenario.feed({ type: 'adopted', members: ['original', 'standby'], at: scenario.at });
    expect(scenario.settle('original', 'up').answer).toBeUndefined();
    expect(scenario.state.allDownSince).toBeUndefined();
    expect(scenario.answering).toEqual(['original', 'standby']);
  });

  test('has no use for switch', () => {
    const scenario = running({ policy: 'all-healthy' });
    const decision = scenario.command({ verb: 'switch', to: 'standby', acceptLoss: false });
    expect(decision.replies).toMatchObject([
      { outcome: 'refused', because: { code: 'watch/refused-policy' } },
    ]);
  });
});

describe('weighted', () => {
  test('uses a member of weight 0 only where no other is up', () => {
    const members = testMembers('a', 'b', 'spare').map((member) =>
      member.name === 'spare' ? { ...member, weight: 0 } : member,
    );
    const scenario = running({ policy: 'weighted', members });
    expect(scenario.answering).toEqual(['a', 'b']);
    scenario.settle('a', 'down');
    expect(scenario.settle('b', 'down').answer?.members).toEqual(['spare']);
  });
});

describe('drift', () => {
  const drift = { code: 'test/drift', params: {} };

  test('is mended once in a hold-down, with the epoch that stands', () => {
    const scenario = running();
    const { epoch } = scenario.state;
    const first = scenario.feed({ type: 'observed', epoch, drift, at: scenario.at });
    expect(first.act?.kind).toBe('republish');
    expect(scenario.state.epoch).toBe(epoch);
    scenario.wait(9_999);
    const second = scenario.feed({ type: 'observed', epoch, drift, at: scenario.at });
    expect(second).toMatchObject({ because: { code: 'watch/drift-again' } });
    expect(second.act).toBeUndefined();
    scenario.wait(1);
    expect(scenario.feed({ type: 'observed', epoch, drift, at: scenario.at }).act?.kind).toBe('republish');
  });

  test('counts for nothing where another answer was decided since', () => {
    const scenario = running();
    const { epoch } = scenario.state;
    scenario.settle('original', 'down');
    expect(scenario.feed({ type: 'observed', epoch, drift, at: scenario.at }).act).toBeUndefined();
  });
});

describe('an endpoint that the hosts move by themselves', () => {
  const drift = { code: 'test/drift', params: {} };
  const moved = () => {
    const scenario = running({}, { hostsDecide: true });
    const { epoch } = scenario.state;
    return { scenario, seen: { type: 'observed', epoch, drift, members: ['standby'] } as const };
  };

  test('is followed: the new owner is the answer, under a new epoch, and nothing is undone', () => {
    const { scenario, seen } = moved();

    const decision = scenario.feed({ ...seen, at: scenario.at });

    expect(decision.act).toBeUndefined();
    expect(decision.answer).toMatchObject({ members: ['standby'], epoch: seen.epoch + 1 });
    expect(scenario.state.history[0]).toMatchObject({
      kind: 'failover',
      from: ['original'],
      to: ['standby'],
    });
  });

  test('is found where the hosts have moved it while nobody watched, also by a command without a watcher', () => {
    const { state, policy, at } = running({}, { hostsDecide: true });
    for (const automatic of [true, false]) {
      const find = (member: string) =>
        decide(state, { type: 'adopted', members: [member], at }, { ...policy, automatic }).answer?.members;
      expect(find('original')).toBeUndefined();
      expect(find('standby')).toEqual(['standby']);
    }
  });

  test('is not followed to two owners at once, nor to a stranger', () => {
    const { scenario, seen } = moved();
    const two = scenario.feed({ ...seen, members: ['original', 'standby'], at: scenario.at });
    expect(two.answer).toBeUndefined();
    scenario.wait(10_000);
    expect(scenario.feed({ ...seen, members: ['nobody'], at: scenario.at }).answer).toBeUndefined();
  });

  test('is led back where a person has said who is to answer', () => {
    const { scenario } = moved();
    scenario.command({ verb: 'force', members: ['original'] });
    const { epoch } = scenario.state;

    const decision = scenario.feed({ type: 'observed', epoch, drift, members: ['standby'], at: scenario.at });

    expect(decision.act?.kind).toBe('republish');
  });
});

describe('a newer leader', () => {
  test('ends all decisions and refuses commands', () => {
    const scenario = running();
    const because = { code: 'test/newer', params: {} };
    expect(scenario.feed({ type: 'refused-as-older', because, at: scenario.at }).because.code).toBe(
      'watch/stood-down',
    );
    expect(scenario.settle('original', 'down').answer).toBeUndefined();
    const decision = scenario.command({ verb: 'force', members: ['standby'] });
    expect(decision.replies).toMatchObject([{ outcome: 'refused', because: { code: 'watch/stood-down' } }]);
    expect(decision.answer).toBeUndefined();
  });

  test('refuses the command that was waiting for parity', () => {
    const scenario = running();
    scenario.command({ verb: 'switch', to: 'standby', acceptLoss: false });
    const because = { code: 'test/newer', params: {} };
    const decision = scenario.feed({ type: 'refused-as-older', because, at: scenario.at });
    expect(decision.replies).toMatchObject([{ id: 'c1', outcome: 'refused' }]);
  });
});

describe('without automatism', () => {
  test('nothing moves but by command', () => {
    const scenario = running();
    scenario.policy = { ...scenario.policy, automatic: false };
    scenario.settle('original', 'down');
    expect(scenario.answering).toEqual(['original']);
    const decision = scenario.command({ verb: 'switch', to: 'standby', acceptLoss: true });
    expect(decision.answer?.members).toEqual(['standby']);
  });
});

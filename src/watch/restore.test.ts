import { expect, test } from 'vitest';
import { Scenario, testMembers, testPolicy } from '../../test/watch-scenario.ts';

function failedOver(): Scenario {
  const scenario = new Scenario(testPolicy());
  scenario.settle('original', 'up');
  scenario.settle('standby', 'up');
  scenario.settle('original', 'down');
  return scenario;
}

test('the answer stands after a restart, with a greater epoch and its old reason', () => {
  const scenario = failedOver();
  const before = scenario.state;
  const after = scenario.restart(5_000);
  expect(after.answer?.members).toEqual(['standby']);
  expect(after.answer?.because).toEqual(before.answer?.because);
  expect(after.epoch).toBeGreaterThan(before.epoch);
  expect(after.answer?.epoch).toBe(after.epoch);
  expect(after.answeredAt).toBe(before.answeredAt);
});

test('it takes fall failures after the restart to leave the active member', () => {
  const scenario = failedOver();
  scenario.settle('original', 'up');
  scenario.probe('standby', 'down');
  scenario.restart();
  scenario.probe('original', 'up');
  expect(scenario.probe('standby', 'down').answer).toBeUndefined();
  expect(scenario.probe('standby', 'down').answer?.members).toEqual(['original']);
});

test('nobody moves to a member that has not been asked since the restart', () => {
  const scenario = failedOver();
  scenario.settle('original', 'up');
  scenario.restart();
  scenario.probe('standby', 'down');
  expect(scenario.probe('standby', 'down').because.code).toBe('watch/doubted');
  expect(scenario.probe('original', 'up').answer?.members).toEqual(['original']);
});

test('a stored verdict is not called well before the first result of every probe', () => {
  const scenario = failedOver();
  scenario.settle('original', 'up');
  scenario.restart(1e9);
  expect(scenario.wait(60_000).because.code).toBe('watch/failback-not-well');
  scenario.probe('original', 'up');
  expect(scenario.wait(59_999).act).toBeUndefined();
  expect(scenario.wait(1).act?.kind).toBe('check-parity');
});

test('the hold-down goes on over a restart, as long as the wall clock says it would have', () => {
  const scenario = new Scenario(testPolicy({ policy: 'all-healthy' }));
  scenario.settle('original', 'up');
  scenario.settle('standby', 'up');
  scenario.wait(20_000);
  scenario.settle('standby', 'down');
  scenario.settle('standby', 'up');
  scenario.restart(4_000);
  scenario.probe('standby', 'up');
  expect(scenario.wait(5_999).answer).toBeUndefined();
  expect(scenario.wait(1).answer?.members).toEqual(['original', 'standby']);
});

test('an override keeps its expiry over a restart, and is not shortened where the wall clock went back', () => {
  const scenario = failedOver();
  scenario.command({ verb: 'force', members: ['original'], forMs: 60_000 });
  scenario.restart(40_000);
  scenario.wait(19_999);
  expect(scenario.state.override).toBeDefined();
  scenario.wait(1);
  expect(scenario.state.override).toBeUndefined();

  const back = failedOver();
  back.command({ verb: 'force', members: ['original'], forMs: 60_000 });
  back.restart(-1e9);
  back.wait(59_999);
  expect(back.state.override).toBeDefined();
});

test('flap penalties and drains survive', () => {
  const scenario = failedOver();
  scenario.command({ verb: 'drain', member: 'original', acceptLoss: false });
  for (let n = 0; n < 3; n++) {
    scenario.settle('original', 'up');
    scenario.settle('original', 'down');
  }
  const penalty = scenario.state.members[0]?.damping.penalty;
  const after = scenario.restart(1_000).members[0];
  expect(penalty).toBeGreaterThan(0);
  expect(after?.damping).toMatchObject({ penalty, suppressed: true, atMs: 5 - 1_000 });
  expect(after?.drained).toMatchObject({ by: 'li' });
});

test('a member that the site no longer has leaves the answer, and the history says why', () => {
  const scenario = failedOver();
  scenario.policy = testPolicy({ members: testMembers('original', 'third') });
  const after = scenario.restart();
  expect(after.answer).toBeUndefined();
  expect(after.members.map((member) => [member.name, member.status])).toEqual([
    ['original', 'down'],
    ['third', 'unknown'],
  ]);
});

test('a policy that answers with one member keeps only the first of several', () => {
  const scenario = new Scenario(testPolicy({ policy: 'all-healthy' }));
  scenario.settle('original', 'up');
  scenario.settle('standby', 'up');
  scenario.policy = testPolicy();
  const after = scenario.restart();
  expect(after.answer?.members).toEqual(['original']);
  expect(after.history[0]).toMatchObject({ kind: 'site-changed', from: ['original', 'standby'] });
});

test('a probe that the site added makes a member not known, and the answer stays', () => {
  const scenario = failedOver();
  const probes = [
    { name: 'tcp', kind: 'memory', args: {} },
    { name: 'http', kind: 'memory', args: {} },
  ];
  scenario.policy = testPolicy({ probes });
  const after = scenario.restart();
  expect(after.members[1]?.status).toBe('unknown');
  scenario.probe('standby', 'up', 'tcp');
  expect(scenario.answering).toEqual(['standby']);
});

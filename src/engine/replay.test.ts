import { expect, test } from 'vitest';
import { toErrorRecord } from '../base/errors.ts';
import type { Entry, EntryBody } from '../store/journal.ts';
import { replay } from './replay.ts';

const by = { user: 'anna', host: 'ctl', pid: 1 };
const because = { code: 'test/why', params: {} };
const evidence = { asked: 'x', got: 'y', at: 1, tookMs: 1 };
const error = toErrorRecord(new Error('broken'));
const opened: EntryBody = { type: 'run-opened', plan: 'sha256:p', by };
const begun = (step: string): EntryBody => ({ type: 'step-begun', step, undo: { old: 1 } });

function state(...bodies: EntryBody[]) {
  return replay(bodies.map((body, at): Entry => ({ at, epoch: 1, ...body })));
}
const status = (...bodies: EntryBody[]) => state(opened, ...bodies).steps.get('s')?.status;

test('an empty journal is a run that did nothing', () => {
  expect(state()).toMatchObject({ phase: 'empty', begun: [], isGoingBack: false });
});

test('each entry moves its step on', () => {
  expect(status({ type: 'step-skipped', step: 's', because })).toBe('skipped');
  expect(status(begun('s'))).toBe('unknown');
  expect(status(begun('s'), { type: 'step-applied', step: 's' })).toBe('applied');
  const verified: EntryBody[] = [
    begun('s'),
    { type: 'step-applied', step: 's' },
    { type: 'step-verified', step: 's', evidence },
  ];
  expect(status(...verified)).toBe('verified');
  expect(status(begun('s'), { type: 'step-failed', step: 's', error })).toBe('failed');
  expect(status({ type: 'step-failed', step: 's', error })).toBe('refused');
  expect(status(...verified, { type: 'revert-begun', step: 's' })).toBe('reverting');
  const reverted: EntryBody = { type: 'step-reverted', step: 's' };
  expect(status(...verified, { type: 'revert-begun', step: 's' }, reverted)).toBe('reverted');
});

test('amendments merge into the undo, and what was captured stays known beside it', () => {
  const amended = state(
    opened,
    begun('s'),
    { type: 'undo-amended', step: 's', patch: { backup: '/b' } },
    { type: 'undo-amended', step: 's', patch: { old: 2 } },
  );
  expect(amended.steps.get('s')).toMatchObject({ undo: { old: 2, backup: '/b' }, captured: { old: 1 } });
});

test('a retry keeps the first undo and forgets the error', () => {
  const retried = state(
    opened,
    begun('s'),
    { type: 'step-failed', step: 's', error },
    { type: 'run-resumed', by },
    { type: 'step-retried', step: 's', because },
  ).steps.get('s');
  expect(retried).toMatchObject({ status: 'unknown', undo: { old: 1 }, retries: 1 });
  expect(retried).not.toHaveProperty('error');
});

test('the order of beginning is kept, each step once', () => {
  const order = state(opened, begun('x'), begun('y'), { type: 'run-resumed', by }, begun('x'), begun('z'));
  expect(order.begun).toEqual(['x', 'y', 'z']);
});

test('a run is open until it is closed, opens again with a resume, and never turns round after a rollback', () => {
  expect(state(opened).phase).toBe('open');
  const closed: EntryBody = { type: 'run-closed', outcome: 'stopped', because };
  expect(state(opened, closed)).toMatchObject({ phase: 'closed', outcome: 'stopped', closedAt: 1 });
  const resumed = state(opened, closed, { type: 'run-resumed', by });
  expect(resumed.phase).toBe('open');
  expect(resumed.outcome).toBeUndefined();
  const back = state(opened, closed, { type: 'rollback-begun', by });
  expect(back).toMatchObject({ phase: 'rolling-back', isGoingBack: true });
  const ended = state(
    opened,
    { type: 'rollback-begun', by },
    { type: 'run-closed', outcome: 'reverted', because },
  );
  expect(ended).toMatchObject({ phase: 'closed', outcome: 'reverted', isGoingBack: true });
});

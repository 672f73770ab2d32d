import { expect, test } from 'vitest';
import type { Reason } from '../base/reason.ts';
import type { ProbeResult, ProbeStatus } from '../probes/probe.ts';
import { createWarner } from './warner.ts';
import type { EndpointEvent } from './watch-event.ts';

const soon = (left: string): Reason => ({ code: 'tls/expires-soon', params: { left } });
const name: Reason = { code: 'tls/name-not-covered', params: {} };

function result(status: ProbeStatus, ...warnings: Reason[]): ProbeResult {
  const because = { code: 'test', params: {} };
  const about = { asked: 'a', got: 'b', expected: 'c', tookMs: 1, at: 0, because };
  return { status, ...about, ...(warnings.length === 0 ? {} : { warnings }) };
}

function listening(): { told: string[]; tell: (probed: ProbeResult, member?: string) => void } {
  const told: string[] = [];
  const warner = createWarner((event: EndpointEvent) => {
    if (event.type !== 'warned') return;
    const { why } = event.because.params;
    const what = typeof why === 'object' && 'code' in why ? why.code : event.because.code;
    told.push(`${event.member} ${event.probe} ${what}`);
  });
  return { told, tell: (probed, member = 'original') => warner.tell(member, 'registry', probed) };
}

test('a warning is told once, although the time it speaks of changes with every probe', () => {
  const { told, tell } = listening();
  tell(result('up', soon('10d')));
  tell(result('up', soon('9d23h')));
  expect(told).toEqual(['original registry tls/expires-soon']);
});

test('each member and each further warning is told for itself', () => {
  const { told, tell } = listening();
  tell(result('up', soon('10d')));
  tell(result('up', soon('10d'), name));
  tell(result('up', soon('10d')), 'standby');
  expect(told).toEqual([
    'original registry tls/expires-soon',
    'original registry tls/name-not-covered',
    'standby registry tls/expires-soon',
  ]);
});

test('its end is told, once, and it may come again', () => {
  const { told, tell } = listening();
  tell(result('up', soon('10d')));
  tell(result('up'));
  tell(result('up'));
  tell(result('up', soon('10d')));
  expect(told).toEqual([
    'original registry tls/expires-soon',
    'original registry watch/probe-warns-no-more',
    'original registry tls/expires-soon',
  ]);
});

test('a fall says nothing about a warning: it is not told again after the rise', () => {
  const { told, tell } = listening();
  tell(result('up', soon('10d')));
  tell(result('down'));
  tell(result('unknown'));
  tell(result('up', soon('9d')));
  expect(told).toHaveLength(1);
});

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { faultName } from './fault-folder.ts';
import { faultKinds } from './kinds.ts';

describe('kinds of faults', () => {
  test('have the name of their file', () => {
    const files = readdirSync(import.meta.dirname).filter((file) =>
      readFileSync(`${import.meta.dirname}/${file}`, 'utf8').includes(': FaultKind<'),
    );
    const kinds = files
      .filter((file) => !/test|kinds|lab-faults/.test(file))
      .map((file) => file.replace('.ts', ''));
    expect(kinds.sort()).toEqual([...faultKinds.names].sort());
  });

  test.each([
    ['kill', { unit: 'nginx' }],
    ['isolate', { from: [] }],
    ['isolate', { direction: 'sideways' }],
    ['slow', {}],
    ['slow', { delayMs: 100, rate: '100kbit' }],
    ['slow', { rate: '100kbit; reboot' }],
    ['clock-skew', { unit: 'nginx', byMs: 0 }],
    ['clock-skew', { byMs: 1_000 }],
    ['stop-service', { unit: '../nginx' }],
    ['stop-service', { unit: 'nginx', signal: 'BANG' }],
  ])('refuse what they do not understand: %s %j', (kind, args) => {
    expect(faultKinds.get(kind).args.safeParse({ kind, ...args }).success).toBe(false);
  });

  test('are told apart by host and unit in the name of a folder, whatever the unit', () => {
    const units = ['a', 'a@b', 'a~b', 'a/b'];
    const names = ['one', 'two'].flatMap((host) =>
      units.map((unit) => faultName(host, 'stop-service', unit)),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.includes('/') || name.startsWith('.'))).toEqual([]);
  });

  test('know a service by its name with and without .service', () => {
    const read = (unit: string): unknown =>
      faultKinds.get('stop-service').args.parse({ kind: 'stop-service', unit });
    expect(read('nginx')).toEqual(read('nginx.service'));
  });
});

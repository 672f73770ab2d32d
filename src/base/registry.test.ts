import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './nearest.ts';
import { registry } from './registry.ts';

const drivers = registry('driver', [{ name: 'dns-bind' }, { name: 'dns-update' }], (driver) => driver.name);

describe('registry', () => {
  it('keeps the order and finds by name', () => {
    expect(drivers.names).toEqual(['dns-bind', 'dns-update']);
    expect(drivers.get('dns-bind')).toEqual({ name: 'dns-bind' });
    expect([...drivers]).toHaveLength(2);
  });

  it('suggests the nearest name for an unknown one', () => {
    expect(() => drivers.get('dns-bnid')).toThrow("there is no driver named 'dns-bnid'");
    try {
      drivers.get('dns-bnid');
    } catch (error) {
      expect(error).toMatchObject({ hint: "Did you mean 'dns-bind'?" });
    }
  });

  it('refuses two members of one name', () => {
    expect(() => registry('driver', ['a', 'a'], (name) => name)).toThrow(
      "two members of driver are named 'a'",
    );
  });
});

describe('nearest', () => {
  it.each([
    ['adress', 'address'],
    ['enpoints', 'endpoints'],
    ['Hosts', 'hosts'],
  ])('reads %s as %s', (typed, meant) => {
    expect(nearest(typed, ['address', 'endpoints', 'hosts'])).toBe(meant);
  });

  it('suggests nothing for a word that is far from all', () => {
    expect(nearest('colour', ['address', 'endpoints'])).toBeUndefined();
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('hsots', 'hosts')).toBe(1);
  });
});

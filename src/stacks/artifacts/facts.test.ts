import { describe, expect, test } from 'vitest';
import { gatherHere } from '../../../test/facts.ts';
import type { FactQuery } from '../../hosts/fact.ts';
import { canonicalAddress, getentCommand, parseGetent, resolvedNameOf } from './facts.ts';

describe('what a host gets for a name', () => {
  test('is asked of the host in a real shell, and is nothing where there is no such name', () => {
    const localhost = resolvedNameOf('a', 'localhost');
    const nowhere = resolvedNameOf('a', 'no-such-name.invalid');
    const facts = gatherHere([localhost, nowhere] as unknown as FactQuery[]);
    expect(['127.0.0.1', '::1']).toEqual(expect.arrayContaining([...(facts.get(localhost) ?? ['none'])]));
    expect(facts.get(nowhere)).toEqual([]);
  });

  test('is each address once, in one spelling', () => {
    const output = '10.0.0.1 STREAM a\n10.0.0.1 DGRAM\nFD00:0::1 STREAM\n::ffff:10.0.0.2 STREAM\nnonsense\n';
    expect(parseGetent(output)).toEqual(['10.0.0.1', 'fd00::1', '10.0.0.2']);
    expect(canonicalAddress('host')).toBe('host');
  });

  test('cannot be made to run anything else by its name', () => {
    expect(getentCommand('a; rm -rf /')).toContain("getent ahosts 'a; rm -rf /'");
  });

  test('does not count for the digest of the facts: a failover changes it', () => {
    expect(resolvedNameOf('a', 'x').kind.stable?.(['10.0.0.1'])).toBeNull();
  });
});

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { withNames } from './references.ts';
import {
  byName,
  dnsName,
  hostAddress,
  hostRef,
  ipAddress,
  oneOrMany,
  port,
  publicKey,
  secretRef,
} from './values.ts';

/** The first message, as code outside of the loader sees it. */
const complaint = (schema: z.ZodType, value: unknown): string | undefined =>
  schema.safeParse(value).error?.issues[0]?.message;

describe('values of a site file', () => {
  test('explain themselves in English outside of the loader, too', () => {
    expect(complaint(ipAddress(), 'host')).toBe("expected an IPv4 or IPv6 address, got 'host'");
    expect(complaint(hostAddress(), 'a b')).toBe(
      "expected an IPv4 or IPv6 address or a host name, got 'a b'",
    );
    expect(complaint(dnsName(), 'a_b.example')).toBe("expected a DNS name, got 'a_b.example'");
    expect(complaint(publicKey(), 'ssh-ed25519 short')).toContain('expected a public host key');
  });

  test('a secret is a reference, and what is none is never repeated', () => {
    expect(secretRef().parse('env:DB')).toBe('env:DB');
    expect(JSON.stringify(secretRef().safeParse('hunter2').error?.issues)).not.toContain('hunter2');
  });

  test('a public key loses its comment', () => {
    const key = `ecdsa-sha2-nistp256 ${'A'.repeat(140)}=`;
    expect(publicKey().parse(`  ${key} root@host\n`)).toBe(key);
  });

  test('ports end at 65535', () => {
    expect(port().parse(65_535)).toBe(65_535);
    expect(complaint(port(), 65_536)).toBeDefined();
    expect(complaint(port(), 0)).toBeDefined();
  });

  test('one or many is many', () => {
    expect(oneOrMany(z.string()).parse('a')).toEqual(['a']);
    expect(oneOrMany(z.string()).parse(['a', 'b'])).toEqual(['a', 'b']);
  });

  test('names of things may be Chinese, but hold no spaces or colons', () => {
    const names = byName(z.number());
    expect(Object.keys(names.parse({ 主节点: 1, 'a.b_c-d': 2 }))).toEqual(['主节点', 'a.b_c-d']);
    for (const name of ['a b', 'a:1', '-a', 'a.', ''])
      expect(names.safeParse({ [name]: 1 }).success).toBe(false);
  });

  test('references are checked while names are known, and only then', () => {
    const names = { host: new Set(['db1', 'db2']), endpoint: new Set<string>() };
    const inside = () => complaint(z.object({ on: hostRef() }), { on: 'bd1' });

    expect(withNames(names, inside)).toBe("there is no host 'bd1' in this site");
    expect(inside()).toBeUndefined();
    expect(() =>
      withNames(names, () => {
        throw new Error('parsing failed');
      }),
    ).toThrow();
    expect(inside()).toBeUndefined();
  });
});

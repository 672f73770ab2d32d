import { describe, expect, test } from 'vitest';
import {
  canonicalAddress,
  isHostName,
  isIpAddress,
  isLoopback,
  isPublic,
  normaliseDnsName,
} from './address.ts';

describe('addresses', () => {
  test.each(['10.0.0.1', '255.255.255.255', '::1', '2001:db8::1', 'fe80::1%eth0'])('%s is one', (text) => {
    expect(isIpAddress(text)).toBe(true);
  });

  test.each(['10.0.0', '10.0.0.256', '010.0.0.1', '10.0.0.1/24', '[::1]', '10.0.0.1:22', ':::', 'host'])(
    '%s is none',
    (text) => {
      expect(isIpAddress(text)).toBe(false);
    },
  );

  test('have one spelling', () => {
    expect(canonicalAddress('2001:DB8:0:0:0::1')).toBe('2001:db8::1');
    expect(canonicalAddress('FE80::0:1%eth0')).toBe('fe80::1%eth0');
    expect(canonicalAddress('Node-A')).toBe('node-a');
    expect(canonicalAddress('not:an:address')).toBe('not:an:address');
  });

  test.each(['127.0.0.1', '127.8.9.10', '::1', '0.0.0.0', '0:0::1'])(
    '%s reaches the asker itself',
    (text) => {
      expect(isLoopback(text)).toBe(true);
      expect(isPublic(text)).toBe(false);
    },
  );

  test.each([
    '10.1.1.1',
    '172.16.0.1',
    '172.31.255.1',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    '100.127.1.1',
    'fd00::1',
    'fe80::1',
  ])('%s is private', (text) => {
    expect(isPublic(text)).toBe(false);
  });

  test.each(['223.6.6.6', '172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1', '2400:3200::1'])(
    '%s is public',
    (text) => {
      expect(isPublic(text)).toBe(true);
    },
  );
});

describe('host names', () => {
  test.each(['a', 'node-1', 'node-1.example.com', '3com.example', 'a.b.', `${'a'.repeat(63)}.x`])(
    '%s is one',
    (text) => {
      expect(isHostName(text)).toBe(true);
    },
  );

  test.each([
    '',
    '.',
    '-a',
    'a-',
    'a..b',
    'a_b',
    'a b',
    '300.1.1.1',
    '1.2.3',
    '12',
    `${'a'.repeat(64)}.x`,
    `${'a.'.repeat(127)}ab`,
  ])('%s is none', (text) => {
    expect(isHostName(text)).toBe(false);
  });

  test('lose their final dot and capitals, and other scripts go through IDNA', () => {
    expect(normaliseDnsName('WWW.Example.COM.')).toBe('www.example.com');
    expect(normaliseDnsName('例子.公司')).toBe('xn--fsqu00a.xn--55qx5d');
    expect(normaliseDnsName('a b.example')).toBeUndefined();
    expect(normaliseDnsName('例 子.公司')).toBeUndefined();
    expect(normaliseDnsName('')).toBeUndefined();
  });
});

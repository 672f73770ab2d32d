import { describe, expect, it } from 'vitest';
import { dropIn, normaliseValue, parseSetting, procPath, sameKey } from './sysctl-keys.ts';

describe('the name of a kernel parameter', () => {
  it('becomes a path, with a slash standing for a dot', () => {
    expect(procPath('net.ipv4.ip_forward')).toBe('/proc/sys/net/ipv4/ip_forward');
    expect(procPath('net.ipv4.conf.eth0/100.rp_filter')).toBe('/proc/sys/net/ipv4/conf/eth0.100/rp_filter');
    expect(procPath('net/ipv4/conf/eth0.100/rp_filter')).toBe('/proc/sys/net/ipv4/conf/eth0.100/rp_filter');
  });

  it('is the same in both spellings', () => {
    expect(sameKey('net/ipv4/ip_forward', 'net.ipv4.ip_forward')).toBe(true);
    expect(sameKey('net.ipv4.ip_forward', 'net.ipv6.ip_forward')).toBe(false);
  });
});

describe('a drop-in', () => {
  it('is written in order of the names, with single blanks', () => {
    const text = dropIn({ 'net.ipv4.ip_local_port_range': '1024\t 65535 ', 'kernel.panic': '10' });
    expect(text).toBe(
      '# Written by Holdfast; changes made here are lost.\nkernel.panic = 10\nnet.ipv4.ip_local_port_range = 1024 65535\n',
    );
    expect(normaliseValue(' 4096\t87380\t6291456\n')).toBe('4096 87380 6291456');
  });

  it('is read as sysctl reads it', () => {
    expect(parseSetting(' -net.ipv4.ip_forward=1 ')).toEqual({ key: 'net.ipv4.ip_forward', value: '1' });
    expect(parseSetting('kernel.core_pattern = |/bin/x a=b')).toEqual({
      key: 'kernel.core_pattern',
      value: '|/bin/x a=b',
    });
    for (const line of ['# net.ipv4.ip_forward = 1', '; x = 1', '', 'net.ipv4.ip_forward']) {
      expect(parseSetting(line), line).toBeUndefined();
    }
  });
});

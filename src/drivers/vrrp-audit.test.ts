/** The runbook's keepalived.conf, and the mistakes of others: what is said about them, and on which line. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RUNBOOK_CHECK, RUNBOOK_ROLES, runbookConf } from '../../test/runbook-keepalived.ts';
import type { HostAddress } from '../hosts/facts/addresses.ts';
import { type AuditedConf, auditKeepalived } from './vrrp-audit.ts';
import { parseKeepalivedConf } from './vrrp-conf-tree.ts';
import { keepalivedState } from './vrrp-state.ts';

const VIP = '10.127.10.50';
const CHECK = { path: RUNBOOK_CHECK.path, mode: '755', owner: 'root', isShallow: true };

function on(link: string, address: string): HostAddress {
  const flags = { secondary: false, temporary: false, duplicate: false };
  return { address, family: 4, prefix: 24, interface: link, scope: 'global', ...flags };
}

function file(host: 'db1' | 'db2', change: (text: string) => string = (text) => text): AuditedConf {
  const text = change(runbookConf({ ...RUNBOOK_ROLES[host], interface: 'eth0', vip: VIP }));
  return { host, text, scripts: [CHECK], addresses: [on('eth0', '10.127.10.211')], bridges: [] };
}

/** `host:line rule`, without the word before the slash. */
function hits(...files: readonly AuditedConf[]): string[] {
  return auditKeepalived(files).map(
    ({ host, line, rule }) => `${host}:${line} ${rule.slice('keepalived/'.length)}`,
  );
}

/** What the audit says of both files where only the second is changed. */
function withSecond(change: (text: string) => string): string[] {
  const before = new Set(hits(file('db1'), file('db2')));
  return hits(file('db1'), file('db2', change)).filter((hit) => !before.has(hit));
}

describe("the runbook's keepalived.conf", () => {
  test('is judged line by line', () => {
    expect(hits(file('db1'))).toEqual([
      'db1:4 script-security',
      'db1:4 no-fall',
      'db1:5 port-only',
      'db1:9 takes-back',
      'db1:13 slow',
      'db1:16 plain-password',
      'db1:8 multicast',
    ]);
  });

  test('is one router on both hosts: nothing more is said of the two together', () => {
    expect(hits(file('db1'), file('db2')).filter((hit) => /-id|priority|masters|light/.test(hit))).toEqual(
      [],
    );
    expect(hits(file('db1'), file('db2'))).not.toContain('db2:8 takes-back');
  });

  test.each([
    ['equal priorities', 'priority 90', 'priority 100', 'db2:12 same-priority'],
    ['two masters', 'state BACKUP', 'state MASTER', 'db2:9 two-masters'],
    ['another router id for the same address', 'id 99', 'id 98', 'db2:11 other-id'],
    ['the same router id for another address', VIP, '10.127.10.51', 'db2:11 id-twice'],
    ['another interval', 'advert_int 1', 'advert_int 2', 'db2:13 other-interval'],
    ['what takes the address back, though no master', 'priority 90', 'priority 110', 'db2:8 takes-back'],
    ['no check', 'track_script', 'garp_master_delay', 'db2:8 blind'],
  ])('is found to have %s', (_what, from, to, hit) => {
    expect(withSecond((text) => text.replace(from, to))).toContain(hit);
  });

  test('is found on a port of a bridge, with the name of the bridge', () => {
    const bridged = { ...file('db1'), bridges: [{ name: 'br0', ports: ['eth0'] }] };
    const [found] = auditKeepalived([bridged]).filter(({ rule }) => rule === 'keepalived/on-bridge-port');
    expect(found).toMatchObject({ line: 10, because: { params: { link: 'eth0', bridge: 'br0' } } });
  });

  test('is found to move an address outside of the subnet of its interface', () => {
    expect(hits({ ...file('db1'), addresses: [on('eth0', '10.127.11.211')] })).toContain(
      'db1:10 outside-subnet',
    );
    expect(hits({ ...file('db1'), addresses: [on('eth0', VIP), on('eth1', '10.127.10.9')] })).toContain(
      'db1:10 outside-subnet',
    );
  });
});

test('nopreempt with state MASTER is an error, with BACKUP it is what is wanted', () => {
  const calm = (text: string): string => text.replace('advert_int 1', 'advert_int 0.1\nnopreempt');
  expect(hits(file('db1', calm))).toContain('db1:14 nopreempt-ignored');
  expect(hits(file('db2', calm)).filter((hit) => /preempt|takes-back|slow/.test(hit))).toEqual([]);
});

test('a weight that is less than the priorities are apart moves nothing', () => {
  const weighed = (weight: number) => (text: string) =>
    text.replace('interval 1', `interval 1\nfall 2\nrise 2\nweight ${weight}`);
  expect(hits(file('db1', weighed(-5)), file('db2'))).toContain('db1:9 too-light');
  expect(hits(file('db1', weighed(-20)), file('db2')).join()).not.toContain('too-light');
});

test.each([
  ['does not exist', { mode: undefined, owner: '-' }, 'no-script'],
  ['is not executable', { mode: '644' }, 'not-executable'],
  ['may be changed by the group', { mode: '775' }, 'script-of-others'],
  ['belongs to somebody else', { owner: 'deploy' }, 'script-of-others'],
])('a check that %s is told with its line', (_what, script, hit) => {
  expect(hits({ ...file('db1'), scripts: [{ ...CHECK, ...script }] })).toContain(`db1:5 ${hit}`);
});

test('a brace on a line of its own, comments and a block on one line are read', () => {
  const tree = parseKeepalivedConf('! x\nvrrp_instance A # y\n{\n  authentication { auth_pass "a b" }\n}\n');
  expect(tree).toEqual([
    {
      words: ['vrrp_instance', 'A'],
      line: 2,
      children: [
        {
          words: ['authentication'],
          line: 4,
          children: [{ words: ['auth_pass', 'a b'], line: 4, children: [] }],
        },
      ],
    },
  ]);
});

test('of a password no more leaves the host than that it is too long', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'));
  try {
    const check = `${folder}/chk`;
    writeFileSync(check, '#!/bin/bash\n# mysql\necho | nc 127.0.0.1 3306 &>/dev/null\n', { mode: 0o755 });
    const conf = `vrrp_script c {\n script "${check} arg"\n}\nauth_pass short\nauth_pass 0123456789\n`;
    writeFileSync(`${folder}/keepalived.conf`, conf);
    const command = keepalivedState.command().replace(/f=\S+/, `f=${folder}/keepalived.conf`);
    const state = keepalivedState.parse(execFileSync('sh', ['-c', command], { encoding: 'utf8' }));
    expect(state.conf).toContain('auth_pass ***\nauth_pass *** (more than 8)\n');
    expect(state.scripts).toEqual([{ path: check, mode: '755', owner: 'root', isShallow: true }]);
    expect(
      auditKeepalived([{ ...file('db1', (text) => text.replace('test', '*** (more than 8)')) }]),
    ).toEqual(
      expect.arrayContaining([expect.objectContaining({ rule: 'keepalived/long-password', line: 16 })]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

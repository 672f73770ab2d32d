import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  covers,
  fingerprint,
  hostKeyAlgorithms,
  judgeKey,
  keysOf,
  parseKnownHosts,
  typeOfBlob,
} from './known-hosts.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-known-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Real public keys: type and blob. */
function makeKey(type: string): { type: string; base64: string; blob: Buffer; file: string } {
  const file = join(folder, `${type}-${Math.trunc(performance.now() * 1_000)}`);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
  const [name = '', base64 = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
  return { type: name, base64, blob: Buffer.from(base64, 'base64'), file };
}
const ed = makeKey('ed25519');
const other = makeKey('ed25519');
const ecdsa = makeKey('ecdsa');
const line = (names: string, key = ed): string => `${names} ${key.type} ${key.base64}\n`;
const judge = (text: string, key = ed, host = 'db1', port = 22) =>
  judgeKey(keysOf([parseKnownHosts('/k', text)], host, port), key.type, key.blob);

describe('known_hosts', () => {
  it('knows a key by name, among several names, in any case', () => {
    expect(judge(line('db1'))).toEqual({ is: 'known', place: '/k:1' });
    expect(judge(`# comment\n\n${line('10.0.0.1,DB1')}`)).toEqual({ is: 'known', place: '/k:3' });
    expect(judge(line('db1'), ed, 'Db1')).toMatchObject({ is: 'known' });
    expect(judge(line('db2'))).toEqual({ is: 'unknown' });
  });

  it('knows a host on another port by [host]:port, and by its bare name only where that matches', () => {
    expect(judge(line('[db1]:2222'), ed, 'db1', 2222)).toMatchObject({ is: 'known' });
    expect(judge(line('[db1]:2222'))).toEqual({ is: 'unknown' });
    expect(judge(line('db1'), ed, 'db1', 2222)).toMatchObject({ is: 'known' });
    expect(judge(line('db1', other), ed, 'db1', 2222)).toEqual({ is: 'unknown' });
  });

  it('reads what ssh-keygen -H has hashed, with a port and with IPv6', () => {
    const file = join(folder, 'hashed');
    writeFileSync(file, line('db1') + line('[db2]:2222') + line('2001:db8::1'));
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('db1');
    expect(judge(text)).toEqual({ is: 'known', place: '/k:1' });
    expect(judge(text, ed, 'db2', 2222)).toEqual({ is: 'known', place: '/k:2' });
    expect(judge(text, ed, '2001:db8::1')).toEqual({ is: 'known', place: '/k:3' });
    expect(judge(text, ed, 'db3')).toEqual({ is: 'unknown' });
  });

  it('agrees with ssh-keygen -F about which lines cover a name', () => {
    const lines = [
      '*.example',
      'db?',
      'db1,!db2',
      '*,!db1',
      '[db1]:2222',
      '[*]:2222',
      '!*',
      'a.b',
      'A*',
      '*',
      'db1.*,db1',
    ];
    const names = ['db1', 'db2', 'db10', 'x.example', 'aXb', '[db1]:2222', 'a.b', 'db1.example'];
    for (const pattern of lines) {
      const file = join(folder, 'patterns');
      writeFileSync(file, line(pattern));
      for (const name of names) {
        let found = '';
        try {
          found = execFileSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' });
        } catch {
          // It exits with 1 where there is none.
        }
        expect([pattern, name, covers(pattern, name.toLowerCase())]).toEqual([pattern, name, found !== '']);
      }
    }
  });

  it('says where another key of the same type stands, and where only other types are known', () => {
    const text = line('db1', ecdsa) + line('db1', other);
    expect(judge(text)).toMatchObject({ is: 'changed', known: [{ place: '/k:2', type: 'ssh-ed25519' }] });
    expect(judge(line('db1', ecdsa))).toMatchObject({
      is: 'changed',
      known: [{ place: '/k:1', type: ecdsa.type }],
    });
    expect(judge(text + line('db1'))).toMatchObject({ is: 'known', place: '/k:3' });
  });

  it('holds a revoked key revoked, wherever else it is known', () => {
    const text = `${line('db1')}@revoked ${line('*')}`;
    expect(judge(text)).toEqual({ is: 'revoked', place: '/k:2' });
    expect(judge(`@revoked ${line('db1', other)}${line('db1')}`)).toMatchObject({ is: 'known' });
    expect(judge(`@revoked ${line('db1', other)}`)).toEqual({ is: 'unknown' });
  });

  it('says plainly where only a certificate authority is known', () => {
    expect(judge(`@cert-authority ${line('*.example', other)}`, ed, 'a.example')).toEqual({
      is: 'unsupported',
      place: '/k:1',
    });
    expect(judge(`@cert-authority ${line('*', other)}${line('db1')}`)).toMatchObject({ is: 'known' });
  });

  it('passes over lines that make no sense', () => {
    const rubbish = [
      'db1',
      'db1 ssh-ed25519',
      'db1 1024 35 1234',
      '@unknown db1 ssh-ed25519 AAAA',
      '|1|x',
      '|2|a|b ssh-ed25519 AAAA',
      'db1 ssh-ed25519 !!!',
    ];
    expect(judge(`${rubbish.join('\n')}\n${line('db1')}`)).toEqual({ is: 'known', place: '/k:8' });
  });

  it('reads CRLF, tabs, comments after the key, and several files in order', () => {
    const crlf = `db1\t${ed.type}\t${ed.base64} root@db1\r\n`;
    expect(judge(crlf)).toMatchObject({ is: 'known' });
    const files = [parseKnownHosts('/a', line('db2')), parseKnownHosts('/b', line('db1'))];
    expect(judgeKey(keysOf(files, 'db1', 22), ed.type, ed.blob)).toEqual({ is: 'known', place: '/b:1' });
  });

  it('asks for the types that are known before the others', () => {
    expect(hostKeyAlgorithms(['ecdsa-sha2-nistp256'])[0]).toBe('ecdsa-sha2-nistp256');
    expect(hostKeyAlgorithms(['ssh-rsa']).slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']);
    expect(hostKeyAlgorithms([])[0]).toBe('ssh-ed25519');
    expect(new Set(hostKeyAlgorithms(['ssh-rsa', 'ssh-ed25519'])).size).toBe(hostKeyAlgorithms([]).length);
  });

  it('prints fingerprints as ssh-keygen does', () => {
    const printed = execFileSync('ssh-keygen', ['-lf', `${ed.file}.pub`], { encoding: 'utf8' }).split(' ')[1];
    expect(fingerprint(ed.blob)).toBe(printed);
    expect(typeOfBlob(ecdsa.blob)).toBe(ecdsa.type);
    expect(typeOfBlob(new Uint8Array(2))).toBe('');
  });
});

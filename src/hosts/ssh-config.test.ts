import { describe, expect, it } from 'vitest';
import { readSshConfig, type SshConfigFiles } from './ssh-config.ts';

const user = { home: '/home/me', name: 'me' };

function config(files: Record<string, string | Error>) {
  const io: SshConfigFiles = {
    read: (path) => {
      const file = files[path];
      if (file instanceof Error) throw file;
      return file;
    },
    expand: (pattern) =>
      Object.keys(files)
        .filter((path) =>
          new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(path),
        )
        .sort(),
  };
  return readSshConfig('db1', '/home/me/.ssh/config', user, io);
}
const lookUp = (text: string, address = 'db1') => config({ '/home/me/.ssh/config': text }).lookUp(address);

describe('~/.ssh/config', () => {
  it('gives what the first matching line says, whatever the case of the keywords', () => {
    const text =
      'Host db*\n  hostname 10.0.0.1\n  PORT 2200\n  uSER ops\nHost *\n  Port 1\n  HostKeyAlias alias\n';
    expect(lookUp(text)).toEqual({
      hostName: '10.0.0.1',
      port: 2200,
      user: 'ops',
      identityFiles: [],
      hostKeyAlias: 'alias',
      hasProxyCommand: false,
    });
    expect(lookUp(text, 'web1')).toMatchObject({ port: 1 });
  });

  it('excludes by negation, and takes lines before the first Host for all', () => {
    const text = 'Port 2200\nHost * !db1\n  User other\n';
    expect(lookUp(text)).toEqual({ port: 2200, identityFiles: [], hasProxyCommand: false });
    expect(lookUp(text, 'db2').user).toBe('other');
  });

  it('collects every identity, with ~ and the tokens filled in', () => {
    const text =
      'Host db1\n  HostName real\n  User ops\n  IdentityFile ~/.ssh/%h-%r\n  IdentityFile "%d/my key"\nHost *\n  IdentityFile /k%%\n';
    expect(lookUp(text).identityFiles).toEqual(['/home/me/.ssh/real-ops', '/home/me/my key', '/k%']);
    expect(lookUp('Host db1\n  IdentityFile none\n').identityFiles).toEqual([]);
  });

  it('reads known_hosts files and jumps', () => {
    const text = 'Host db1\n  UserKnownHostsFile ~/.ssh/a /b\n  ProxyJump ops@j1:2222,j2\n';
    expect(lookUp(text)).toMatchObject({
      knownHosts: ['/home/me/.ssh/a', '/b'],
      proxyJump: ['ops@j1:2222', 'j2'],
    });
    expect(lookUp('Host db1\n  ProxyJump none\nHost *\n  ProxyJump j\n').proxyJump).toEqual([]);
  });

  it('notices a ProxyCommand that it does not follow', () => {
    expect(lookUp('Host *\n  ProxyCommand nc %h %p\n').hasProxyCommand).toBe(true);
    expect(lookUp('Host *\n  ProxyCommand none\n').hasProxyCommand).toBe(false);
  });

  it('fills %h of HostName with what was asked for', () => {
    expect(lookUp('Host *\n  HostName %h.example\n').hostName).toBe('db1.example');
  });

  it('puts included files where the Include stands, patterns and all', () => {
    const files = {
      '/home/me/.ssh/config':
        'Include conf.d/*\nHost db1\n  Port 1\n  User late\nHost web*\n  Include /etc/web\n',
      '/home/me/.ssh/conf.d/a': 'Host db1\n  Port 2\n',
      '/home/me/.ssh/conf.d/b': 'Host db1\n  Port 3\n  HostName b\n',
      '/etc/web': 'User web\n',
    };
    expect(config(files).lookUp('db1')).toMatchObject({ port: 2, hostName: 'b', user: 'late' });
    expect(config(files).lookUp('web1')).toMatchObject({ user: 'web' });
    expect(config(files).lookUp('x').user).toBeUndefined();
  });

  it('runs no program, whatever the file asks for', () => {
    const text =
      'Match exec "touch /tmp/holdfast-was-run"\n  Port 1\nHost *\n  CanonicalizeHostname yes\n  CanonicalDomains invalid\n  Port 2\n';
    expect(lookUp(text).port).toBe(2);
  });

  it('says nothing where there is no file', () => {
    expect(config({}).lookUp('db1')).toEqual({ identityFiles: [], hasProxyCommand: false });
  });

  it('names the file that cannot be read, does not parse, or includes itself', () => {
    const denied = Object.assign(new Error('EACCES'), { code: 'EACCES' });
    const main = '/home/me/.ssh/config';
    for (const [files, file] of [
      [{ [main]: denied }, main],
      [{ [main]: 'Include other', '/home/me/.ssh/other': denied }, '/home/me/.ssh/other'],
      [{ [main]: 'Host "db1\n' }, main],
      [{ [main]: 'Include config\n' }, main],
    ] as const) {
      expect(() => config(files)).toThrow(
        expect.objectContaining({ code: 'host/ssh-config-unreadable', message: `cannot read ${file}` }),
      );
    }
  });
});

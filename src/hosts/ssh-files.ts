/** The files of the person who runs Holdfast: ~/.ssh/config, known_hosts, private keys. The only reader of them. */
import { globSync, readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { messageOf, systemCode } from '../base/errors.ts';
import { HostError } from './host-error.ts';
import { type KnownHostsFile, parseKnownHosts } from './known-hosts.ts';
import { readSshConfig, type SshConfig } from './ssh-config.ts';
import type { IdentityFiles } from './ssh-identity.ts';

export interface SshFiles extends IdentityFiles {
  readonly home: { readonly home: string; readonly localUser: string };
  /** Parsed once. @param host named where it cannot be read */
  config(host: string): SshConfig;
  /** A file that does not exist knows nobody. Read again each time: somebody may add a key while we run. */
  knownHosts(host: string, paths: readonly string[]): KnownHostsFile[];
}

/** The files of this machine. @param env HOME and USER */
export function systemSshFiles(env: Readonly<Record<string, string | undefined>>): SshFiles {
  const home = env.HOME ?? homedir();
  const localUser = env.USER ?? userInfo().username;
  let config: SshConfig | undefined;
  const parsed = new Map<string, { text: string; file: KnownHostsFile }>();
  return {
    home: { home, localUser },
    read: (path) => readFile(path),
    mode: async (path) => (await stat(path)).mode & 0o777,
    config(host) {
      config ??= readSshConfig(
        host,
        join(home, '.ssh', 'config'),
        { home, name: localUser },
        { read: readIfThere, expand: (pattern) => globSync(pattern).sort() },
      );
      return config;
    },
    knownHosts: (host, paths) =>
      paths.flatMap((path) => {
        const text = readKnownHosts(host, path);
        if (text === undefined) return [];
        const cached = parsed.get(path);
        if (cached?.text === text) return [cached.file];
        const file = parseKnownHosts(path, text);
        parsed.set(path, { text, file });
        return [file];
      }),
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Unreadable is not empty: a revoked key may stand in it. */
function readKnownHosts(host: string, path: string): string | undefined {
  try {
    return readIfThere(path);
  } catch (cause) {
    throw new HostError({
      code: 'host/known-hosts-unreadable',
      host,
      message: `cannot read ${path}`,
      expected: 'a known_hosts file, or none',
      got: messageOf(cause),
      hint: 'Mend its permissions, or name another file as `knownHosts` in the site file.',
      cause,
    });
  }
}

/** What the user's ~/.ssh/config says about an address, as `ssh ADDRESS` would read it (ssh_config(5)). */
import { isAbsolute, join } from 'node:path';
import SSHConfig from 'ssh-config';
import { messageOf, systemCode } from '../base/errors.ts';
import { HostError } from './host-error.ts';

/** The values that Holdfast takes. Everything else in the file is OpenSSH's business. */
export interface SshConfigValues {
  readonly hostName?: string;
  readonly port?: number;
  readonly user?: string;
  readonly identityFiles: readonly string[];
  readonly knownHosts?: readonly string[];
  readonly hostKeyAlias?: string;
  /** `[user@]host[:port]`, first hop first; empty for `none`. */
  readonly proxyJump?: readonly string[];
  /** Set, and not followed: a direct connection will probably fail. */
  readonly hasProxyCommand: boolean;
}

export interface SshConfigFiles {
  /** @returns undefined where there is no such file */
  read(path: string): string | undefined;
  /** Files that a pattern of an `Include` matches, sorted. */
  expand(pattern: string): readonly string[];
}

export interface SshConfig {
  lookUp(address: string): SshConfigValues;
}

/** As deep as OpenSSH follows an Include. */
const DEEPEST_INCLUDE = 16;
const NOTHING: SshConfigValues = { identityFiles: [], hasProxyCommand: false };

/**
 * Reads the file and what it includes.
 * - `Match exec` never matches, and CanonicalizeHostname is not followed: looking up a host runs no program.
 * @param file e.g. `/home/me/.ssh/config`
 * @throws HostError `host/ssh-config-unreadable`
 */
export function readSshConfig(
  host: string,
  file: string,
  user: { home: string; name: string },
  io: SshConfigFiles,
): SshConfig {
  const text = readFile(host, file, io);
  if (text === undefined) return { lookUp: () => NOTHING };
  const parsed = parseWithIncludes(host, file, text, io, user.home, 0);
  return {
    lookUp(address) {
      const values = parsed.compute(address, { ignoreCase: true, matchExec: false });
      return toValues(address, values, user);
    },
  };
}

function readFile(host: string, file: string, io: SshConfigFiles): string | undefined {
  try {
    return io.read(file);
  } catch (cause) {
    throw unreadable(host, file, messageOf(cause), systemCode(cause) === 'EACCES', cause);
  }
}

function parseWithIncludes(
  host: string,
  file: string,
  text: string,
  io: SshConfigFiles,
  home: string,
  depth: number,
): SSHConfig {
  if (depth > DEEPEST_INCLUDE) throw unreadable(host, file, 'it includes itself', false);
  let parsed: SSHConfig;
  try {
    parsed = SSHConfig.parse(text);
  } catch (cause) {
    throw unreadable(host, file, messageOf(cause), false, cause);
  }
  const include = (pattern: string): SSHConfig[] => {
    const absolute = toAbsolute(pattern, home);
    return io.expand(absolute).flatMap((path) => {
      const inner = readFile(host, path, io);
      return inner === undefined ? [] : [parseWithIncludes(host, path, inner, io, home, depth + 1)];
    });
  };
  return spliceIncludes(parsed, include);
}

type Line = SSHConfig[number];

/** Puts included lines where the Include stands, so that "the first value wins" holds; drops what would run programs. */
function spliceIncludes(parsed: SSHConfig, include: (pattern: string) => SSHConfig[]): SSHConfig {
  for (let index = 0; index < parsed.length; index++) {
    const line: Line | undefined = parsed[index];
    if (line === undefined || !('param' in line)) continue;
    if (/^canonicalizehostname$/i.test(line.param)) parsed.splice(index--, 1);
    else if (/^include$/i.test(line.param)) {
      const lines = wordsOf(line.value).flatMap((pattern) =>
        include(pattern).flatMap((config) => [...config]),
      );
      parsed.splice(index, 1, ...lines);
      index += lines.length - 1;
    } else if ('config' in line && line.config !== undefined) spliceIncludes(line.config, include);
  }
  return parsed;
}

/** A relative include is looked for in ~/.ssh (ssh_config(5), Include). */
function toAbsolute(path: string, home: string): string {
  if (path.startsWith('~/')) return join(home, path.slice(2));
  return isAbsolute(path) ? path : join(home, '.ssh', path);
}

/** A value is a string, a list of words, or (inside the parser) a list of words with their separators. */
function wordsOf(value: unknown): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return String(value).split(/\s+/).filter(Boolean);
  return value.map((word: unknown) =>
    typeof word === 'object' && word !== null ? String((word as { val: string }).val) : String(word),
  );
}

function toValues(
  address: string,
  values: Record<string, string | string[]>,
  user: { home: string; name: string },
): SshConfigValues {
  const one = (key: string): string | undefined => wordsOf(values[key]).join(' ') || undefined;
  const hostName = one('hostname')?.replaceAll('%h', address);
  const port = Number(one('port'));
  const remoteUser = one('user');
  const tokens = {
    h: hostName ?? address,
    n: address,
    r: remoteUser ?? user.name,
    u: user.name,
    d: user.home,
  };
  const files = (key: string): string[] =>
    [values[key] ?? []].flat().map((path) => expandTokens(path, tokens, user.home));
  const knownHosts = wordsOf(values.userknownhostsfile).map((path) => expandTokens(path, tokens, user.home));
  const alias = one('hostkeyalias');
  const jump = one('proxyjump');
  const command = one('proxycommand');
  return {
    ...(hostName === undefined ? {} : { hostName }),
    ...(Number.isInteger(port) && port > 0 ? { port } : {}),
    ...(remoteUser === undefined ? {} : { user: remoteUser }),
    identityFiles: files('identityfile').filter((path) => path !== 'none'),
    ...(knownHosts.length === 0 ? {} : { knownHosts: knownHosts.filter((path) => path !== 'none') }),
    ...(alias === undefined ? {} : { hostKeyAlias: alias }),
    ...(jump === undefined
      ? {}
      : { proxyJump: jump === 'none' ? [] : jump.split(',').map((hop) => hop.trim()) }),
    hasProxyCommand: command !== undefined && command !== 'none' && jump === undefined,
  };
}

function expandTokens(path: string, tokens: Readonly<Record<string, string>>, home: string): string {
  const expanded = path.replace(/%(.)/g, (whole, letter: string) =>
    letter === '%' ? '%' : (tokens[letter] ?? whole),
  );
  return expanded.startsWith('~/') ? join(home, expanded.slice(2)) : expanded;
}

function unreadable(host: string, file: string, got: string, isDenied: boolean, cause?: unknown): HostError {
  return new HostError({
    code: 'host/ssh-config-unreadable',
    host,
    message: `cannot read ${file}`,
    expected: 'an OpenSSH client configuration, or no file',
    got,
    hint: isDenied
      ? `Give yourself the right to read it: \`chmod 600 ${file}\`.`
      : `Check it with \`ssh -G ${host}\`.`,
    ...(cause === undefined ? {} : { cause }),
  });
}

import { isIP } from 'node:net';
import type { FactKind } from '../fact.ts';
import { readSections } from './parse/sections.ts';

export interface Resolver {
  /** Those that glibc asks: the first three. */
  readonly nameservers: readonly string[];
  /** Written after the third, and never asked. */
  readonly ignoredNameservers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly rotate: boolean;
  /** Who writes /etc/resolv.conf, by its link or its first comment; `file` where nobody does. */
  readonly keptBy: 'systemd-resolved' | 'NetworkManager' | 'resolvconf' | 'dhclient' | 'cloud-init' | 'file';
  /** nsswitch.conf(5), `hosts:`: `files` before `dns` means that /etc/hosts wins. */
  readonly order: readonly string[];
}

/** resolv.conf(5): MAXNS is 3. */
const MOST_NAMESERVERS = 3;

export const resolver: FactKind<Resolver> = {
  name: 'resolver',
  command: () => `echo '## link'; readlink -f /etc/resolv.conf
echo '## order'; sed -n 's/^[[:space:]]*hosts:[[:space:]]*//p' /etc/nsswitch.conf
echo '## file'; cat /etc/resolv.conf`,
  parse(output) {
    const sections = readSections(output);
    const lines = sections.get('file') ?? [];
    const words = lines
      .map((line) =>
        line
          .replace(/(^|\s)[#;].*$/, '')
          .trim()
          .split(/\s+/),
      )
      .filter(([keyword]) => keyword !== '');
    const servers = words.flatMap(([keyword, address = '']) =>
      keyword === 'nameserver' && isIP(address.replace(/%.*$/, '')) !== 0 ? [address] : [],
    );
    const search = words.filter(([keyword]) => keyword === 'search' || keyword === 'domain').at(-1);
    const options = words.filter(([keyword]) => keyword === 'options').flatMap(([, ...rest]) => rest);
    const number = (name: string, fallback: number, most: number): number => {
      const value = options
        .map((option) => new RegExp(`^${name}:(\\d+)$`).exec(option)?.[1])
        .findLast(Boolean);
      return value === undefined ? fallback : Math.min(Number(value), most);
    };
    return {
      nameservers: servers.slice(0, MOST_NAMESERVERS),
      ignoredNameservers: servers.slice(MOST_NAMESERVERS),
      search: search === undefined ? [] : search.slice(1, search[0] === 'domain' ? 2 : undefined),
      ndots: number('ndots', 1, 15),
      timeoutMs: number('timeout', 5, 30) * 1_000,
      attempts: number('attempts', 2, 5),
      rotate: options.includes('rotate'),
      keptBy: keeperOf(sections.get('link')?.[0] ?? '', lines),
      order: (sections.get('order')?.[0] ?? '')
        .replace(/#.*$/, '')
        .split(/\s+/)
        .filter((word) => word !== '' && !word.startsWith('[') && !word.endsWith(']')),
    };
  },
};

function keeperOf(link: string, lines: readonly string[]): Resolver['keptBy'] {
  const comments = lines.filter((line) => /^\s*[#;]/.test(line)).join('\n');
  if (/systemd\/resolve/.test(link) || /systemd-resolved/.test(comments)) return 'systemd-resolved';
  if (/NetworkManager/.test(`${link}\n${comments}`)) return 'NetworkManager';
  if (/resolvconf/.test(`${link}\n${comments}`)) return 'resolvconf';
  if (/dhclient/.test(comments)) return 'dhclient';
  if (/cloud-init/.test(comments)) return 'cloud-init';
  return 'file';
}

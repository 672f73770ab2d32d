import type { FactKind } from '../fact.ts';
import { readSections } from './parse/sections.ts';

export interface Firewall {
  /** What keeps the rules, where it is active. */
  readonly manager: 'firewalld' | 'ufw' | 'none';
  /** Whether rules in the kernel can drop or reject what comes in; undefined where only root may know and we are not. */
  readonly filtersInput?: boolean;
}

/**
 * Only reads, and only what is loaded: `iptables -S` and `nft list` would load their modules, so each is asked only
 * where the kernel already has tables of it.
 */
export const firewall: FactKind<Firewall> = {
  name: 'firewall',
  command: () => `echo '## user'; id -u
echo '## firewalld'; [ -d /run/systemd/system ] && systemctl is-active firewalld
echo '## ufw'; grep -i '^ENABLED=' /etc/ufw/ufw.conf
echo '## iptables'
if grep -q '^filter$' /proc/net/ip_tables_names; then iptables -S; fi
if grep -q '^filter$' /proc/net/ip6_tables_names; then ip6tables -S; fi
echo '## nftables'
if [ -d /sys/module/nf_tables ]; then nft list ruleset; fi`,
  parse(output) {
    const sections = readSections(output);
    const lines = (name: string): readonly string[] => sections.get(name) ?? [];
    const isRoot = lines('user')[0]?.trim() === '0';
    const manager = lines('firewalld').includes('active')
      ? 'firewalld'
      : lines('ufw').some((line) => /=\s*yes/i.test(line))
        ? 'ufw'
        : 'none';
    const filters = filtersIptables(lines('iptables')) || filtersNft(lines('nftables'));
    return { manager, ...(isRoot || filters ? { filtersInput: filters } : {}) };
  },
};

/** A policy, or any rule in a chain that INPUT may reach; a chain of FORWARD's alone does not count. */
function filtersIptables(lines: readonly string[]): boolean {
  if (lines.some((line) => /^-P INPUT (DROP|REJECT)/.test(line))) return true;
  const reached = new Set(['INPUT']);
  for (const chain of reached) {
    for (const line of lines) {
      const target = line.startsWith(`-A ${chain} `) ? / -[jg] (\S+)/.exec(line)?.[1] : undefined;
      if (target === 'DROP' || target === 'REJECT') return true;
      if (target !== undefined) reached.add(target);
    }
  }
  return false;
}

/** Chains at the input hook and what they jump to; a chain's name is good within its table only. */
function filtersNft(lines: readonly string[]): boolean {
  const chains = new Map<string, { rules: string[]; atInput: boolean }>();
  let table = '';
  let chain: { rules: string[]; atInput: boolean } | undefined;
  for (const raw of lines) {
    const line = raw.trim();
    const tableName = /^table (\S+ \S+) \{/.exec(line)?.[1];
    const chainName = /^chain (\S+) \{/.exec(line)?.[1];
    if (tableName !== undefined) table = tableName;
    else if (chainName !== undefined) {
      chain = { rules: [], atInput: false };
      chains.set(`${table} ${chainName}`, chain);
    } else if (line === '}') chain = undefined;
    else if (chain !== undefined) {
      chain.rules.push(line);
      if (/^type filter hook input\b/.test(line)) chain.atInput = true;
    }
  }
  const reached = new Set([...chains].filter(([, { atInput }]) => atInput).map(([name]) => name));
  for (const name of reached) {
    for (const rule of chains.get(name)?.rules ?? []) {
      if (/\bpolicy drop\b|\b(drop|reject)\b/.test(rule)) return true;
      const target = /\b(?:jump|goto) (\S+)/.exec(rule)?.[1];
      if (target !== undefined) reached.add(`${name.split(' ').slice(0, 2).join(' ')} ${target}`);
    }
  }
  return false;
}

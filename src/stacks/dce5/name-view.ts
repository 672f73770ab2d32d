/** How one host sees the endpoint's name: asked in one round trip, read without I/O. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { defineReasons, type Reason } from '../../base/reason.ts';
import { type HostsEntry, hostsFile } from '../../hosts/facts/hosts-file.ts';
import { readSections } from '../../hosts/facts/parse/sections.ts';
import { quote } from '../../hosts/shell.ts';
import { canonicalAddress } from '../../site/address.ts';
import { corefileLines, overridesOf } from './names.ts';

export interface NameView {
  /** Lines of /etc/hosts that override the name. */
  readonly overrides: readonly HostsEntry[];
  /** What every program on the host gets (getent). */
  readonly addresses: readonly string[];
  /** What each name server of /etc/resolv.conf says by itself; undefined: no tool on the host to ask one. */
  readonly servers: readonly { readonly server: string; readonly addresses: readonly string[] | undefined }[];
  /** Lines of CoreDNS's ConfigMaps that name it; undefined: the cluster could not be asked from this host. */
  readonly coredns: readonly CorednsLine[] | undefined;
}

export interface CorednsLine {
  /** The ConfigMap, in kube-system. */
  readonly map: string;
  /** Its key, e.g. `Corefile`. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** CoreDNS's own, what some distributions import into it, and the cache that kubespray puts before it on each node. */
const CONFIG_MAPS = ['coredns', 'coredns-custom', 'nodelocaldns'];

export const nameReasons = defineReasons({
  'dce5-name/override': {
    en: '/etc/hosts:{line} gives {name} the address {address}, whatever DNS answers',
    zh: '/etc/hosts:{line} 将 {name} 固定为 {address}，不再理会 DNS',
  },
  'dce5-name/no-address': {
    en: 'this host gets no address for {name}',
    zh: '该主机查询 {name} 得不到任何地址',
  },
  'dce5-name/other-address': {
    en: 'this host gets {got} for {name} instead of {expected}',
    zh: '该主机查询 {name} 得到 {got}，而不是 {expected}',
  },
  'dce5-name/server-differs': {
    en: 'its name server {server} says {got} for {name} instead of {expected}',
    zh: '其 DNS 服务器 {server} 对 {name} 的应答为 {got}，而不是 {expected}',
  },
  'dce5-name/coredns': {
    en: 'the ConfigMap kube-system/{map} answers {name} by itself, {file} line {line}: {text}',
    zh: 'ConfigMap kube-system/{map} 自行解析 {name}（{file} 第 {line} 行）：{text}',
  },
  'dce5-name/right': { en: '{name} is right: {got}', zh: '{name} 解析正确：{got}' },
});

/** Its own deadline for each server: five seconds, like glibc's. */
const ASK = `ask() { if command -v dig >/dev/null; then dig +short +time=5 +tries=1 "@$1" "$2" A; dig +short +time=5 +tries=1 "@$1" "$2" AAAA
elif command -v host >/dev/null; then host -W 5 "$2" "$1"
elif command -v nslookup >/dev/null; then nslookup -timeout=5 "$2" "$1" | sed '1,/^$/d'
else echo no-tool; fi; }`;

/** Prints the sections that `readNameView` reads; asks nothing twice and changes nothing. */
export function nameViewCommand(name: string): string {
  const n = quote(name);
  // The empty line: a file may end without a newline, and its last line counts, too.
  return `echo '## hosts'; cat /etc/hosts; echo
echo '## getent'; if command -v timeout >/dev/null; then timeout 20 getent ahosts ${n}; else getent ahosts ${n}; fi
${ASK}
for server in $(sed -n 's/^[[:space:]]*nameserver[[:space:]]\\{1,\\}\\([^[:space:]#;]*\\).*/\\1/p' /etc/resolv.conf | head -n 3); do
echo "## server:$server"; ask "$server" ${n} 2>&1; done
echo '## coredns'
if command -v kubectl >/dev/null; then
for config in "$KUBECONFIG" /root/.kube/config /etc/kubernetes/admin.conf; do [ -n "$config" ] && [ -r "$config" ] || continue
maps=$(kubectl --kubeconfig "$config" --request-timeout=10s -n kube-system get cm ${CONFIG_MAPS.join(' ')} --ignore-not-found -o json 2>/dev/null) || continue
printf 'asked %s\\n' "$maps"; break; done; fi
:`;
}

/** The output of the command, as values. */
export function readNameView(output: string, name: string): NameView {
  const sections = readSections(output);
  const maps = (sections.get('coredns') ?? []).join('\n');
  return {
    overrides: overridesOf(hostsFile.parse(hostsSection(output), undefined), name),
    addresses: addressesIn(sections.get('getent') ?? []),
    servers: [...sections].flatMap(([section, lines]) => {
      const server = /^server:(.+)$/.exec(section)?.[1];
      if (server === undefined) return [];
      return [{ server, addresses: lines.includes('no-tool') ? undefined : addressesIn(lines) }];
    }),
    coredns: maps.startsWith('asked ') ? corednsLines(maps.slice('asked '.length), name) : undefined,
  };
}

/** What of a view is not as it must be. @param expected addresses that the name may lead to */
export function findProblems(view: NameView, name: string, expected: readonly string[]): Reason[] {
  const wanted = new Set(expected.map(canonicalAddress));
  const isRight = (got: readonly string[]): boolean =>
    got.length > 0 && got.every((address) => wanted.has(address));
  const params = { name, expected: [...expected] };
  const { of } = nameReasons;
  return [
    ...view.overrides.map(({ line, address }) => of('dce5-name/override', { name, line, address })),
    ...(view.addresses.length === 0 ? [of('dce5-name/no-address', params)] : []),
    ...(view.addresses.length > 0 && !isRight(view.addresses)
      ? [of('dce5-name/other-address', { ...params, got: [...view.addresses] })]
      : []),
    ...view.servers
      .filter(({ addresses }) => addresses !== undefined && !isRight(addresses))
      .map(({ server, addresses = [] }) =>
        of('dce5-name/server-differs', { ...params, server, got: addresses.join(', ') || 'nothing' }),
      ),
    ...(view.coredns ?? []).map((found) => of('dce5-name/coredns', { name, ...found })),
  ];
}

/** In one line, as evidence. */
export function describeView(view: NameView): string {
  const list = (addresses: readonly string[] | undefined): string =>
    addresses === undefined
      ? 'not asked (no dig, host or nslookup there)'
      : addresses.join(', ') || 'nothing';
  return [
    `getent: ${list(view.addresses)}`,
    ...view.servers.map(({ server, addresses }) => `${server}: ${list(addresses)}`),
    `/etc/hosts: ${view.overrides.length === 0 ? 'no line' : view.overrides.map(({ line }) => `line ${line}`).join(', ')}`,
    `CoreDNS: ${view.coredns === undefined ? 'not asked (no kubectl that may)' : view.coredns.length === 0 ? 'no line' : `${view.coredns.length} lines`}`,
  ].join('; ');
}

/** The section as it is: line numbers count, empty lines included. */
function hostsSection(output: string): string {
  return /## hosts\n([\s\S]*?)^## getent$/m.exec(output)?.[1] ?? '';
}

/** Addresses that a tool printed, in whichever form; those of the server that was asked are not among them. */
function addressesIn(lines: readonly string[]): string[] {
  const found = lines.flatMap((line) => {
    const said =
      /(?:has (?:IPv6 )?address|^Address(?: \d+)?:)\s*(\S+)/.exec(line)?.[1] ??
      line.trim().split(/\s+/)[0] ??
      '';
    return isIP(said) === 0 ? [] : [canonicalAddress(said)];
  });
  return [...new Set(found)];
}

/** What kubectl prints: a list, one ConfigMap alone, or nothing where there is none. */
const configMap = z.object({
  metadata: z.object({ name: z.string() }),
  data: z.record(z.string(), z.string()).default({}),
});
const configMaps = z.union([
  z.object({ items: z.array(configMap) }).transform(({ items }) => items),
  configMap.transform((one) => [one]),
]);

/** What cannot be read counts as not asked: it must not pass for a clean ConfigMap. */
function corednsLines(json: string, name: string): CorednsLine[] | undefined {
  if (json.trim() === '') return [];
  const { success, data: maps } = configMaps.safeParse(parseJson(json));
  if (!success) return undefined;
  return maps.flatMap(({ metadata, data }) =>
    Object.entries(data).flatMap(([file, text]) =>
      corefileLines(text, name).map((found) => ({ map: metadata.name, file, ...found })),
    ),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

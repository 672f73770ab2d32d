/** A fact as lines for people. Numbers and names are the host's own; only the few words between are ours. */
import type { Sentence } from '../../base/reason.ts';
import type { HostAddress } from '../../hosts/facts/addresses.ts';
import type { Bridge } from '../../hosts/facts/bridges.ts';
import type { ClockOffset } from '../../hosts/facts/clock-offset.ts';
import type { Cpu } from '../../hosts/facts/cpu.ts';
import type { Disk } from '../../hosts/facts/disks.ts';
import type { Firewall } from '../../hosts/facts/firewall.ts';
import type { HostsEntry } from '../../hosts/facts/hosts-file.ts';
import type { Init } from '../../hosts/facts/init.ts';
import type { Kernel } from '../../hosts/facts/kernel.ts';
import type { ListeningPort } from '../../hosts/facts/listening-ports.ts';
import type { Memory } from '../../hosts/facts/memory.ts';
import type { Os } from '../../hosts/facts/os.ts';
import type { Resolver } from '../../hosts/facts/resolver.ts';
import type { Selinux } from '../../hosts/facts/selinux.ts';
import type { Io } from '../io.ts';
import { say } from '../say.ts';

const WORDS = {
  none: { en: 'none', zh: '无' },
  unknown: { en: 'unknown', zh: '未知' },
  free: { en: '{free} of {total} free', zh: '{total}，可用 {free}' },
  readOnly: { en: 'read-only', zh: '只读' },
  swap: { en: 'swap {total}', zh: '交换空间 {total}' },
  load: { en: 'load {load}', zh: '负载 {load}' },
  nextBoot: { en: '{mode} from the next boot', zh: '下次启动后为 {mode}' },
  filters: { en: 'drops or rejects some of what comes in', zh: '会丢弃或拒绝部分入站流量' },
  open: { en: 'lets everything in', zh: '放行所有入站流量' },
  needsRoot: { en: 'only root may see its rules', zh: '只有 root 能查看规则' },
  ahead: { en: '{offset} ms ahead (± {uncertainty} ms)', zh: '快 {offset} 毫秒（± {uncertainty} 毫秒）' },
  behind: { en: '{offset} ms behind (± {uncertainty} ms)', zh: '慢 {offset} 毫秒（± {uncertainty} 毫秒）' },
  kept: { en: 'kept by NTP', zh: '由 NTP 校准' },
  notKept: { en: 'not kept by NTP', zh: '未由 NTP 校准' },
  ignored: { en: 'never asked: {servers}', zh: '从不查询：{servers}' },
  written: { en: 'written by {keeper}', zh: '由 {keeper} 生成' },
} satisfies Record<string, Sentence>;

type Describe = (io: Io, value: never) => readonly string[];

const DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  os: (_io, { name }: Os) => [name],
  kernel: (_io, { name, release, architecture, hostname }: Kernel) => [
    `${name} ${release} ${architecture}, ${hostname}`,
  ],
  init: (_io, { kind, version }: Init) => [`${kind}${version === undefined ? '' : ` ${version}`}`],
  cpu: (io, { cores, model, load }: Cpu) => [
    `${cores} × ${model}${comma(io)}${say(io, WORDS.load, { load: load.join(' ') })}`,
  ],
  memory: describeMemory,
  disks: describeDisks,
  addresses: (_io, all: readonly HostAddress[]) =>
    all
      .filter(({ scope }) => scope !== 'host' && scope !== 'link')
      .map(
        (each) => `${each.address}/${each.prefix} ${each.interface}${each.duplicate ? ' (duplicate!)' : ''}`,
      ),
  bridges: (_io, all: readonly Bridge[]) => all.map(({ name, ports }) => [name, ...ports].join(' ')),
  selinux: (io, { mode, configured }: Selinux) => [
    configured === undefined || configured === mode
      ? mode
      : `${mode}${comma(io)}${say(io, WORDS.nextBoot, { mode: configured })}`,
  ],
  firewall: describeFirewall,
  'listening-ports': (_io, all: readonly ListeningPort[]) =>
    all.map(({ protocol, address, port, process }) => {
      const where = address.includes(':') ? `[${address}]` : address;
      return `${protocol} ${where}:${port}${process === undefined ? '' : ` ${process}`}`;
    }),
  'clock-offset': describeClock,
  resolver: describeResolver,
  'hosts-file': (_io, entries: readonly HostsEntry[]) =>
    entries.map(({ line, address, names }) => `${line}: ${address} ${names.join(' ')}`),
};

/** At least one line: `none` where a list is empty, `unknown` where there is no value. */
export function describeFact(io: Io, name: string, value: unknown): readonly string[] {
  if (value === undefined) return [say(io, WORDS.unknown)];
  const describe = DESCRIPTIONS[name] as ((io: Io, value: unknown) => readonly string[]) | undefined;
  const lines = describe?.(io, value) ?? [typeof value === 'string' ? value : JSON.stringify(value)];
  return lines.length === 0 ? [say(io, WORDS.none)] : lines;
}

function describeMemory(io: Io, { totalBytes, availableBytes, swapTotalBytes }: Memory): string[] {
  const memory = say(io, WORDS.free, { free: bytes(availableBytes), total: bytes(totalBytes) });
  return swapTotalBytes === 0
    ? [memory]
    : [`${memory}${comma(io)}${say(io, WORDS.swap, { total: bytes(swapTotalBytes) })}`];
}

function describeDisks(io: Io, all: readonly Disk[]): string[] {
  return all.map(({ mount, type, readOnly, availableBytes, sizeBytes }) => {
    const room = say(io, WORDS.free, { free: bytes(Math.max(0, availableBytes)), total: bytes(sizeBytes) });
    return `${mount} ${type}${comma(io)}${room}${readOnly ? `${comma(io)}${say(io, WORDS.readOnly)}` : ''}`;
  });
}

function describeFirewall(io: Io, { manager, filtersInput }: Firewall): string[] {
  const rules = filtersInput === undefined ? WORDS.needsRoot : filtersInput ? WORDS.filters : WORDS.open;
  return [`${manager === 'none' ? '' : `${manager}${comma(io)}`}${say(io, rules)}`];
}

function describeClock(io: Io, { offsetMs, uncertaintyMs, synchronised }: ClockOffset): string[] {
  const params = { offset: Math.abs(offsetMs), uncertainty: uncertaintyMs };
  const offset = say(io, offsetMs < 0 ? WORDS.behind : WORDS.ahead, params);
  if (synchronised === undefined) return [offset];
  return [`${offset}${comma(io)}${say(io, synchronised ? WORDS.kept : WORDS.notKept)}`];
}

function describeResolver(io: Io, resolver: Resolver): string[] {
  const { nameservers, ignoredNameservers, search, ndots, timeoutMs, attempts, rotate, keptBy, order } =
    resolver;
  return [
    `nameserver ${nameservers.join(' ') || say(io, WORDS.none)}`,
    ...(ignoredNameservers.length === 0
      ? []
      : [say(io, WORDS.ignored, { servers: ignoredNameservers.join(' ') })]),
    ...(search.length === 0 ? [] : [`search ${search.join(' ')}`]),
    `ndots:${ndots} timeout:${timeoutMs / 1_000} attempts:${attempts}${rotate ? ' rotate' : ''}`,
    ...(order.length === 0 ? [] : [`hosts: ${order.join(' ')}`]),
    ...(keptBy === 'file' ? [] : [say(io, WORDS.written, { keeper: keptBy })]),
  ];
}

function comma(io: Io): string {
  return io.language === 'zh' ? '，' : ', ';
}

/** `7.6 GiB` */
function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log2(count) / 10), units.length - 1);
  const amount = count / 1_024 ** power;
  return `${amount >= 100 || power === 0 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`;
}

/**
 * Asks the segment, before anything is changed: does somebody else have the address, or speak with the router id? It
 * changes nothing; where the answer is yes, the plan is refused with what was heard. VRRP is listened to with perl, which
 * Debian always has; a host without it cannot listen, and the step says so instead of claiming silence.
 */
import { z } from 'zod';
import type { Evidence } from '../../../base/evidence.ts';
import { defineReasons, type Reason } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { sh } from '../../../hosts/shell.ts';
import { KeepalivedError } from '../../vrrp-error.ts';
import { answersCommand, parseSegment, type Segment } from '../../vrrp-strangers.ts';

const args = z.strictObject({
  addresses: z.array(z.string()).min(1),
  interface: z.string(),
  routerId: z.number().int(),
  /** Those who may have the address and use the id. */
  hosts: z.array(z.strictObject({ host: z.string(), interface: z.string(), source: z.string() })),
});
type VipFreeArgs = z.infer<typeof args>;

const LISTEN_SECONDS = 3;

const reasons = defineReasons({
  'vip-free/ask': {
    en: 'ask on {interface} whether {addresses} is free and router id {id} unused',
    zh: '在 {interface} 上查询 {addresses} 是否空闲、路由器 ID {id} 是否未被使用',
  },
  'vip-free/free': {
    en: 'nobody else answers for {addresses}; VRRP heard from others: {heard}{note}',
    zh: '没有其他设备应答 {addresses}；监听到的其他 VRRP 通告：{heard}{note}',
  },
  'vip-free/taken': {
    en: '{address} belongs to somebody else: {lladdr} answers for it',
    zh: '{address} 已被占用：{lladdr} 在应答该地址',
  },
  'vip-free/take-another': {
    en: 'find the machine by its MAC address and take it off the address, or choose another one',
    zh: '请根据 MAC 地址找到该设备并让出地址，或另选地址',
  },
  'vip-free/id-taken': {
    en: 'router id {id} is used on the segment by {source}',
    zh: '路由器 ID {id} 已被同一网段的 {source} 使用',
  },
  'vip-free/another-id': {
    en: 'give the endpoint a `routerId` that nobody uses; heard here: {heard}',
    zh: '请为端点设置无人使用的 `routerId`；此处监听到：{heard}',
  },
  'vip-free/nothing': { en: 'none', zh: '无' },
  'vip-free/deaf': {
    en: 'not known, the host has no perl to listen with',
    zh: '未知，主机没有可用于监听的 perl',
  },
  'vip-free/no-note': { en: '', zh: '' },
  'vip-free/cloud': {
    en: '. The host is a virtual machine of {vendor}: switch off the source/destination check of its ports there, or the address is not delivered',
    zh: '。该主机是 {vendor} 的虚拟机：请在平台上关闭其端口的源/目标检查，否则发往该地址的流量不会送达',
  },
});

interface Heard {
  /** Who answers for an address, and is no member. */
  readonly answering: Segment['answering'];
  /** Undefined: could not listen. */
  readonly speakers: readonly { source: string; id: number }[] | undefined;
  readonly vendor: string | undefined;
}

/** See the top of this file. */
export const vipFree: StepKind<VipFreeArgs, Record<string, never>> = {
  kind: 'vip-free',
  args,
  reasons,
  retrySafe: true,
  title: (of) =>
    reasons.of('vip-free/ask', { interface: of.interface, addresses: of.addresses, id: String(of.routerId) }),
  async check(ctx, of) {
    const heard = await hear(ctx, of);
    return (
      refusal(of, heard) ?? {
        state: 'done',
        because: reasons.of('vip-free/free', {
          addresses: of.addresses,
          heard: inWords(strangersOf(of, heard)),
          note: heard.vendor === undefined ? reasons.of('vip-free/no-note') : cloud(heard.vendor),
        }),
      }
    );
  },
  async apply() {},
  async verify(ctx, of): Promise<Evidence> {
    const startMs = ctx.clock.monotonicMs();
    const heard = await hear(ctx, of);
    const got = heard.answering.map(({ address, mac }) => `${address} at ${mac}`).join(', ') || 'no answer';
    const expected = 'no answer by a stranger';
    if (refusal(of, heard) !== undefined) throw taken(of, got, expected);
    const asked = `ARP for ${of.addresses.join(', ')} on ${of.interface}`;
    return { asked, got, expected, at: ctx.clock.now(), tookMs: ctx.clock.monotonicMs() - startMs };
  },
  undo: { schema: z.object({}), capture: async () => ({}), revert: async () => {} },
};

type Refused = { readonly state: 'refused'; readonly because: Reason; readonly hint: Reason };

function refusal(of: VipFreeArgs, heard: Heard): Refused | undefined {
  const [stranger] = heard.answering;
  if (stranger !== undefined) {
    const because = reasons.of('vip-free/taken', { address: stranger.address, lladdr: stranger.mac });
    return { state: 'refused', because, hint: reasons.of('vip-free/take-another') };
  }
  const strangers = strangersOf(of, heard);
  const clash = strangers?.find(({ id }) => id === of.routerId);
  if (clash === undefined) return undefined;
  const because = reasons.of('vip-free/id-taken', { id: String(of.routerId), source: clash.source });
  return {
    state: 'refused',
    because,
    hint: reasons.of('vip-free/another-id', { heard: inWords(strangers) }),
  };
}

function strangersOf(of: VipFreeArgs, { speakers }: Heard): Heard['speakers'] {
  const members = new Set(of.hosts.map(({ source }) => source));
  return speakers?.filter(({ source }) => !members.has(source));
}

function inWords(speakers: Heard['speakers']): Reason | string {
  if (speakers === undefined) return reasons.of('vip-free/deaf');
  if (speakers.length === 0) return reasons.of('vip-free/nothing');
  return [...new Set(speakers.map(({ source, id }) => `${source} (${id})`))].join(', ');
}

function cloud(vendor: string): Reason {
  return reasons.of('vip-free/cloud', { vendor });
}

async function hear(ctx: StepContext, of: VipFreeArgs): Promise<Heard> {
  const command = sh`cat /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name 2>/dev/null | sed 's/^/vendor /'
${answersCommand(of.addresses, of.interface)}
if command -v perl >/dev/null 2>&1; then ${LISTEN} ${of.interface} ${LISTEN_SECONDS} && echo listened; fi
exit 0`;
  const { stdout } = await ctx.host.run(command, { timeoutMs: 60_000, signal: ctx.signal, as: 'root' });
  const members = await Promise.all(of.hosts.map((one) => macOf(ctx, one.host, one.interface)));
  return parse(stdout, members);
}

/** Joins the group of RFC 9568 §5.1.1.2 and prints who advertises: `vrrp SOURCE ID`. Types 1 only, versions 2 and 3. */
const LISTEN = sh`perl -MSocket -e ${`
my ($if, $for) = @ARGV;
socket(my $s, AF_INET, SOCK_RAW, 112) or exit 1;
my ($index) = do { open my $f, "<", "/sys/class/net/$if/ifindex" or exit 1; <$f> };
setsockopt($s, IPPROTO_IP, 35, pack("a4 a4 i", inet_aton("224.0.0.18"), pack("N", 0), $index)) or exit 1;
my $end = time + $for;
while ((my $left = $end - time) > 0) {
  my $r = ""; vec($r, fileno($s), 1) = 1;
  next unless select($r, undef, undef, $left);
  recv($s, my $p, 2048, 0);
  my $h = (ord($p) & 15) * 4;
  my ($vt, $id) = unpack("x$h C C", $p);
  next unless ($vt & 15) == 1;
  my $line = join(".", unpack("x12 C4", $p)) . " $id";
  print "vrrp $line\n" unless $seen{$line}++;
}
`}`;

function parse(output: string, members: readonly (string | undefined)[]): Heard {
  const lines = output.split('\n').map((line) => line.split(' '));
  const named = (word: string): string[][] =>
    lines.filter(([first]) => first === word).map((line) => line.slice(1));
  const speakers = named('vrrp').map(([source = '', id = '']) => ({ source, id: Number(id) }));
  const vendor = named('vendor')
    .map((words) => words.join(' '))
    .find((text) =>
      /openstack|alibaba|yunion|onecloud|amazon|google|tencent|huawei|microsoft|vmware/i.test(text),
    );
  return {
    answering: parseSegment(output).answering.filter(({ mac }) => !members.includes(mac)),
    speakers: named('listened').length > 0 ? speakers : undefined,
    vendor,
  };
}

async function macOf(ctx: StepContext, host: string, name: string): Promise<string | undefined> {
  const connection = await ctx.connect(host);
  const { stdout } = await connection.run(sh`cat ${`/sys/class/net/${name}/address`} 2>/dev/null; :`, {
    timeoutMs: 30_000,
    signal: ctx.signal,
  });
  return stdout.trim().toLowerCase() || undefined;
}

function taken(of: VipFreeArgs, got: string, expected: string): KeepalivedError {
  return new KeepalivedError({
    code: 'keepalived/not-moved',
    message: `${of.addresses.join(', ')} or router id ${of.routerId} is in use on the segment`,
    expected,
    got,
    hint: 'Find the machine by its MAC address; `holdfast plan` says what was heard.',
  });
}

/**
 * What `publish` and `observe` mean for proxies: which members get new connections. Connections under way are never
 * cut. Pure of any one proxy: how one is read and told is passed in.
 *
 * Where the endpoint has addresses, the proxy that owns them is the one that counts; another that cannot be asked is
 * said in the evidence, and set right by the next look that finds it.
 */
import type { Evidence } from '../base/evidence.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import type { CommandResult } from '../hosts/host.ts';
import { type Command, sh } from '../hosts/shell.ts';
import type { Endpoint, HostName, MemberName } from '../site/model.ts';
import { membersOf } from './answer.ts';
import { type Asked, askEach } from './ask-each.ts';
import type { Answer, DriverContext, Observed, Published } from './driver.ts';
import { type EpochMark, markOf, refuseOlder } from './epoch.ts';
import { ProxyError } from './proxy-error.ts';
import type { ProxyConfig } from './proxy-schema.ts';

/** What one proxy says of itself. */
export interface ProxyLook {
  readonly host: HostName;
  /** Whether clients reach it: it owns the addresses, or there are none. */
  readonly isUsed: boolean;
  readonly mark: EpochMark | undefined;
  /** Members that a new connection could be passed to now. */
  readonly members: readonly MemberName[];
}

/** Reads the proxy of a host. */
export type LookAtProxy = (host: HostName) => Promise<ProxyLook>;

/** One kind of proxy. */
export interface ProxyHands {
  readonly look: LookAtProxy;
  /** Tells it; resolves when new connections go where they should. Refuses an older epoch itself. */
  tell(host: HostName, mark: EpochMark): Promise<void>;
}

const COMMAND_TIMEOUT_MS = 20_000;

/** Hosts that run the proxy. */
export function proxyHosts({ driver, members }: Endpoint<ProxyConfig>): HostName[] {
  return driver.config.proxies ?? members.map((member) => member.host);
}

/** The mark of an answer; of the same members in another order it is the same. */
export function proxyMark(endpoint: Endpoint, answer: Answer): EpochMark {
  const members = membersOf(endpoint, answer);
  return markOf(
    answer,
    members.map(({ address }) => ({ type: 'A', address })),
  );
}

/** @throws DriverError `driver/…`; ProxyError */
export async function publishToProxies(
  ctx: DriverContext,
  endpoint: Endpoint<ProxyConfig>,
  answer: Answer,
  hands: ProxyHands,
): Promise<Published> {
  throwIfAborted(ctx.signal);
  const mark = proxyMark(endpoint, answer);
  const startMs = ctx.clock.monotonicMs();
  const before = await lookAtAll(ctx, endpoint, hands.look);
  for (const { mark: seen } of before.found) refuseOlder(endpoint, seen, mark);
  const wanted = new Set(answer.members);
  const isRight = (look: ProxyLook): boolean => sameMembers(endpoint, look.members, wanted);
  await Promise.all(before.found.map(({ host }) => hands.tell(host, mark)));
  const after = await lookAtAll(ctx, endpoint, hands.look);
  const wrong = after.found.filter((look) => look.isUsed && !isRight(look));
  if (wrong.length > 0) throw notVisible(endpoint, wrong, answer);
  const changed = before.found.some((look) => look.isUsed && !isRight(look));
  return { changed, evidence: evidenceOf(ctx, endpoint, after, startMs) };
}

/** @throws ProxyError `proxy/unreachable` */
export async function observeProxies(
  ctx: DriverContext,
  endpoint: Endpoint<ProxyConfig>,
  look: LookAtProxy,
): Promise<Observed> {
  const startMs = ctx.clock.monotonicMs();
  const looks = await lookAtAll(ctx, endpoint, look);
  const given = new Set(looks.found.filter(({ isUsed }) => isUsed).flatMap(({ members }) => members));
  return {
    members: endpoint.members.map(({ name }) => name).filter((name) => given.has(name)),
    strangers: [],
    evidence: evidenceOf(ctx, endpoint, looks, startMs),
  };
}

/** Runs a command on a proxy's host as root. */
export async function runOn(
  ctx: DriverContext,
  host: HostName,
  command: Command,
  stdin?: string,
): Promise<CommandResult> {
  const connection = await ctx.hosts.connect(host, ctx.signal);
  const o = { timeoutMs: COMMAND_TIMEOUT_MS, signal: ctx.signal, as: 'root' } as const;
  return connection.run(command, stdin === undefined ? o : { ...o, stdin });
}

/** Prints `owns` where every address stands on the host, or there are none. */
export function ownsCommand(addresses: readonly string[]): Command {
  return sh`own=yes
for a in ${addresses}; do ip -o addr show to "$a" 2>/dev/null | grep -q . || own=; done
[ -z "$own" ] || echo owns`;
}

/** A command of ours on a host that did not end well. */
export function refused(host: HostName, what: string, { code, stdout, stderr }: CommandResult): ProxyError {
  const said = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
  return new ProxyError({
    code: 'proxy/refused',
    message: `the proxy on ${host} could not be told ${what}`,
    where: { host },
    expected: 'exit code 0',
    got: `exit code ${code}${said === '' ? '' : `: ${said}`}`,
    hint: 'Run `holdfast plan`: its configuration may be missing or older than the site file.',
    retryable: true,
  });
}

type Looks = Asked<ProxyLook>;

/** @throws ProxyError `proxy/unreachable` where none that clients use is among those that answer */
async function lookAtAll(
  ctx: DriverContext,
  endpoint: Endpoint<ProxyConfig>,
  look: LookAtProxy,
): Promise<Looks> {
  const { found, silent } = await askEach(ctx.signal, proxyHosts(endpoint), look);
  if (found.some(({ isUsed }) => isUsed)) return { found, silent };
  const reasons = [...silent].map(([host, why]) => `${host}: ${why}`);
  throw new ProxyError({
    code: 'proxy/unreachable',
    message: `endpoint ${endpoint.name}: no proxy that clients use could be asked`,
    expected: `an answer of ${proxyHosts(endpoint).join(' or ')}${endpoint.addresses.length > 0 ? `, whichever owns ${endpoint.addresses.join(', ')}` : ''}`,
    got: reasons.length === 0 ? 'none of them owns the address' : reasons.join('; '),
    hint: 'Look whether the hosts are reachable, and whether the proxy and keepalived run on them.',
    retryable: true,
  });
}

/** Under failover the others stand by: only who gets clients now counts. */
function sameMembers(
  endpoint: Endpoint,
  got: readonly MemberName[],
  wanted: ReadonlySet<MemberName>,
): boolean {
  if (endpoint.policy === 'failover') return got.length > 0 && got.every((name) => wanted.has(name));
  return got.length === wanted.size && got.every((name) => wanted.has(name));
}

function evidenceOf(
  ctx: DriverContext,
  endpoint: Endpoint<ProxyConfig>,
  looks: Looks,
  startMs: number,
): Evidence {
  const addressOf = (name: MemberName): string =>
    endpoint.members.find((one) => one.name === name)?.address ?? name;
  const words = looks.found.map(({ host, members, isUsed }) => {
    const to =
      members.length === 0 ? 'nobody' : members.map((name) => `${name} (${addressOf(name)})`).join(', ');
    return `${host}${isUsed ? '' : ' (standing by)'} passes to ${to}`;
  });
  const silent = [...looks.silent.keys()].map((host) => `${host} could not be asked`);
  return {
    asked: `${endpoint.driver.kind} on ${proxyHosts(endpoint).join(', ')}`,
    got: [...words, ...silent].join('; '),
    at: ctx.clock.now(),
    tookMs: ctx.clock.monotonicMs() - startMs,
  };
}

function notVisible(endpoint: Endpoint, wrong: readonly ProxyLook[], answer: Answer): ProxyError {
  return new ProxyError({
    code: 'proxy/not-visible',
    message: `endpoint ${endpoint.name}: the proxy does not pass clients where it should`,
    expected: answer.members.join(', '),
    got: wrong.map(({ host, members }) => `${host}: ${members.join(', ') || 'nobody'}`).join('; '),
    hint: `See \`journalctl -u holdfast-proxy-${endpoint.name}\` on the host; the member may be down for the proxy.`,
    retryable: true,
  });
}

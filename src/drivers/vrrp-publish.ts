/**
 * What `publish` and `observe` mean for an address that the hosts move among themselves.
 *
 * The hosts decide who owns it, by VRRP and their own health, whether or not Holdfast runs. `publish` makes the wished
 * member the owner, and lets it stay the preferred one: it notes the answer on every host (with the epoch, so that an
 * older leader is refused by the hosts themselves), raises the priority of the wished one, and has the owner step
 * aside once. It never takes the address from an owner before the wished member's own host says that it is well.
 * `observe` asks every host whether the address stands on it, and who else answers for it on the segment.
 */
import type { Evidence } from '../base/evidence.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import type { CommandResult } from '../hosts/host.ts';
import type { Command } from '../hosts/shell.ts';
import type { Endpoint, HostName, Member } from '../site/model.ts';
import { membersOf } from './answer.ts';
import { type Asked, askEach } from './ask-each.ts';
import type { Answer, DriverContext, Observed, Published } from './driver.ts';
import { type EpochMark, markOf, refuseOlder } from './epoch.ts';
import { NEWER_THERE } from './host-mark.ts';
import { KeepalivedError } from './vrrp-error.ts';
import { asideCommand, type Look, lookCommand, noteCommand, parseLook } from './vrrp-look.ts';
import { pace, type VrrpSettings } from './vrrp-schema.ts';
import { parseSegment, segmentCommand, strangersOn } from './vrrp-strangers.ts';
import { lookUntil } from './vrrp-wait.ts';

const COMMAND_TIMEOUT_MS = 10_000;
/** Several times what a takeover needs. */
const SETTLE_MS = 5_000;
const LOOK_EVERY_MS = 50;

type Looks = Asked<Look>;

interface Work {
  readonly ctx: DriverContext;
  readonly endpoint: Endpoint<VrrpSettings>;
  readonly hosts: readonly HostName[];
}

/**
 * See the top of this file.
 * @throws DriverError `driver/…`; KeepalivedError `keepalived/unreachable`, `keepalived/not-ready`,
 *   `keepalived/not-moved`
 */
export async function publishOwner(
  ctx: DriverContext,
  endpoint: Endpoint<VrrpSettings>,
  answer: Answer,
): Promise<Published> {
  throwIfAborted(ctx.signal);
  const [wished] = membersOf(endpoint, answer) as [Member];
  const work: Work = { ctx, endpoint, hosts: endpoint.members.map((member) => member.host) };
  const before = await lookAtAll(work);
  const mark = markOf(answer, [{ type: 'A', address: wished.address }]);
  for (const { mark: seen } of before.found) refuseOlder(endpoint, seen, mark);
  const its = before.found.find(({ host }) => host === wished.host);
  if (its === undefined) throw unreachable(work, before, wished.host);
  const isOwner = ownsAlone(before, its, endpoint);
  if (!isOwner) refuseUnready(work, its);
  await note(work, before, mark, wished.host);
  if (isOwner) return { changed: false, evidence: evidenceOf(work, before, ctx.clock.monotonicMs()) };
  return { changed: true, evidence: await move(work, before, wished) };
}

/** @throws KeepalivedError `keepalived/unreachable` where nobody is known to own it and somebody cannot be asked */
export async function observeOwner(ctx: DriverContext, endpoint: Endpoint<VrrpSettings>): Promise<Observed> {
  const work: Work = { ctx, endpoint, hosts: endpoint.members.map((member) => member.host) };
  const startMs = ctx.clock.monotonicMs();
  const [looks, strangers] = await Promise.all([lookAtAll(work), strangersOf(work)]);
  const owners = new Set(looks.found.filter(({ owns }) => owns.length > 0).map(({ host }) => host));
  if (owners.size === 0 && looks.silent.size > 0)
    throw unreachable(work, looks, [...looks.silent.keys()].join(', '));
  const members = endpoint.members.filter(({ host }) => owners.has(host)).map(({ name }) => name);
  return { members, strangers, evidence: evidenceOf(work, looks, startMs, strangers) };
}

/** Who else answers for the addresses. Nobody is accused while a member cannot be asked: it may be the one. */
async function strangersOf({ ctx, endpoint, hosts }: Work): Promise<string[]> {
  const command = segmentCommand(endpoint.addresses);
  const { found, silent } = await askEach(ctx.signal, hosts, async (host) =>
    parseSegment((await run(ctx, host, command)).stdout),
  );
  return silent.size === 0 ? strangersOn(found) : [];
}

function lookAtAll({ ctx, endpoint, hosts }: Work): Promise<Looks> {
  const command = lookCommand(endpoint.name, endpoint.addresses);
  return askEach(ctx.signal, hosts, async (host) => parseLook(host, (await run(ctx, host, command)).stdout));
}

async function run(ctx: DriverContext, host: HostName, command: Command): Promise<CommandResult> {
  const connection = await ctx.hosts.connect(host, ctx.signal);
  return connection.run(command, { timeoutMs: COMMAND_TIMEOUT_MS, signal: ctx.signal, as: 'root' });
}

function ownsAlone({ found }: Looks, its: Look, { addresses }: Endpoint): boolean {
  const others = found.filter(({ host, owns }) => host !== its.host && owns.length > 0);
  return its.owns.length === addresses.length && others.length === 0;
}

function refuseUnready({ endpoint }: Work, its: Look): void {
  if (its.isRunning && its.isWell !== false) return;
  throw new KeepalivedError({
    code: 'keepalived/not-ready',
    message: `endpoint ${endpoint.name}: ${its.host} cannot take the address`,
    where: { host: its.host },
    expected: 'keepalived running, and the host’s own verdict that it is well',
    got: its.isRunning ? 'its own verdict is that it is not well' : 'keepalived does not run',
    hint: 'The owner keeps the address meanwhile. Look at `systemctl status keepalived` and the health unit on that host.',
    retryable: true,
  });
}

/** On every host that can be reached: one that cannot has its own mark, and hears of the new one with the next answer. */
async function note(work: Work, looks: Looks, mark: EpochMark, wished: HostName): Promise<void> {
  const { ctx, endpoint } = work;
  await Promise.all(
    looks.found.map(async ({ host }) => {
      const result = await run(ctx, host, noteCommand(endpoint.name, mark, host === wished));
      if (result.code === 0) return;
      if (result.code === NEWER_THERE)
        refuseOlder(endpoint, { ...mark, epoch: mark.epoch + 1, by: host }, mark);
      throw commandFailed(host, 'note the answer', result);
    }),
  );
}

async function move(work: Work, before: Looks, wished: Member): Promise<Evidence> {
  const { ctx, endpoint } = work;
  const startMs = ctx.clock.monotonicMs();
  const { advertMs } = pace(endpoint.driver.config);
  const graceSeconds = (advertMs * 5 + 200) / 1_000;
  const owners = before.found.filter(({ host, owns }) => host !== wished.host && owns.length > 0);
  await Promise.all(
    owners.map(async ({ host }) => {
      const result = await run(ctx, host, asideCommand(endpoint.name, endpoint.addresses, graceSeconds));
      if (result.code !== 0) throw commandFailed(host, 'give the address up', result);
    }),
  );
  const after = await lookUntil(
    { clock: ctx.clock, signal: ctx.signal, forMs: SETTLE_MS + advertMs * 4, everyMs: LOOK_EVERY_MS },
    () => lookAtAll(work),
    (looks) => isOwnedBy(looks, wished.host, endpoint),
  );
  if (!isOwnedBy(after, wished.host, endpoint)) throw notMoved(work, after, wished);
  return evidenceOf(work, after, startMs);
}

function isOwnedBy(looks: Looks, host: HostName, endpoint: Endpoint): boolean {
  const its = looks.found.find((look) => look.host === host);
  return its !== undefined && ownsAlone(looks, its, endpoint);
}

function evidenceOf(
  { ctx, endpoint, hosts }: Work,
  looks: Looks,
  startMs: number,
  strangers: readonly string[] = [],
): Evidence {
  const owners = looks.found.filter(({ owns }) => owns.length > 0);
  const addressOf = (host: HostName): string =>
    endpoint.members.find((one) => one.host === host)?.address ?? host;
  const words = owners.map(({ host, owns }) => `${host} (${addressOf(host)}) owns ${owns.join(', ')}`);
  const silent = [...looks.silent.keys()].map((host) => `${host} could not be asked`);
  const others = strangers.map((one) => `a stranger answers for ${one}`);
  const got = [...(words.length === 0 ? ['nobody owns it'] : words), ...others, ...silent].join('; ');
  const asked = `ip addr show to ${endpoint.addresses.join(', ')} on ${hosts.join(', ')}`;
  return { asked, got, at: ctx.clock.now(), tookMs: ctx.clock.monotonicMs() - startMs };
}

function unreachable({ endpoint }: Work, looks: Looks, host: string): KeepalivedError {
  return new KeepalivedError({
    code: 'keepalived/unreachable',
    message: `endpoint ${endpoint.name}: ${host} cannot be asked`,
    where: { host },
    expected: 'an answer of the host',
    got: [...looks.silent.values()].join('; '),
    hint: 'The hosts move the address by themselves meanwhile. Make the host reachable over SSH.',
    retryable: true,
  });
}

function notMoved({ endpoint }: Work, looks: Looks, wished: Member): KeepalivedError {
  const owners = looks.found.filter(({ owns }) => owns.length > 0).map(({ host }) => host);
  return new KeepalivedError({
    code: 'keepalived/not-moved',
    message: `endpoint ${endpoint.name}: the address did not come to ${wished.host}`,
    where: { host: wished.host },
    expected: `${wished.host} owns ${endpoint.addresses.join(', ')} alone`,
    got: owners.length === 0 ? 'none of the hosts that could be asked' : owners.join(', '),
    hint: 'See `journalctl -u keepalived` on the hosts; one that cannot be asked may still own it.',
    retryable: true,
  });
}

function commandFailed(host: HostName, what: string, { code, stderr }: CommandResult): KeepalivedError {
  return new KeepalivedError({
    code: 'keepalived/command',
    message: `${host} could not ${what}`,
    where: { host },
    expected: 'exit code 0',
    got: `exit code ${code}${stderr.trim() === '' ? '' : `: ${stderr.trim().split('\n').at(-1)}`}`,
    hint: 'Run `holdfast plan`: what the driver lays out on the host may be missing.',
    retryable: true,
  });
}

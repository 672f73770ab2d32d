/**
 * One RRset of a zone, set by RFC 2136 at the zone's primary server, or its absence. The update demands that the RRset
 * still is what was captured before, so that nobody else's change is overwritten. Runs from where Holdfast runs.
 */
import { z } from 'zod';
import type { Evidence } from '../../base/evidence.ts';
import { defineReasons } from '../../base/reason.ts';
import { DnsError } from '../../dns/error.ts';
import { formatRdata } from '../../dns/rdata.ts';
import { rdataFromText, storableType } from '../../dns/record.ts';
import { resolve } from '../../dns/resolve.ts';
import type { TsigKey } from '../../dns/tsig.ts';
import { sendUpdate } from '../../dns/update.ts';
import type { Prerequisite } from '../../dns/update-message.ts';
import { dnsName, ipAddress, port, secretRef } from '../../site/values.ts';
import type { Check, Drift, StepContext, StepKind } from '../step.ts';
import { timeLimitMs } from './parts/arguments.ts';
import { notAsWanted, StepError } from './parts/step-error.ts';

export const dnsRecordArgs = z
  .strictObject({
    /** The zone's primary server. */
    server: ipAddress(),
    port: port().default(53),
    zone: dnsName(),
    /** Absolute; a name of the zone. */
    name: z.string().regex(/^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/),
    type: z.enum(['A', 'AAAA', 'CNAME', 'TXT', 'SRV', 'PTR', 'CAA', 'MX']),
    ttlSeconds: z.number().int().min(0).max(2_147_483_647).default(300),
    /** As in a zone file; none: there should be no such RRset. */
    data: z.array(z.string()),
    key: z
      .strictObject({
        name: z.string().min(1),
        algorithm: z.enum(['hmac-sha256', 'hmac-sha512']).default('hmac-sha256'),
        secret: secretRef(),
      })
      .optional(),
    timeoutMs: timeLimitMs(10_000),
  })
  .superRefine(({ type, data, name, zone }, ctx) => {
    for (const [at, each] of data.entries()) {
      if (normalise(type, each) === undefined) {
        ctx.addIssue({
          code: 'custom',
          path: ['data', at],
          message: `'${each}' is no data for the type ${type}`,
        });
      }
    }
    if (fold(name) !== zone && !fold(name).endsWith(`.${zone}`)) {
      ctx.addIssue({ code: 'custom', path: ['name'], message: `'${name}' is not in the zone ${zone}` });
    }
  });
export type DnsRecordArgs = z.infer<typeof dnsRecordArgs>;

const rrset = z.object({ data: z.array(z.string()), ttlSeconds: z.number() });
type Rrset = z.infer<typeof rrset>;
/** `discarded`: what somebody else had set, and a rollback was told to overwrite. */
const dnsRecordUndo = z.object({ before: rrset, discarded: rrset.optional() });
type DnsRecordUndo = z.infer<typeof dnsRecordUndo>;

const reasons = defineReasons({
  'dns-record/set': { en: 'set {name} {type} to {data}', zh: '将 {name} 的 {type} 记录设为 {data}' },
  'dns-record/remove': { en: 'remove {name} {type}', zh: '删除 {name} 的 {type} 记录' },
  'dns-record/same': {
    en: '{server} answers {name} {type} as wanted',
    zh: '{server} 对 {name} {type} 的应答已符合要求',
  },
  'dns-record/not-authoritative': {
    en: '{server} does not answer for the zone {zone} ({rcode})',
    zh: '{server} 不是区域 {zone} 的权威服务器（{rcode}）',
  },
  'dns-record/name-primary': {
    en: 'name the primary server of the zone, and check that it has loaded the zone',
    zh: '请填写该区域的主服务器，并检查其是否已加载该区域',
  },
  'dns-record/is-cname': {
    en: '{name} is a CNAME: it cannot have other records beside it',
    zh: '{name} 是 CNAME，不能同时存在其他记录',
  },
  'dns-record/remove-cname': {
    en: 'remove the CNAME first, or use the name that it points at',
    zh: '请先删除该 CNAME，或改用它所指向的名称',
  },
});

/** Makes the kind. @param random 0…1, for the IDs of messages */
export function dnsRecordStep(random: () => number): StepKind<DnsRecordArgs, DnsRecordUndo> {
  return {
    kind: 'dns-record',
    args: dnsRecordArgs,
    reasons,
    retrySafe: true,
    removes: ({ data }) => data.length === 0,
    title: ({ name, type, data }) =>
      reasons.of(data.length === 0 ? 'dns-record/remove' : 'dns-record/set', { name, type, data }),
    check: (ctx, args) => check(ctx, args, random),
    apply: (ctx, args, undo) => change(ctx, args, undo.before, wishOf(args), random),
    verify: (ctx, args) => verify(ctx, args, random),
    undo: {
      schema: dnsRecordUndo,
      capture: async (ctx, args) => ({ before: rrsetOf(await ask(ctx, args, random)) }),
      revert: (ctx, undo, args) => change(ctx, args, undo.discarded ?? wishOf(args), undo.before, random),
      content: {
        names: (args) => [nameOf(args)],
        drift: (ctx, undo, args) => drift(ctx, undo, args, random),
        async keep(ctx, _name, args) {
          const discarded = rrsetOf(await ask(ctx, args, random));
          await ctx.amendUndo({ discarded });
          return linesOf(args, discarded).join(', ') || 'no such records';
        },
      },
    },
  };
}

async function check(ctx: StepContext, args: DnsRecordArgs, random: () => number): Promise<Check> {
  const { name, type, zone } = args;
  const found = await ask(ctx, args, random);
  const server = `${args.server}:${args.port}`;
  if (!found.authoritative || !['NOERROR', 'NXDOMAIN'].includes(found.rcode)) {
    const because = reasons.of('dns-record/not-authoritative', { server, zone, rcode: found.rcode });
    return { state: 'refused', because, hint: reasons.of('dns-record/name-primary') };
  }
  if (found.isCname) {
    const because = reasons.of('dns-record/is-cname', { name });
    return { state: 'refused', because, hint: reasons.of('dns-record/remove-cname') };
  }
  const [is, wish] = [rrsetOf(found), wishOf(args)];
  if (same(is, wish))
    return { state: 'done', because: reasons.of('dns-record/same', { server, name, type }) };
  const minus = linesOf(args, is).map((line) => `-${line}\n`);
  const plus = linesOf(args, wish).map((line) => `+${line}\n`);
  const verb = wish.data.length === 0 ? 'remove' : is.data.length === 0 ? 'create' : 'change';
  return {
    state: 'todo',
    diff: { summary: `${verb} ${name} ${type} at ${server}`, text: [...minus, ...plus].join('') },
  };
}

function nameOf({ name, type, server, port: at }: DnsRecordArgs): string {
  return `${fold(name)} ${type} at ${server}:${at}`;
}

async function drift(
  ctx: StepContext,
  { before, discarded }: DnsRecordUndo,
  args: DnsRecordArgs,
  random: () => number,
): Promise<readonly Drift[]> {
  const [is, left] = [rrsetOf(await ask(ctx, args, random)), wishOf(args)];
  if ([left, before, discarded].some((known) => known !== undefined && sameData(is, known))) return [];
  const minus = linesOf(args, left).map((line) => `-${line}\n`);
  const plus = linesOf(args, is).map((line) => `+${line}\n`);
  const name = nameOf(args);
  return [{ name, diff: { summary: name, text: [...minus, ...plus].join('') } }];
}

/**
 * Replaces one RRset by another, if it is still `from`. Where the race is lost, looks who won: an earlier try of ours,
 * whose answer was lost, is a success.
 */
async function change(
  ctx: StepContext,
  args: DnsRecordArgs,
  from: Rrset,
  to: Rrset,
  random: () => number,
): Promise<void> {
  const { server, zone, name, type, timeoutMs } = args;
  const before = rrsetOf(await ask(ctx, args, random));
  if (same(before, to)) return;
  if (!sameData(before, from)) throw changedByOthers(args, from, before);
  try {
    await sendUpdate({
      ...{ server, port: args.port, zone, timeoutMs, clock: ctx.clock, signal: ctx.signal, random },
      ...(await keyOf(ctx, args)),
      prerequisites: [stillIs(name, type, before)],
      changes: [
        { kind: 'delete-rrset', name, type },
        ...to.data.map((data) => ({ kind: 'add', name, type, data, ttl: to.ttlSeconds }) as const),
      ],
    });
  } catch (error) {
    if (!(error instanceof DnsError) || error.code !== 'dns/update-lost-race') throw error;
    const now = rrsetOf(await ask(ctx, args, random));
    if (!same(now, to)) throw changedByOthers(args, before, now);
  }
}

function stillIs(name: string, type: string, { data }: Rrset): Prerequisite {
  return data.length === 0
    ? { kind: 'rrset-absent', name, type }
    : { kind: 'rrset-equals', name, type, data };
}

async function keyOf(ctx: StepContext, { key }: DnsRecordArgs): Promise<{ key?: TsigKey }> {
  if (key === undefined) return {};
  return { key: { name: key.name, algorithm: key.algorithm, secret: await ctx.secret(key.secret) } };
}

async function verify(ctx: StepContext, args: DnsRecordArgs, random: () => number): Promise<Evidence> {
  const found = await ask(ctx, args, random);
  const [is, wish] = [rrsetOf(found), wishOf(args)];
  const [got, expected] = [is, wish].map((set) => linesOf(args, set).join(', ') || 'no such records') as [
    string,
    string,
  ];
  if (!same(is, wish)) throw notAsWanted(`${args.name} ${args.type}`, expected, got);
  const asked = `${args.name} ${args.type} at ${args.server}:${args.port}`;
  return { asked, got, expected, at: ctx.clock.now(), tookMs: found.tookMs };
}

interface Found extends Rrset {
  readonly rcode: string;
  readonly authoritative: boolean;
  readonly isCname: boolean;
  readonly tookMs: number;
}

async function ask(ctx: StepContext, args: DnsRecordArgs, random: () => number): Promise<Found> {
  const servers = [{ address: args.server, port: args.port }];
  const { clock, signal } = ctx;
  const { name, type, timeoutMs } = args;
  const found = await resolve({ servers, name, type, timeoutMs, recurse: false, clock, signal, random });
  const own = found.answers.filter((record) => record.type === type && fold(record.name) === fold(name));
  return {
    rcode: found.rcode,
    authoritative: found.authoritative,
    isCname: type !== 'CNAME' && found.answers.some((record) => record.type === 'CNAME'),
    tookMs: found.tookMs,
    data: own.map(({ data }) => data).sort(),
    ttlSeconds: own[0]?.ttl ?? 0,
  };
}

function rrsetOf({ data, ttlSeconds }: Found): Rrset {
  return { data: [...data], ttlSeconds };
}

function wishOf({ type, data, ttlSeconds }: DnsRecordArgs): Rrset {
  const normal = data.map((each) => normalise(type, each) ?? each).sort();
  return { data: normal, ttlSeconds: data.length === 0 ? 0 : ttlSeconds };
}

function same(a: Rrset, b: Rrset): boolean {
  return sameData(a, b) && a.ttlSeconds === b.ttlSeconds;
}

function sameData(a: Rrset, b: Rrset): boolean {
  return a.data.length === b.data.length && a.data.every((each, at) => each === b.data[at]);
}

function linesOf({ name, type }: DnsRecordArgs, { data, ttlSeconds }: Rrset): string[] {
  return data.map((each) => `${name} ${ttlSeconds} IN ${type} ${each}`);
}

/** One spelling for each datum, the one that answers have; undefined where it is none. */
function normalise(type: string, data: string): string | undefined {
  try {
    return formatRdata(storableType(type), rdataFromText(type, data));
  } catch {
    return undefined;
  }
}

function fold(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function changedByOthers(args: DnsRecordArgs, expected: Rrset, got: Rrset): StepError {
  const inWords = (set: Rrset): string => linesOf(args, set).join(', ') || 'no such records';
  return new StepError({
    code: 'step/record-not-set',
    message: `${args.name} ${args.type} was changed by somebody else; it is left as it is`,
    expected: inWords(expected),
    got: inWords(got),
    hint: 'Find out who else changes the zone; then plan again, or set the record yourself.',
  });
}

/** Copies what one member of a stack holds and others lack: images, files, charts. Deletes nothing. */
import { z } from 'zod';
import type { Finding } from '../base/finding.ts';
import { nearest } from '../base/nearest.ts';
import { defineReasons, type Reason } from '../base/reason.ts';
import { inOrder } from '../engine/graph.ts';
import { makePlan } from '../engine/plan.ts';
import type { Step } from '../engine/step.ts';
import type { Facts } from '../hosts/fact.ts';
import type { Member, Site, StackSpec } from '../site/model.ts';
import type { Known, Planned, Procedure } from './procedure.ts';

/** Leaves the two contents of one name as they are. */
const NEITHER = 'neither';
const ALL = '*';

export const syncRequest = z.strictObject({
  stack: z.string().optional().describe('Which one, where several can be synced.'),
  from: z.string().optional().describe('The member to copy from; default: the first.'),
  to: z.string().optional().describe('The member to copy to; default: all others.'),
  both: z.boolean().default(false).describe('Back as well, so that all hold everything.'),
  prefer: z
    .record(z.string(), z.string())
    .default({})
    .describe('Whose content stands in a conflict: by name, or * for all; neither: as it is.'),
});
export type SyncRequest = z.infer<typeof syncRequest>;

const reasons = defineReasons({
  'sync/unknown-stack': { en: "the site has no stack named '{name}'", zh: '站点文件中没有名为“{name}”的栈' },
  'sync/no-stack': {
    en: 'no stack of this site holds copies that could be synced',
    zh: '该站点没有可同步副本的栈',
  },
  'sync/which-stack': { en: 'several stacks can be synced: {names}', zh: '有多个栈可以同步：{names}' },
  'sync/not-this-kind': {
    en: "the members of '{name}' ({kind}) do not hold copies that could be synced",
    zh: '“{name}”（{kind}）的成员没有可同步的副本',
  },
  'sync/no-endpoint': {
    en: "'{name}' has no endpoint, so it is not known who its members are",
    zh: '“{name}”没有端点，无法得知其成员',
  },
  'sync/add-endpoint': { en: 'add endpoint: to the stack', zh: '请为该栈添加 endpoint:' },
  'sync/unknown-member': { en: "'{name}' is no member of '{stack}'", zh: '“{name}”不是“{stack}”的成员' },
  'sync/one-member': {
    en: "there is nobody to copy to: '{from}' is the only member that was named",
    zh: '没有复制目标：只指定了成员“{from}”',
  },
  'sync/name-other': { en: 'name another member with --to', zh: '请用 --to 指定另一个成员' },
  'sync/did-you-mean': { en: "did you mean '{meant}'?", zh: '是否想写“{meant}”？' },
  'sync/known-names': { en: 'it has: {names}', zh: '现有：{names}' },
  'sync/name-one': { en: 'name one: holdfast sync {names}', zh: '请指定其一：holdfast sync {names}' },
  'sync/see-kinds': {
    en: 'stacks of kind artifacts can be synced',
    zh: 'artifacts 类型的栈可以同步',
  },
});

/** See the top of this file. */
export const sync: Procedure<SyncRequest> = {
  name: 'sync',
  summary: {
    en: 'Copy what one member of a stack holds and others lack.',
    zh: '将栈中某成员拥有而其他成员缺少的内容复制过去。',
  },
  request: syncRequest,
  reasons,
  // What members hold is asked over the network by each step's check.
  facts: () => [],
  plan(site, facts, request, known) {
    const stack = chooseStack(site, request, known);
    if ('refused' in stack) return stack;
    const members = chooseMembers(site, stack, request);
    if ('refused' in members) return members;
    return seal(site, facts, request, known, stack, members);
  },
};

interface Members {
  readonly from: Member;
  readonly to: readonly Member[];
}

function seal(
  site: Site,
  facts: Facts,
  request: SyncRequest,
  known: Known,
  stack: StackSpec,
  { from, to }: Members,
): Planned {
  const { prefer } = request;
  const { kind } = stack;
  const pairs = to.map((other) => ({ from, to: other }));
  const ways = request.both ? [...to.map((other) => ({ from: other, to: from })), ...pairs] : pairs;
  const steps: Step[] = [];
  const warnings = new Map<string, Finding>();
  for (const way of ways) {
    const after = request.both ? steps.map(({ id }) => id) : [];
    const planned = known.stacks.get(kind).sync!(site, stack, { ...way, prefer, after });
    steps.push(...planned.steps);
    for (const found of planned.warnings) warnings.set(found.rule, found);
  }
  const parts = { procedure: 'sync', request, site: site.digest, facts: facts.digest };
  return { plan: makePlan({ ...parts, steps: inOrder(steps) }), warnings: [...warnings.values()] };
}

function chooseStack(site: Site, { stack: name }: SyncRequest, known: Known): StackSpec | Refused {
  const canSync = (stack: StackSpec): boolean => known.stacks.find(stack.kind)?.sync !== undefined;
  if (name !== undefined) {
    const stack = site.stacks.get(name);
    if (stack === undefined)
      return refuse('sync/unknown-stack', { name }, meantOrKnown(name, [...site.stacks.keys()]));
    if (canSync(stack)) return stack;
    return refuse('sync/not-this-kind', { name, kind: stack.kind }, reasons.of('sync/see-kinds'));
  }
  const possible = [...site.stacks.values()].filter(canSync);
  if (possible.length === 1) return possible[0]!;
  const names = possible.map((stack) => stack.name);
  if (names.length === 0) return refuse('sync/no-stack', {}, reasons.of('sync/see-kinds'));
  return refuse('sync/which-stack', { names }, reasons.of('sync/name-one', { names: names.join(' | ') }));
}

function chooseMembers(site: Site, stack: StackSpec, request: SyncRequest): Members | Refused {
  const endpoint = stack.endpoint === undefined ? undefined : site.endpoints.get(stack.endpoint);
  if (endpoint === undefined)
    return refuse('sync/no-endpoint', { name: stack.name }, reasons.of('sync/add-endpoint'));
  const { members } = endpoint;
  const names = members.map(({ name }) => name);
  const preferred = Object.values(request.prefer).filter((name) => name !== NEITHER);
  const wrong = [request.from, request.to, ...preferred].filter(
    (name) => name !== undefined && !names.includes(name),
  );
  if (wrong.length > 0) {
    const refused = [...new Set(wrong as string[])].map((name) =>
      finding('sync/unknown-member', { name, stack: stack.name }, meantOrKnown(name, names)),
    );
    return { refused };
  }
  const from =
    members.find(({ name }) => name === request.from) ??
    members.find(({ name }) => name !== request.to) ??
    members[0]!;
  const to = members.filter(({ name }) => name !== from.name && name === (request.to ?? name));
  if (to.length === 0) return refuse('sync/one-member', { from: from.name }, reasons.of('sync/name-other'));
  return { from, to };
}

interface Refused {
  readonly refused: readonly Finding[];
}

function refuse(
  rule: Parameters<typeof reasons.of>[0],
  params: Parameters<typeof reasons.of>[1],
  hint: Reason,
): Refused {
  return { refused: [finding(rule, params, hint)] };
}

function finding(
  rule: Parameters<typeof reasons.of>[0],
  params: Parameters<typeof reasons.of>[1],
  hint: Reason,
): Finding {
  return { rule, severity: 'error', because: reasons.of(rule, params), hint };
}

function meantOrKnown(name: string, known: readonly string[]): Reason {
  const meant = nearest(name, known);
  if (meant !== undefined) return reasons.of('sync/did-you-mean', { meant });
  return reasons.of('sync/known-names', { names: known });
}

/**
 * `original`, or `NAME=original`, as typed after --prefer.
 * @returns the request's `prefer`
 */
export function parsePreferences(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.lastIndexOf('=');
      return at === -1 ? [ALL, word] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

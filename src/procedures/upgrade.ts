/**
 * Upgrades what stands behind an endpoint, one member after the other in the endpoint's order, and verifies each before
 * the next is begun: by the probes of every stack behind the endpoint. A check that fails stops the run there, while
 * the members after it still hold what they had.
 */
import { z } from 'zod';
import { isHoldfastError, messageOf } from '../base/errors.ts';
import type { Finding } from '../base/finding.ts';
import { defineReasons, type Reason } from '../base/reason.ts';
import { inOrder } from '../engine/graph.ts';
import { makePlan } from '../engine/plan.ts';
import type { Step, StepId } from '../engine/step.ts';
import type { Facts } from '../hosts/fact.ts';
import type { HostName, Member, Site, StackSpec } from '../site/model.ts';
import { lastOf } from './join-steps.ts';
import type { Known, Procedure } from './procedure.ts';

export const upgradeRequest = z.strictObject({
  stack: z.string().optional().describe('Which stack; not needed where one only can be upgraded.'),
});
export type UpgradeRequest = z.infer<typeof upgradeRequest>;

const reasons = defineReasons({
  'upgrade/unknown-stack': {
    en: "the site has no stack named '{name}'",
    zh: '站点文件中没有名为“{name}”的栈',
  },
  'upgrade/known-stacks': { en: 'it has: {names}', zh: '现有：{names}' },
  'upgrade/none': {
    en: 'no stack of the site has an upgrade',
    zh: '站点中没有可升级的栈',
  },
  'upgrade/which-kinds': {
    en: 'stacks of a kind that installs something have one, e.g. `dce5`',
    zh: '负责安装的栈（例如 `dce5`）才有升级流程',
  },
  'upgrade/several': {
    en: 'several stacks can be upgraded: {names}',
    zh: '有多个栈可以升级：{names}',
  },
  'upgrade/name-one': {
    en: 'name one: `holdfast upgrade {name}`',
    zh: '请指定其一：`holdfast upgrade {name}`',
  },
  'upgrade/unreachable': {
    en: "host '{host}' cannot be reached: {message}",
    zh: '无法连接主机“{host}”：{message}',
  },
  'upgrade/all-needed': {
    en: 'an upgrade needs every host: one that is left behind would serve other content under the same name',
    zh: '升级需要全部主机在线：遗漏的主机会以同一名称提供不同的内容',
  },
  'upgrade/cannot-plan': {
    en: "'{name}' cannot be upgraded: {message}: expected {expected}, got {got}",
    zh: '无法升级“{name}”：{message}：应为 {expected}，实际为 {got}',
  },
  'upgrade/hint': { en: '{hint}', zh: '{hint}' },
});

/** See the top of this file. */
export const upgrade: Procedure<UpgradeRequest> = {
  name: 'upgrade',
  summary: {
    en: 'Upgrade a stack to what the site file says, one member after the other, each verified.',
    zh: '将栈升级到站点文件所述版本：逐个成员进行，并逐一验证。',
  },
  request: upgradeRequest,
  reasons,
  facts: (site, request, known) =>
    chosen(site, request).flatMap((stack) =>
      [stack, ...beside(site, stack)].flatMap((each) => [...known.stacks.get(each.kind).facts(site, each)]),
    ),
  plan(site, facts, request, known) {
    const wrong = findRefusals(site, facts, request);
    if (wrong.length > 0) return { refused: wrong };
    const planned = chosen(site, request).map((stack) => ({ stack, ...tryPlan(site, facts, stack, known) }));
    const failures = planned.flatMap(({ failure }) => failure ?? []);
    if (failures.length > 0) return { refused: failures };
    const able = planned.filter(({ steps }) => steps.length > 0);
    const [only, second] = able;
    if (only === undefined) return { refused: [refusal('upgrade/none', 'upgrade/which-kinds')] };
    if (second !== undefined) {
      const names = able.map(({ stack }) => stack.name);
      return { refused: [refusal('upgrade/several', 'upgrade/name-one', { names, name: only.stack.name })] };
    }
    const steps = inOrder(memberByMember(site, facts, only.stack, only.steps, known));
    const parts = { procedure: 'upgrade', request, site: site.digest, facts: facts.digest };
    const warnings = known.stacks.get(only.stack.kind).findings?.(site, only.stack, facts) ?? [];
    return { plan: makePlan({ ...parts, steps }), warnings };
  },
};

function chosen(site: Site, { stack }: UpgradeRequest): StackSpec[] {
  return [...site.stacks.values()].filter(({ name }) => stack === undefined || name === stack);
}

/** The other stacks behind the same endpoint. */
function beside(site: Site, { name, endpoint }: StackSpec): StackSpec[] {
  return [...site.stacks.values()].filter(
    (other) => endpoint !== undefined && other.endpoint === endpoint && other.name !== name,
  );
}

function findRefusals(site: Site, facts: Facts, { stack }: UpgradeRequest): Finding[] {
  if (stack !== undefined && !site.stacks.has(stack)) {
    const params = { name: stack, names: [...site.stacks.keys()] };
    return [refusal('upgrade/unknown-stack', 'upgrade/known-stacks', params)];
  }
  return [...facts.unreachable].map(([host, message]) =>
    refusal('upgrade/unreachable', 'upgrade/all-needed', { host, message }),
  );
}

function tryPlan(
  site: Site,
  facts: Facts,
  stack: StackSpec,
  known: Known,
): { steps: readonly Step[]; failure?: Finding } {
  try {
    return { steps: known.stacks.get(stack.kind).plan(site, stack, facts, { kind: 'upgrade' }) };
  } catch (error) {
    if (!isHoldfastError(error)) throw error;
    const { expected = '', got = '', hint } = error;
    const params = { name: stack.name, message: messageOf(error), expected, got, hint };
    const position = error.where.position ?? site.where(['stacks', stack.name]);
    return { steps: [], failure: { ...refusal('upgrade/cannot-plan', 'upgrade/hint', params), position } };
  }
}

/**
 * After the steps of each member come the probes of the stacks beside, for that member; whatever waited for a step of
 * the member waits for them, too.
 */
function memberByMember(
  site: Site,
  facts: Facts,
  stack: StackSpec,
  steps: readonly Step[],
  known: Known,
): Step[] {
  const members = site.endpoints.get(stack.endpoint ?? '')?.members ?? [];
  const owner = ownersOf(steps);
  const proofs = members.map((member) => {
    const last = lastOf(steps.filter(({ id }) => owner.get(id) === member.host));
    return { host: member.host, last, steps: proofOf(site, facts, stack, member, known, last) };
  });
  const waiting = steps.map((step): Step => {
    const awaited = proofs.filter(
      ({ host, last }) => owner.get(step.id) !== host && step.needs.some((need) => last.includes(need)),
    );
    return {
      ...step,
      needs: [...step.needs, ...awaited.flatMap((proof) => proof.steps.map(({ id }) => id))],
    };
  });
  return [...waiting, ...proofs.flatMap((proof) => proof.steps)];
}

/** What the other stacks ask of a member before it may lead, once the given steps are done. */
function proofOf(
  site: Site,
  facts: Facts,
  stack: StackSpec,
  { name: member }: Member,
  known: Known,
  after: readonly StepId[],
): Step[] {
  const goal = { kind: 'promote', member } as const;
  const asked = beside(site, stack).flatMap((other) =>
    known.stacks.get(other.kind).plan(site, other, facts, goal),
  );
  return asked.map((step) => ({ ...step, needs: [...step.needs, ...after] }));
}

/** Whose a step is: its host's; where it has none (a probe), that of the step it waits for. */
function ownersOf(steps: readonly Step[]): ReadonlyMap<StepId, HostName | undefined> {
  const owners = new Map<StepId, HostName | undefined>();
  for (const { id, host, needs } of inOrder(steps)) owners.set(id, host ?? owners.get(needs[0] ?? ''));
  return owners;
}

function refusal(
  rule: Parameters<typeof reasons.of>[0],
  hint: Parameters<typeof reasons.of>[0],
  params: Reason['params'] = {},
): Finding {
  return { rule, severity: 'error', because: reasons.of(rule, params), hint: reasons.of(hint, params) };
}

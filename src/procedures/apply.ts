/** Brings the site to what its file says: the steps of all stacks, then those of all endpoints' drivers. */
import { z } from 'zod';
import { isHoldfastError, messageOf } from '../base/errors.ts';
import type { Finding } from '../base/finding.ts';
import { nearest } from '../base/nearest.ts';
import { defineReasons, type Reason } from '../base/reason.ts';
import { inOrder } from '../engine/graph.ts';
import { makePlan } from '../engine/plan.ts';
import type { Step } from '../engine/step.ts';
import type { FactQuery, Facts } from '../hosts/fact.ts';
import type { Endpoint, Site, SitePath, StackSpec } from '../site/model.ts';
import { filterHosts } from './filter-hosts.ts';
import { type Group, joinSteps } from './join-steps.ts';
import type { Known, Planned, Procedure } from './procedure.ts';

/** Absent lists: everything. With stacks or endpoints named, only what is named is planned. */
export const applyRequest = z.strictObject({
  hosts: z.array(z.string()).min(1).optional().describe('Only these hosts.'),
  stacks: z.array(z.string()).min(1).optional().describe('Only these stacks.'),
  endpoints: z.array(z.string()).min(1).optional().describe('Only these endpoints.'),
});
export type ApplyRequest = z.infer<typeof applyRequest>;

const reasons = defineReasons({
  'apply/unknown-host': { en: "the site has no host named '{name}'", zh: '站点文件中没有名为“{name}”的主机' },
  'apply/unknown-stack': { en: "the site has no stack named '{name}'", zh: '站点文件中没有名为“{name}”的栈' },
  'apply/unknown-endpoint': {
    en: "the site has no endpoint named '{name}'",
    zh: '站点文件中没有名为“{name}”的端点',
  },
  'apply/did-you-mean': { en: "did you mean '{meant}'?", zh: '是否想写“{meant}”？' },
  'apply/known-names': { en: 'it has: {names}', zh: '现有：{names}' },
  'apply/unreachable': {
    en: "host '{host}' cannot be worked on: {message}",
    zh: '无法操作主机“{host}”：{message}',
  },
  'apply/mend-unreachable': {
    en: '{hint} Or leave the host out: name the others with --hosts.',
    zh: '{hint} 也可以用 --hosts 只选择其他主机。',
  },
  'apply/unknown-fact': {
    en: "what '{host}' says of its {fact} is not understood: {message}",
    zh: '无法理解主机“{host}”返回的 {fact} 信息：{message}',
  },
  'apply/report-fact': {
    en: 'the plan goes on without it; `holdfast facts` shows the output',
    zh: '计划将在缺少该信息的情况下继续；`holdfast facts` 可查看原始输出',
  },
  'apply/without-facts': {
    en: "host '{host}' cannot be asked ({message}); it is not among the chosen ones, so the plan goes on without what is known of it",
    zh: '无法查询主机“{host}”（{message}）；它不在所选主机之列，计划将在缺少其信息的情况下继续',
  },
  'apply/check-later': { en: 'plan again when it is back', zh: '待其恢复后请重新生成计划' },
  'apply/cannot-plan': {
    en: "'{name}' cannot be planned: {message}",
    zh: '无法为“{name}”生成计划：{message}',
  },
  'apply/hint': { en: '{hint}', zh: '{hint}' },
  'apply/needs-other-host': {
    en: "the step '{step}' on '{host}' needs '{need}' on '{other}', which is left out",
    zh: '主机“{host}”上的步骤“{step}”依赖被排除的主机“{other}”上的“{need}”',
  },
  'apply/add-host': { en: "choose '{other}', too", zh: '请把“{other}”也选上' },
  'apply/left-out': {
    en: "the step '{step}' is left out: it waits for hosts that are not chosen",
    zh: '步骤“{step}”已略过：它依赖未选中的主机',
  },
  'apply/apply-all': {
    en: 'it is done by an apply without --hosts',
    zh: '不带 --hosts 执行 apply 时会完成该步骤',
  },
});

/** See the top of this file. Order: stacks, then endpoints, each as in the file, and after what they need. */
export const apply: Procedure<ApplyRequest> = {
  name: 'apply',
  summary: {
    en: 'Bring hosts and endpoints to what the site file says.',
    zh: '使主机和端点符合站点文件的描述。',
  },
  request: applyRequest,
  reasons,
  facts(site, request, known) {
    const { stacks, endpoints } = select(site, request);
    return distinct([
      ...stacks.flatMap((stack) => known.stacks.get(stack.kind).facts(site, stack)),
      ...endpoints.flatMap((endpoint) => known.drivers.get(endpoint.driver.kind).facts(site, endpoint)),
    ]);
  },
  plan(site, facts, request, known) {
    const wrongNames = findWrongNames(site, request);
    if (wrongNames.length > 0) return { refused: wrongNames };
    const { refused, warnings } = findUnreachable(site, facts, request);
    const { steps, failures } = stepsOf(site, facts, request, known);
    if (refused.length + failures.length > 0) return { refused: [...refused, ...failures] };
    const { stacks, endpoints } = select(site, request);
    const found = [
      ...stacks.flatMap((stack) => known.stacks.get(stack.kind).findings?.(site, stack, facts) ?? []),
      ...endpoints.flatMap(
        (endpoint) => known.drivers.get(endpoint.driver.kind).findings?.(site, endpoint, facts) ?? [],
      ),
    ];
    return seal(site, facts, request, steps, [...warnings, ...found]);
  },
};

function seal(
  site: Site,
  facts: Facts,
  request: ApplyRequest,
  given: readonly Step[],
  warnings: readonly Finding[],
): Planned {
  const ordered = inOrder(given);
  const parts = { procedure: 'apply', request, site: site.digest, facts: facts.digest };
  if (request.hosts === undefined) return { plan: makePlan({ ...parts, steps: ordered }), warnings };
  const { steps, blocked, leftOut } = filterHosts(ordered, new Set(request.hosts));
  if (blocked.length > 0) return { refused: blocked.map(blockedFinding) };
  return { plan: makePlan({ ...parts, steps }), warnings: [...warnings, ...leftOut.map(leftOutFinding)] };
}

interface Selected {
  readonly stacks: readonly StackSpec[];
  readonly endpoints: readonly Endpoint[];
}

function select(site: Site, request: ApplyRequest): Selected {
  const isNamed = request.stacks !== undefined || request.endpoints !== undefined;
  const choose = <T>(all: ReadonlyMap<string, T>, names: readonly string[] | undefined): T[] =>
    [...all].filter(([name]) => !isNamed || (names ?? []).includes(name)).map(([, value]) => value);
  return {
    stacks: choose(site.stacks, request.stacks),
    endpoints: choose(site.endpoints, request.endpoints),
  };
}

/** All failures, not the first only: each stack and endpoint is tried. */
function stepsOf(
  site: Site,
  facts: Facts,
  request: ApplyRequest,
  known: Known,
): { steps: Step[]; failures: Finding[] } {
  const { stacks, endpoints } = select(site, request);
  const groups: Group[] = [];
  const failures: Finding[] = [];
  const gather = (
    name: string,
    path: SitePath,
    of: Omit<Group, 'steps'>,
    plan: () => readonly Step[],
  ): void => {
    try {
      groups.push({ ...of, steps: plan() });
    } catch (error) {
      if (!isHoldfastError(error)) throw error;
      const because = reasons.of('apply/cannot-plan', { name, message: messageOf(error) });
      const position = error.where.position ?? site.where(path);
      failures.push(
        refusal('apply/cannot-plan', because, reasons.of('apply/hint', { hint: error.hint }), position),
      );
    }
  };
  for (const stack of stacks) {
    const plan = () => known.stacks.get(stack.kind).plan(site, stack, facts, { kind: 'build' });
    const { afterEndpoint = false, beforeEndpoint = false } = known.stacks.get(stack.kind);
    const of = { endpoint: stack.endpoint, part: 'stack', afterEndpoint, beforeEndpoint } as const;
    gather(stack.name, ['stacks', stack.name], of, plan);
  }
  for (const endpoint of endpoints) {
    const plan = () => known.drivers.get(endpoint.driver.kind).plan(site, endpoint, facts);
    const of = { endpoint: endpoint.name, part: 'driver', afterEndpoint: false } as const;
    gather(endpoint.name, ['endpoints', endpoint.name], of, plan);
  }
  return { steps: joinSteps(groups), failures };
}

function findWrongNames(site: Site, request: ApplyRequest): Finding[] {
  const families = [
    ['host', request.hosts, site.hosts],
    ['stack', request.stacks, site.stacks],
    ['endpoint', request.endpoints, site.endpoints],
  ] as const;
  return families.flatMap(([family, names, known]) =>
    (names ?? [])
      .filter((name) => !known.has(name))
      .map((name) => {
        const rule = `apply/unknown-${family}` as const;
        return refusal(rule, reasons.of(rule, { name }), meantOrKnown(name, [...known.keys()]));
      }),
  );
}

function meantOrKnown(name: string, known: readonly string[]): Reason {
  const meant = nearest(name, known);
  if (meant !== undefined) return reasons.of('apply/did-you-mean', { meant });
  return reasons.of('apply/known-names', { names: known.length > 12 ? [...known.slice(0, 12), '…'] : known });
}

function findUnreachable(
  site: Site,
  facts: Facts,
  request: ApplyRequest,
): { refused: Finding[]; warnings: Finding[] } {
  const refused: Finding[] = [];
  const warnings: Finding[] = [];
  for (const [host, message] of facts.unreachable) {
    if (request.hosts === undefined || request.hosts.includes(host)) {
      const because = reasons.of('apply/unreachable', { host, message });
      const error = facts.errors?.get(host);
      const hint = isHoldfastError(error) ? error.hint : '';
      const mend = reasons.of('apply/mend-unreachable', { hint });
      refused.push(refusal('apply/unreachable', because, mend, site.where(['hosts', host])));
    } else {
      const because = reasons.of('apply/without-facts', { host, message });
      warnings.push({
        rule: 'apply/without-facts',
        severity: 'warning',
        because,
        hint: reasons.of('apply/check-later'),
      });
    }
  }
  for (const { host, fact, message } of facts.failures ?? []) {
    const because = reasons.of('apply/unknown-fact', { host, fact, message });
    warnings.push({
      rule: 'apply/unknown-fact',
      severity: 'warning',
      because,
      hint: reasons.of('apply/report-fact'),
    });
  }
  return { refused, warnings };
}

function blockedFinding({ step, need }: { step: Step; need: Step }): Finding {
  const params = { step: step.id, host: step.host ?? '', need: need.id, other: need.host ?? 'controller' };
  const hint = reasons.of('apply/add-host', params);
  return refusal('apply/needs-other-host', reasons.of('apply/needs-other-host', params), hint, step.from);
}

function leftOutFinding(step: Step): Finding {
  const because = reasons.of('apply/left-out', { step: step.id });
  return { rule: 'apply/left-out', severity: 'info', because, hint: reasons.of('apply/apply-all') };
}

function refusal(rule: string, because: Reason, hint: Reason, position?: Finding['position']): Finding {
  return { rule, severity: 'error', because, hint, ...(position === undefined ? {} : { position }) };
}

/** Two drivers may ask the same of one host: it is asked once. */
function distinct(queries: readonly FactQuery[]): FactQuery[] {
  const byKey = new Map(
    queries.map((query) => [`${query.host}\0${query.kind.name}\0${JSON.stringify(query.args) ?? ''}`, query]),
  );
  return [...byKey.values()];
}

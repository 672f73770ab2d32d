/** Refuses a plan that does too much at once, unless a person says so. Pure: about the plan and its preview. */
import type { Finding } from '../base/finding.ts';
import type { Endpoint, HostName, Site } from '../site/model.ts';
import type { PlanView, StepView } from './preview.ts';
import { engineReasons } from './reasons.ts';
import type { StepId } from './step.ts';

/** Fewer removals than this are never too many. */
const LEAST_REMOVABLE = 10;
/** Above this part of what the plan says about such things, the site file is more likely cut short than meant. */
const LARGEST_PART_REMOVED = 0.3;

/** Everything that speaks against the plan; each finding's rule is the code that overrides it. */
export function checkSafety(view: PlanView, site: Pick<Site, 'endpoints'>): readonly Finding[] {
  const endpoints = [...site.endpoints.values()];
  return [...endpoints.flatMap((endpoint) => interruptsAll(view, endpoint)), ...removesMuch(view)];
}

/** Whether a person has said to go past a finding. */
export function isOverridden(finding: Finding, overrides: readonly string[]): boolean {
  return overrides.includes(finding.rule);
}

function willChange({ shown }: StepView): boolean {
  return shown.state === 'todo' || shown.state === 'later';
}

/**
 * All members may be down at once unless some two of them are ordered: each interrupting step on the one comes
 * before or after each on the other. (Enough for any number of members: while one of those two changes, the other
 * does not.)
 */
function interruptsAll(view: PlanView, endpoint: Endpoint): Finding[] {
  const hosts = [...new Set(endpoint.members.map((member) => member.host))];
  if (hosts.length < 2) return [];
  const interrupting = view.steps.filter(
    (found) => willChange(found) && (found.step.code.interrupts?.(found.step.args) ?? false),
  );
  const byHost = Map.groupBy(interrupting, ({ step }) => step.host);
  const perMember = hosts.map((host) => (byHost.get(host) ?? []).map(({ step }) => step.id));
  if (perMember.some((steps) => steps.length === 0)) return [];
  const reach = reachFrom(view, new Set(perMember.flat()));
  const isOrdered = perMember.some((one, index) =>
    perMember.slice(index + 1).some((other) => areOrdered(one, other, reach)),
  );
  return isOrdered ? [] : [allMembers(endpoint, hosts)];
}

function areOrdered(
  one: readonly StepId[],
  other: readonly StepId[],
  before: ReadonlyMap<StepId, ReadonlySet<StepId>>,
): boolean {
  return one.every((a) => other.every((b) => before.get(a)!.has(b) || before.get(b)!.has(a)));
}

/** For each of the steps: which of them come before it, by needs of needs. */
function reachFrom(
  view: PlanView,
  interesting: ReadonlySet<StepId>,
): ReadonlyMap<StepId, ReadonlySet<StepId>> {
  const before = new Map<StepId, Set<StepId>>();
  for (const { step } of view.steps) {
    const own = new Set<StepId>();
    for (const need of step.needs) {
      for (const earlier of before.get(need) ?? []) own.add(earlier);
      if (interesting.has(need)) own.add(need);
    }
    before.set(step.id, own);
  }
  return before;
}

function allMembers(endpoint: Endpoint, hosts: readonly HostName[]): Finding {
  return {
    rule: 'engine/all-members-at-once',
    severity: 'error',
    because: engineReasons.of('engine/all-members-at-once', { endpoint: endpoint.name, hosts }),
    hint: engineReasons.of('engine/order-members'),
  };
}

function removesMuch(view: PlanView): Finding[] {
  const able = view.steps.filter(({ step }) => step.code.removes !== undefined);
  const removed = able.filter((found) => willChange(found) && found.step.code.removes?.(found.step.args));
  const part = removed.length / able.length;
  if (able.length < LEAST_REMOVABLE || part <= LARGEST_PART_REMOVED) return [];
  const percent = Math.round(part * 100);
  const params = { removed: removed.length, total: able.length, percent };
  return [
    {
      rule: 'engine/too-many-removals',
      severity: 'error',
      because: engineReasons.of('engine/too-many-removals', params),
      hint: engineReasons.of('engine/check-removals'),
    },
  ];
}

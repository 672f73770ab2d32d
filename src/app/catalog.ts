/** All families in one place: the only file that imports registries. */
import type { ReasonTable } from '../base/reason.ts';
import { type Registry, registry } from '../base/registry.ts';
import { dnsReasons } from '../dns/reasons.ts';
import type { EndpointDriver } from '../drivers/driver.ts';
import { drivers } from '../drivers/registry.ts';
import { engineReasons } from '../engine/reasons.ts';
import type { StepKind } from '../engine/step.ts';
import { stepKindsWith } from '../engine/steps/registry.ts';
import type { FactKind } from '../hosts/fact.ts';
import { factKinds } from '../hosts/facts/registry.ts';
import type { ProbeKind } from '../probes/probe.ts';
import { probeKinds as commonProbeKinds } from '../probes/registry.ts';
import { runReasons } from '../probes/verdict/run-reasons.ts';
import type { Known, Procedure } from '../procedures/procedure.ts';
import { procedures } from '../procedures/registry.ts';
import { lintReasons } from '../site/lint.ts';
import { loadReasons } from '../site/load-reasons.ts';
import type { Rule } from '../site/rule.ts';
import { rules as siteRules } from '../site/rules/registry.ts';
import type { SiteSchemas } from '../site/schemas.ts';
import { stacks } from '../stacks/registry.ts';
import type { Stack } from '../stacks/stack.ts';
import { reasons as watchReasons } from '../watch/reasons.ts';

/* biome-ignore-start lint/suspicious/noExplicitAny: a family's members have different argument types */
export interface Catalog {
  readonly known: Known;
  readonly probeKinds: Registry<ProbeKind<any>>;
  readonly stepKinds: Registry<StepKind<any, any>>;
  readonly factKinds: Registry<FactKind<any, any>>;
  readonly procedures: Registry<Procedure<any>>;
  readonly rules: Registry<Rule>;
  readonly siteSchemas: SiteSchemas;
  /** Every sentence that any member may give. */
  readonly reasonTables: readonly ReasonTable[];
}

/** What the layers themselves say, beside their families. */
const OWN_REASONS = [loadReasons, lintReasons, runReasons, dnsReasons, engineReasons, watchReasons];

/** Gathers every family; what a driver or a stack brings of its own stands beside what is common. */
export function makeCatalog(): Catalog {
  const houses: readonly (EndpointDriver<any> | Stack<any>)[] = [...drivers, ...stacks];
  const probeKinds = registry<ProbeKind<any>>(
    'probe kind',
    [...commonProbeKinds, ...[...stacks].flatMap((stack) => stack.probeKinds)],
    (member) => member.kind,
  );
  const stepKinds = registry<StepKind<any, any>>(
    'step kind',
    [...stepKindsWith(probeKinds), ...houses.flatMap((house) => house.stepKinds)],
    (member) => member.kind,
  );
  const rules = registry<Rule>(
    'rule',
    [...siteRules, ...houses.flatMap((house) => house.rules)],
    (rule) => rule.id,
  );
  return {
    known: { drivers, stacks },
    probeKinds,
    stepKinds,
    factKinds,
    procedures,
    rules,
    siteSchemas: {
      drivers: new Map([...drivers].map((driver) => [driver.name, driver.config])),
      stacks: new Map([...stacks].map((stack) => [stack.name, stack.spec])),
      probes: new Map([...probeKinds].map((probe) => [probe.kind, probe.args])),
    },
    reasonTables: [
      ...OWN_REASONS,
      ...[...probeKinds, ...stepKinds, ...procedures, ...houses, ...rules].map((member) => member.reasons),
    ],
  };
}
/* biome-ignore-end lint/suspicious/noExplicitAny: a family's members have different argument types */

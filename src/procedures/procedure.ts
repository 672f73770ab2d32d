/** A procedure turns a site, facts and a request into a plan. Pure: it may ask for facts, it may not touch a host. */
import type { Finding } from '../base/finding.ts';
import type { ReasonTable, Sentence } from '../base/reason.ts';
import type { Registry } from '../base/registry.ts';
import type { Schema } from '../base/schema.ts';
import type { EndpointDriver } from '../drivers/driver.ts';
import type { Plan } from '../engine/plan.ts';
import type { FactQuery, Facts } from '../hosts/fact.ts';
import type { Site } from '../site/model.ts';
import type { Stack } from '../stacks/stack.ts';

/** The families a procedure joins, passed in (DESIGN §5). */
export interface Known {
  // biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
  readonly stacks: Registry<Stack<any>>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly drivers: Registry<EndpointDriver<any>>;
}

export type Planned =
  | { readonly plan: Plan; readonly warnings: readonly Finding[] }
  | { readonly refused: readonly Finding[] };

export interface Procedure<R> {
  readonly name: string;
  readonly summary: Sentence;
  readonly request: Schema<R>;
  readonly reasons: ReasonTable;
  facts(site: Site, request: R, known: Known): readonly FactQuery[];
  plan(site: Site, facts: Facts, request: R, known: Known): Planned;
}

/** From a site to a plan: facts, then the procedure. */
import type { Context } from '../app/context.ts';
import type { Finding } from '../base/finding.ts';
import type { Plan } from '../engine/plan.ts';
import type { Refusal } from '../engine/report.ts';
import { gatherFacts } from '../hosts/facts/gather.ts';

export interface MadePlan {
  readonly plan: Plan;
  readonly warnings: readonly Finding[];
}

/**
 * Plans a procedure from the site as it is and facts gathered now. A site whose file has errors is refused: a plan
 * made from it would build what breaks later.
 * @param procedure its name, e.g. `apply`
 */
export async function makePlanOf(
  context: Context,
  procedure: string,
  request: unknown,
  signal: AbortSignal,
): Promise<MadePlan | Refusal> {
  const mistakes = context.findings.filter(isMistake);
  if (mistakes.length > 0) return { refused: mistakes };
  const { site, known, clock, hosts } = context;
  const code = context.procedures.get(procedure);
  const asked: unknown = code.request.parse(request);
  const facts = await gatherFacts(code.facts(site, asked, known), hosts, { clock, signal });
  return code.plan(site, facts, asked, known);
}

function isMistake({ severity, suppressed }: Finding): boolean {
  return severity === 'error' && suppressed === undefined;
}

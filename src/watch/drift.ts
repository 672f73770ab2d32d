/** Whether what clients get is what was published. Pure. */
import type { Reason } from '../base/reason.ts';
import type { Answer, Observed } from '../drivers/driver.ts';
import type { PolicyName } from '../site/model.ts';
import { reasons } from './reasons.ts';

/** The difference as a sentence, or undefined. Under `weighted` a driver may show clients a part at a time. */
export function driftOf(answer: Answer, observed: Observed, policy: PolicyName): Reason | undefined {
  if (observed.strangers.length > 0) {
    return reasons.of('watch/drift-strangers', { strangers: observed.strangers });
  }
  const wanted = new Set(answer.members);
  const extra = observed.members.some((name) => !wanted.has(name));
  const complete =
    policy === 'weighted' ? observed.members.length > 0 : observed.members.length === wanted.size;
  if (!extra && complete) return undefined;
  const got = observed.members.length === 0 ? ['-'] : observed.members;
  return reasons.of('watch/drift-members', { got, wanted: answer.members });
}

import { HoldfastError } from '../../../base/errors.ts';
import type { stepErrors } from './error-codes.ts';

/** Everything that a step kind itself can fail with; what a host answers is a HostError. */
export type StepErrorCode = keyof typeof stepErrors;

/** A step could not be applied, verified or reverted. */
export class StepError extends HoldfastError<StepErrorCode> {}

/** What verify throws where the system is not as the step left it. */
export function notAsWanted(what: string, expected: string, got: string, hint?: string): StepError {
  return new StepError({
    code: 'step/not-as-wanted',
    message: `${what} is not as wanted after the change`,
    expected,
    got,
    hint:
      hint ??
      'Something on the host changed it back, or changed it at the same moment: look for other configuration management there, then run `holdfast resume`.',
  });
}

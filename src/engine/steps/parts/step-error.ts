import { type ErrorOptions, HoldfastError } from '../../../base/errors.ts';

/** Everything that a step kind itself can fail with; what a host answers is a HostError. */
export type StepErrorCode =
  | 'step/command-failed'
  | 'step/invalid-content'
  | 'step/not-as-wanted'
  | 'step/old-content-missing'
  | 'step/no-package-manager'
  | 'step/package-not-found'
  | 'step/package-source-unreachable'
  | 'step/package-manager-busy'
  | 'step/package-failed'
  | 'step/revert-would-remove-more'
  | 'step/no-such-unit'
  | 'step/unit-failed'
  | 'step/no-such-sysctl'
  | 'step/record-not-set'
  | 'step/probe-deadline';

/** A step could not be applied, verified or reverted. */
export class StepError extends HoldfastError {
  declare readonly code: StepErrorCode;

  constructor(o: ErrorOptions & { readonly code: StepErrorCode }) {
    super(o);
  }
}

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

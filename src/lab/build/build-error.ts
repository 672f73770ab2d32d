import { HoldfastError } from '../../base/errors.ts';
import type { buildErrors } from './error-codes.ts';

export type BuildErrorCode = keyof typeof buildErrors;

/** Programs for lab hosts that could not be built or fetched. What was done so far stays: the next call goes on. */
export class BuildError extends HoldfastError<BuildErrorCode> {}

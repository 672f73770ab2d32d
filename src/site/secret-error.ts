import { HoldfastError } from '../base/errors.ts';
import type { secretErrors } from './error-codes.ts';

export type SecretErrorCode = keyof typeof secretErrors;

/** A reference that could not be turned into a value. Names the reference, never a value. */
export class SecretError extends HoldfastError<SecretErrorCode> {}

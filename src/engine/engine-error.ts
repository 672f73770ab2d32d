import { HoldfastError } from '../base/errors.ts';
import type { engineErrors } from './error-codes.ts';

export type EngineErrorCode = keyof typeof engineErrors;

/** What the engine itself finds wrong; failures of steps keep their own codes. */
export class EngineError extends HoldfastError<EngineErrorCode> {}

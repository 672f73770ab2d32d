import { type ErrorOptions, HoldfastError } from '../base/errors.ts';

export type EngineErrorCode =
  | 'engine/bad-plan'
  | 'engine/bad-args'
  | 'engine/unknown-host'
  | 'engine/step-refused'
  | 'engine/world-moved'
  | 'engine/undo-not-data'
  | 'engine/plan-unreadable'
  | 'engine/lock-impossible';

/** What the engine itself finds wrong; failures of steps keep their own codes. */
export class EngineError extends HoldfastError {
  declare readonly code: EngineErrorCode;

  constructor(o: ErrorOptions & { readonly code: EngineErrorCode }) {
    super(o);
  }
}

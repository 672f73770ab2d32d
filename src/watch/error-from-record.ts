import { type ErrorRecord, HoldfastError } from '../base/errors.ts';

/** An error that came over the control socket, as if it had been thrown here. */
export function errorFromRecord(record: ErrorRecord): HoldfastError {
  const { code, message, where, expected, got, hint, retryable, evidence } = record;
  return new HoldfastError({
    code,
    message,
    where,
    hint,
    retryable,
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
    ...(evidence === undefined ? {} : { evidence }),
  });
}

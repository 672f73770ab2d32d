import { type ErrorOptions, HoldfastError } from '../base/errors.ts';

export type SecretErrorCode =
  | 'secret/bad-reference'
  | 'secret/not-set'
  | 'secret/unreadable'
  | 'secret/too-open'
  | 'secret/empty'
  | 'secret/no-passphrase'
  | 'secret/wrong-passphrase'
  | 'secret/no-such-key'
  | 'secret/broken-file';

/** A reference that could not be turned into a value. Names the reference, never a value. */
export class SecretError extends HoldfastError {
  declare readonly code: SecretErrorCode;

  constructor(o: Omit<ErrorOptions, 'code'> & { readonly code: SecretErrorCode }) {
    super(o);
  }
}

import { type ErrorOptions, HoldfastError } from '../base/errors.ts';
import type { hostErrors } from './error-codes.ts';

export type HostErrorCode = keyof typeof hostErrors;

export interface HostErrorOptions extends Omit<ErrorOptions<HostErrorCode>, 'where'> {
  readonly host: string;
}

/** A failure between Holdfast and one host. `where.host` is always set. */
export class HostError extends HoldfastError<HostErrorCode> {
  constructor({ host, ...o }: HostErrorOptions) {
    super({ ...o, where: { host } });
  }
}

import { type ErrorOptions, HoldfastError } from '../base/errors.ts';
import type { driverErrors } from './error-codes.ts';

type DriverErrorCode = keyof typeof driverErrors;

/**
 * A driver could not realise an endpoint, or would not. A driver with codes of its own extends it by them; they begin
 * with its name.
 */
export class DriverError<OwnCode extends string = never> extends HoldfastError<DriverErrorCode | OwnCode> {
  constructor(o: ErrorOptions<DriverErrorCode | NoInfer<OwnCode>>) {
    super(o);
  }
}

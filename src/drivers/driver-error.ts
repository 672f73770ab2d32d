import { type ErrorOptions, HoldfastError } from '../base/errors.ts';

/** What every driver may fail with; a driver's own codes begin with its name. */
export type DriverErrorCode =
  | 'driver/older-epoch'
  | 'driver/epoch-reused'
  | 'driver/empty-answer'
  | 'driver/unknown-member'
  | 'driver/member-address'
  | 'driver/no-dns-name'
  | 'driver/unknown-server'
  | 'driver/foreign-record'
  | 'driver/not-served'
  | 'driver/not-visible'
  | `dns-embedded/${'not-serving' | 'zone-conflict' | 'zone-file' | 'state'}`
  | 'dns-update/lost-race'
  | `dns-bind/${DnsBindCode}`;

type DnsBindCode =
  | 'zone-syntax'
  | 'zone-missing'
  | 'dynamic-zone'
  | 'include'
  | 'cname'
  | 'check-failed'
  | 'lost-race'
  | 'reload-failed'
  | 'not-served'
  | 'restore-failed'
  | 'host'
  | 'config'
  | 'zone-statement';

/** A driver could not realise an endpoint, or would not. */
export class DriverError extends HoldfastError {
  declare readonly code: DriverErrorCode;

  constructor(o: ErrorOptions & { readonly code: DriverErrorCode }) {
    super(o);
  }
}

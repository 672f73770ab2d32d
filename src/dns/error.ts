import { type ErrorOptions, HoldfastError } from '../base/errors.ts';
import type { dnsErrors } from './error-codes.ts';

export type DnsErrorCode = keyof typeof dnsErrors;

export interface DnsErrorOptions extends ErrorOptions<DnsErrorCode> {
  /** The response code as its mnemonic (`REFUSED`, `NXRRSET`), where the failure is a server's answer. */
  readonly rcode?: string;
}

/** A failure of the DNS area. */
export class DnsError extends HoldfastError<DnsErrorCode> {
  /** The response code as its mnemonic, where the failure is a server's answer. */
  readonly rcode: string | undefined;

  constructor(o: DnsErrorOptions) {
    super(o);
    this.rcode = o.rcode;
  }
}

/** A packet that breaks its own format; `what` completes "the packet …". */
export function malformed(what: string, got?: string): DnsError {
  return new DnsError({
    code: 'dns/malformed',
    message: `the DNS packet ${what}`,
    expected: 'a packet as RFC 1035 section 4 describes it',
    ...(got === undefined ? {} : { got }),
    hint: 'The peer is broken, or this is no DNS server: check address and port.',
  });
}

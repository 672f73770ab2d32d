import { HoldfastError } from '../base/errors.ts';

/** Everything that can go wrong in `src/dns`. */
export type DnsErrorCode =
  /** Text that is no domain name (RFC 1035 §2.3.4, §5.1). */
  | 'dns/bad-name'
  /** Text that is no data of its record type. */
  | 'dns/bad-rdata'
  /** A TSIG key that cannot be used. */
  | 'dns/bad-key'
  /** A packet that breaks its own format. */
  | 'dns/malformed'
  /** A message that does not fit the 65,535 bytes of DNS over TCP. */
  | 'dns/too-large'
  /** No answer in time. */
  | 'dns/timeout'
  /** The peer's address cannot be reached, or it closed the connection. */
  | 'dns/unreachable'
  /** An answer that is not to our question, is not signed, or is signed wrongly. */
  | 'dns/untrusted-answer'
  /** An RFC 2136 update that the server would not do. */
  | 'dns/update-refused'
  /** A prerequisite of an update did not hold: somebody else changed the records first. */
  | 'dns/update-lost-race'
  /** A zone whose records contradict each other. */
  | 'dns/bad-zone'
  /** A zone file that cannot be read. */
  | 'dns/bad-zone-file'
  /** A port that cannot be opened. */
  | 'dns/listen';

export interface DnsErrorOptions {
  readonly code: DnsErrorCode;
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
  readonly hint: string;
  readonly retryable?: boolean;
  readonly evidence?: string;
  readonly cause?: unknown;
  /** The response code as its mnemonic (`REFUSED`, `NXRRSET`), where the failure is a server's answer. */
  readonly rcode?: string;
  readonly where?: HoldfastError['where'];
}

/** A failure of the DNS area. */
export class DnsError extends HoldfastError {
  declare readonly code: DnsErrorCode;
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

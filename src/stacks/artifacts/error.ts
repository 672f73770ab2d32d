import { HoldfastError } from '../../base/errors.ts';

/** What can go wrong in asking a member what it holds. */
export type ArtifactsErrorCode =
  /** No connection, or it broke. */
  | 'artifacts/unreachable'
  /** A certificate that is not to be trusted. */
  | 'artifacts/untrusted'
  /** A status that is neither what was asked for nor "there is none". */
  | 'artifacts/refused'
  /** An answer that is not what the service's specification says. */
  | 'artifacts/not-understood'
  /** An answer larger than any honest one. */
  | 'artifacts/too-large'
  /** A token service that is not on the member that is asked. */
  | 'artifacts/foreign-token-service';

/** A failure in asking a member what it holds; `which` is the member's address. */
export class ArtifactsError extends HoldfastError {
  declare readonly code: ArtifactsErrorCode;
  /** The address that was asked: it tells a silent candidate from a silent active member. */
  readonly address: string;

  constructor(o: {
    code: ArtifactsErrorCode;
    address: string;
    message: string;
    expected?: string;
    got?: string;
    hint: string;
    retryable?: boolean;
    cause?: unknown;
  }) {
    super(o);
    this.address = o.address;
  }
}

import { type ErrorOptions, HoldfastError } from '../base/errors.ts';

/** Everything that can go wrong between Holdfast and a host; documented in `docs/reference/errors.md`. */
export type HostErrorCode =
  // on the way to the host
  | 'host/unreachable'
  | 'host/refused'
  | 'host/not-ssh'
  | 'host/no-common-algorithm'
  | 'host/lost'
  | 'host/unknown-name'
  | 'host/jump-loop'
  // who it is, who we are
  | 'host/key-unknown'
  | 'host/key-changed'
  | 'host/key-revoked'
  | 'host/key-unsupported'
  | 'host/known-hosts-unreadable'
  | 'host/identity-unreadable'
  | 'host/ssh-config-unreadable'
  | 'host/auth-failed'
  | 'host/sudo-refused'
  // a command
  | 'host/timeout'
  | 'host/not-started'
  | 'host/output-too-large'
  | 'host/facts-broken-off'
  // a file
  | 'host/bad-path'
  | 'host/disk-full'
  | 'host/read-only'
  | 'host/no-permission'
  | 'host/no-such-folder'
  | 'host/not-a-file'
  | 'host/not-empty'
  | 'host/file-busy'
  | 'host/unknown-owner'
  | 'host/cut-short'
  | 'host/file-failed';

export interface HostErrorOptions extends Omit<ErrorOptions, 'code' | 'where'> {
  readonly code: HostErrorCode;
  readonly host: string;
}

/** A failure between Holdfast and one host. `where.host` is always set. */
export class HostError extends HoldfastError {
  declare readonly code: HostErrorCode;

  constructor({ host, ...o }: HostErrorOptions) {
    super({ ...o, where: { host } });
  }
}

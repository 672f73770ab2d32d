/** What ssh2's and the system's failures mean, on the way to a host that is to be logged in to. */
import { messageOf, systemCode } from '../base/errors.ts';
import { HostError } from './host-error.ts';
import type { SshTarget } from './ssh-target.ts';

/** Where we stood, for the message. */
export interface Attempted {
  readonly target: SshTarget;
  /** The jump host through which we came. */
  readonly via?: string | undefined;
}

const NOT_FOUND = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME', 'EAI_NODATA']);
const NO_WAY = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'ENETDOWN',
]);

/** Wraps whatever stopped the connection before the login began. */
export function connectError(attempted: Attempted, cause: unknown): HostError {
  const code = systemCode(cause) ?? '';
  if (NOT_FOUND.has(code)) return unknownName(attempted, cause);
  if (code === 'ECONNREFUSED') return refused(attempted, 'the port is closed', cause);
  if (NO_WAY.has(code)) return unreachable(attempted, `${code.toLowerCase()}`, cause);
  const message = messageOf(cause);
  if (/no matching|no mutual/i.test(message)) return noCommonAlgorithm(attempted, message, cause);
  if (/lost before handshake|ECONNRESET|EPIPE|socket hang up|before the login/i.test(`${code} ${message}`)) {
    return refused(attempted, 'it closed the connection before the login', cause);
  }
  if (/identification|protocol|version|greeting|packet length|bad packet/i.test(message)) {
    return notSsh(attempted, message, cause);
  }
  return unreachable(attempted, message, cause);
}

/** Nothing came back in time. */
export function connectTimeout(attempted: Attempted, timeoutMs: number): HostError {
  return unreachable(attempted, `no answer within ${timeoutMs} ms`);
}

/** A jump host could not open the way to the next one. @param reason RFC 4254 §5.1 */
export function forwardError(attempted: Attempted, cause: unknown): HostError {
  const message = messageOf(cause);
  const via = attempted.via ?? 'the jump host';
  if (/refused/i.test(message)) return refused(attempted, 'the port is closed', cause);
  if (/prohibited|denied|administratively/i.test(message) || reasonOf(cause) === 1) {
    return new HostError({
      code: 'host/refused',
      host: attempted.target.name,
      message: `${via} does not let connections through`,
      expected: `a way through ${via} to ${whereTo(attempted)}`,
      got: message,
      hint: `Set \`AllowTcpForwarding yes\` (and look at PermitOpen) in sshd_config on ${via}.`,
      cause,
    });
  }
  if (/resol|unknown host|name or service/i.test(message)) return unknownName(attempted, cause);
  return unreachable(attempted, message, cause);
}

function reasonOf(cause: unknown): unknown {
  return typeof cause === 'object' && cause !== null && 'reason' in cause ? cause.reason : undefined;
}

function whereTo({ target, via }: Attempted): string {
  const address = target.address.includes(':') ? `[${target.address}]` : target.address;
  return `${address}:${target.port}${via === undefined ? '' : ` (seen from ${via})`}`;
}

function unknownName(attempted: Attempted, cause: unknown): HostError {
  return new HostError({
    code: 'host/unknown-name',
    host: attempted.target.name,
    message: `the name ${attempted.target.address} does not resolve`,
    expected: `an address for ${whereTo(attempted)}`,
    got: messageOf(cause),
    hint: 'Correct the name, or write the IP address as `address`.',
    retryable: systemCode(cause) === 'EAI_AGAIN',
    cause,
  });
}

function refused(attempted: Attempted, got: string, cause: unknown): HostError {
  return new HostError({
    code: 'host/refused',
    host: attempted.target.name,
    message: `${whereTo(attempted)} refused the connection`,
    expected: 'an SSH server',
    got,
    hint: 'Check that sshd runs there and listens on this port (`ss -ltn`); if it does, look at MaxStartups and /etc/hosts.deny.',
    retryable: true,
    cause,
  });
}

function unreachable(attempted: Attempted, got: string, cause?: unknown): HostError {
  const { target, via } = attempted;
  return new HostError({
    code: 'host/unreachable',
    host: target.name,
    message: `cannot reach ${whereTo(attempted)}`,
    expected: 'an SSH server that answers',
    got,
    hint: target.ignoresProxyCommand
      ? 'Its ProxyCommand in ~/.ssh/config is not followed: name the way as `jump` in the site file, or use ProxyJump.'
      : `Check that the host is up, and routes and firewalls between ${via ?? 'here'} and there.`,
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

function notSsh(attempted: Attempted, got: string, cause: unknown): HostError {
  return new HostError({
    code: 'host/not-ssh',
    host: attempted.target.name,
    message: `${whereTo(attempted)} does not speak SSH`,
    expected: 'an SSH 2 server',
    got,
    hint: 'Correct `port`; `ssh-keyscan` shows what answers there.',
    cause,
  });
}

function noCommonAlgorithm(attempted: Attempted, got: string, cause: unknown): HostError {
  return new HostError({
    code: 'host/no-common-algorithm',
    host: attempted.target.name,
    message: `${whereTo(attempted)} offers no algorithm that Holdfast takes`,
    expected: 'at least one key exchange, host key, cipher and MAC of OpenSSH 6.5 or later',
    got,
    hint: 'Update sshd there, or loosen KexAlgorithms, HostKeyAlgorithms, Ciphers and MACs in its sshd_config.',
    cause,
  });
}

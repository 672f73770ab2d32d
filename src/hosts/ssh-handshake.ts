/** One login: socket, host key, authentication; ends with a client that can run commands, or with the reason why not. */
import { connect as connectSocket, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type Client } from 'ssh2';
import { openScope } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { abortReason } from '../base/interrupt.ts';
import type { HostError } from './host-error.ts';
import type { KeyTrust } from './host-key.ts';
import type { Login } from './ssh-auth.ts';
import { type Attempted, connectError, connectTimeout } from './ssh-error.ts';

export interface HandshakeOptions extends Attempted {
  readonly clock: Clock;
  readonly trust: KeyTrust;
  readonly login: Login;
  /** A way through a jump host; a TCP connection is made without one. */
  readonly through?: Duplex | undefined;
  /** For all of it: TCP, key exchange and login. */
  readonly timeoutMs: number;
  readonly keepaliveMs: number;
  /** Unanswered ones before the connection counts as lost. */
  readonly keepaliveCount: number;
  readonly signal: AbortSignal;
}

/** How the two sides agreed, for tests and `--verbose`. */
export interface Negotiated {
  readonly kex: string;
  readonly hostKey: string;
  readonly cipher: string;
}

export interface LoggedIn {
  readonly client: Client;
  readonly negotiated: Negotiated | undefined;
  /** Cuts the connection at once. */
  destroy(): void;
}

/**
 * Best first. OpenSSH's own default (sntrup761) costs more than ten times the CPU of curve25519, and ssh2 does not
 * have it; the SHA-1 exchange at the end is for CentOS 6 and appliances.
 */
const KEX = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha1',
] as const;

/**
 * Connects and logs in.
 * @throws HostError for every failure; the signal's reason after an abort. Nothing is left open then.
 */
export async function logIn(o: HandshakeOptions): Promise<LoggedIn> {
  using scope = openScope(o.clock, { what: 'the login', timeoutMs: o.timeoutMs, parent: o.signal });
  const client = new ssh2.Client();
  const socket =
    o.through ??
    connectSocket({ host: o.target.address, port: o.target.port, noDelay: true, keepAlive: true });
  try {
    const negotiated = await untilReady(client, socket, o, scope.signal);
    return { client, negotiated, destroy: () => void socket.destroy() };
  } catch (error) {
    socket.destroy();
    if (o.signal.aborted) throw abortReason(o.signal);
    throw scope.signal.aborted ? connectTimeout(o, o.timeoutMs) : error;
  }
}

function untilReady(
  client: Client,
  socket: Socket | Duplex,
  o: HandshakeOptions,
  signal: AbortSignal,
): Promise<Negotiated | undefined> {
  let negotiated: Negotiated | undefined;
  let badKey: HostError | undefined;
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(abortReason(signal)), { once: true });
    const explain = (cause: unknown): unknown => {
      if (badKey !== undefined) return badKey;
      return negotiated === undefined
        ? connectError(o, cause)
        : o.login.failure(o.target.name, saidAtLogin(cause));
    };
    client.on('handshake', (agreed) => {
      negotiated = { kex: agreed.kex, hostKey: agreed.serverHostKey, cipher: agreed.cs.cipher };
    });
    client.on('ready', () => resolve(negotiated));
    client.on('error', (error: Error & { level?: string }) => {
      if (error.level === 'agent') o.login.onAgentError(error.message);
      else reject(explain(error));
    });
    client.on('close', () => reject(explain(new Error('closed before the login was done'))));
    client.on('change password', () => reject(o.login.failure(o.target.name, 'the password has expired')));
    client.connect({
      sock: socket as Socket,
      username: o.target.user,
      readyTimeout: 0,
      keepaliveInterval: o.keepaliveMs,
      keepaliveCountMax: o.keepaliveCount,
      authHandler: o.login.handler,
      algorithms: { kex: [...KEX], serverHostKey: [...o.trust.algorithms] as never },
      hostVerifier: (key: Buffer) => {
        badKey = o.trust.judge(key);
        return badKey === undefined;
      },
    });
  });
}

/** What the server said beyond "no": `Too many authentication failures`, or that it hung up. */
function saidAtLogin(cause: unknown): string | undefined {
  const message = messageOf(cause);
  return /^All configured/.test(message) ? undefined : `the server says '${message}'`;
}

/**
 * The SSH transport. One connection a host (shared, reopened for the next command after a loss), several sessions on
 * it, strict host keys. Nothing is installed on the host, and no pseudo-terminal is used.
 */
import type { ClientChannel } from 'ssh2';
import type { Clock } from '../base/clock.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import type { Logger } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import type { HostName, HostSpec } from '../site/model.ts';
import type { SecretRef } from '../site/secret-ref.ts';
import { openConnection } from './connection.ts';
import { drain } from './drain.ts';
import type { Envelope } from './envelope.ts';
import type { Running } from './exchange.ts';
import type { Connection, Transport } from './host.ts';
import { trustFor } from './host-key.ts';
import { openLogin } from './ssh-auth.ts';
import { lostError, NotSentError } from './ssh-channels.ts';
import { systemSshFiles } from './ssh-files.ts';
import { logIn } from './ssh-handshake.ts';
import { openIdentities } from './ssh-identity.ts';
import { type Lease, Links } from './ssh-links.ts';
import { resolveChain, type SshTarget } from './ssh-target.ts';

export interface SshOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** The hosts of the site, for `jump`. */
  readonly hosts: ReadonlyMap<HostName, HostSpec>;
  readonly secret: (reference: SecretRef) => Promise<Secret>;
  /** HOME, USER and SSH_AUTH_SOCK are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** TCP, key exchange and login together. Default 15 s. */
  readonly connectTimeoutMs?: number;
  /** Default 15 s; three unanswered ones are a loss. */
  readonly keepaliveMs?: number;
  /** Most connections open at once, jump hosts not counted. Default 200: an idle one is closed for the next. */
  readonly mostOpen?: number;
  /** Most logins at once. Default 32. */
  readonly mostLogins?: number;
  /** Bytes nobody can guess. Default: node's own. */
  readonly random?: (size: number) => Uint8Array;
}

/** A transport that can be closed with everything on it. */
export interface SshTransport extends Transport, AsyncDisposable {
  readonly name: 'ssh';
  /** Connections open now, jump hosts included. */
  readonly openCount: number;
}

/** Makes the transport; it opens nothing until `connect`. */
export function sshTransport(o: SshOptions): SshTransport {
  const files = systemSshFiles(o.env);
  const identities = openIdentities(files, o.secret);
  const links = new Links({
    clock: o.clock,
    mostOpen: o.mostOpen ?? 200,
    mostLogins: o.mostLogins ?? 32,
    logIn: async (target, way) => {
      const trust = trustFor(keySubject(target), files.knownHosts(target.name, target.knownHosts));
      const password = target.password === undefined ? undefined : await o.secret(target.password);
      const loaded = await Promise.all(
        target.identities.map((path) => identities.load(path, target.passphrase)),
      );
      const login = openLogin({
        user: target.user,
        identities: loaded,
        identitiesNamed: target.identitiesNamed,
        agent: o.env.SSH_AUTH_SOCK,
        password,
      });
      const loggedIn = await logIn({
        target,
        trust,
        login,
        ...way,
        clock: o.clock,
        timeoutMs: o.connectTimeoutMs ?? 15_000,
        keepaliveMs: o.keepaliveMs ?? 15_000,
        keepaliveCount: 3,
      });
      o.log.debug('logged in', {
        host: target.name,
        user: target.user,
        via: way.via,
        ...loggedIn.negotiated,
      });
      return loggedIn;
    },
  });
  return {
    name: 'ssh',
    get openCount() {
      return links.size;
    },
    async connect(host, { signal }) {
      throwIfAborted(signal);
      const chain = resolveChain(host, { ...files.home, hosts: o.hosts, config: files.config(host.name) });
      return connectThrough(host, chain, links, o, signal);
    },
    async [Symbol.asyncDispose]() {
      await links.close();
    },
  };
}

function keySubject(target: SshTarget) {
  return {
    name: target.name,
    address: target.keyName,
    port: target.port,
    pinned: target.hostKey,
    writeTo: target.knownHosts[0] ?? '~/.ssh/known_hosts',
  };
}

/** Logs in at once, so that a wrong key or password is known before anything is planned on it. */
async function connectThrough(
  host: HostSpec,
  chain: readonly SshTarget[],
  links: Links,
  o: SshOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const { user, sudo } = chain.at(-1) as SshTarget;
  links.own(chain);
  try {
    (await links.acquire(chain, signal)).release();
  } catch (error) {
    links.disown(chain);
    throw error;
  }
  return openConnection({
    host: { ...host, user, sudo },
    isRoot: user === 'root',
    clock: o.clock,
    secret: o.secret,
    ...(o.random === undefined ? {} : { random: o.random }),
    start: (envelope, how) => startOn(host.name, chain, links, envelope, o.clock, how),
    close: async () => links.disown(chain),
  });
}

async function startOn(
  host: HostName,
  chain: readonly SshTarget[],
  links: Links,
  envelope: Envelope,
  clock: Clock,
  how: { signal: AbortSignal; urgent: boolean },
): Promise<Running> {
  for (let attempt = 1; ; attempt++) {
    const lease = await links.acquire(chain, how.signal);
    try {
      return await lease.channels.open(envelope.line, how, (channel) =>
        toRunning(host, channel, lease, clock),
      );
    } catch (error) {
      if (error instanceof NotSentError) lease.discard();
      lease.release();
      if (!(error instanceof NotSentError)) throw error;
      // The connection had died unnoticed and nothing was sent: a new one is as good. Once.
      if (attempt > 1) throw lostError(host, error);
    }
  }
}

function toRunning(host: HostName, channel: ClientChannel, lease: Lease, clock: Clock): Running {
  const hangUp = (): void => {
    // RFC 4254 §6.9; OpenSSH obeys since 7.9. An older one only closes the pipes.
    if (channel.writable) channel.signal('KILL');
    channel.close();
  };
  const { ended, events } = drain(
    clock,
    () => channel.close(),
    () => lostError(host),
  );
  channel.on('exit', (code: number | null, signal?: string) => events.exited(code, signal));
  let open = 2;
  const closed = (): void => {
    if (--open === 0) events.closed();
  };
  channel.once('close', closed);
  channel.stderr.once('close', closed);
  const release = (): void => lease.release();
  ended.then(release, release);
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    ended,
    hangUp,
    abandon: () => channel.close(),
  };
}

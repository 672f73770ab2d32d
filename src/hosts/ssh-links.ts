/**
 * Connections that are open now: one for each way, shared by all who need it, opened when needed, reopened after a
 * loss, and closed when idle where too many would be open at once.
 */
import type { Duplex } from 'node:stream';
import { orAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { canonicalJson } from '../base/digest.ts';
import { abortReason, InterruptedError } from '../base/interrupt.ts';
import { type Limit, limit } from '../base/limit.ts';
import { type Channels, openChannels } from './ssh-channels.ts';
import { forwardError } from './ssh-error.ts';
import type { LoggedIn } from './ssh-handshake.ts';
import type { SshTarget } from './ssh-target.ts';

export interface LinksOptions {
  readonly clock: Clock;
  /** Most connections open at once, jump hosts not counted. */
  readonly mostOpen: number;
  /** Most logins under way at once. */
  readonly mostLogins: number;
  /** Logs in, through an open way where there is one. */
  readonly logIn: (
    target: SshTarget,
    o: { signal: AbortSignal; through?: Duplex; via?: string },
  ) => Promise<LoggedIn>;
}

/** A connection in use; `release` it once. */
export interface Lease {
  readonly channels: Channels;
  readonly loggedIn: LoggedIn;
  release(): void;
  /** It turned out to be dead: the next acquisition opens another. */
  discard(): void;
}

interface Link {
  readonly key: string;
  readonly parent: Lease | undefined;
  readonly loggedIn: LoggedIn;
  readonly channels: Channels;
  readonly isJump: boolean;
  busy: number;
  usedMs: number;
  lost: boolean;
}

export class Links {
  readonly #o: LinksOptions;
  readonly #links = new Map<string, Promise<Link>>();
  readonly #open = new Set<Link>();
  /** Connections that were handed out on each way, and acquisitions under way: both keep it from being closed. */
  readonly #owners = new Map<string, number>();
  readonly #wanted = new Map<string, number>();
  readonly #logins: Limit;
  readonly #waiting: (() => void)[] = [];
  readonly #closing = new AbortController();
  #opening = 0;

  constructor(o: LinksOptions) {
    this.#o = o;
    this.#logins = limit(o.mostLogins);
  }

  /** How many are open now, jump hosts included. */
  get size(): number {
    return this.#open.size;
  }

  /** Somebody will come back to this way: it stays open when idle. */
  own(chain: readonly SshTarget[]): void {
    count(this.#owners, keyOf(chain), 1);
  }

  /** The last owner's leaving closes an idle connection. */
  disown(chain: readonly SshTarget[]): void {
    const key = keyOf(chain);
    count(this.#owners, key, -1);
    for (const link of this.#open) if (link.key === key) this.#closeIfUnwanted(link);
  }

  /** The connection to the last of the chain, opened if need be. */
  async acquire(chain: readonly SshTarget[], signal: AbortSignal, isJump = false): Promise<Lease> {
    const key = keyOf(chain);
    count(this.#wanted, key, 1);
    try {
      for (;;) {
        const link = await orAborted(this.#linkTo(key, chain, isJump), signal);
        // Lost between its opening and our turn: once more.
        if (!link.lost) return this.#lease(link);
      }
    } finally {
      count(this.#wanted, key, -1);
    }
  }

  /** Closes everything; what runs is lost. */
  async close(): Promise<void> {
    this.#closing.abort(new InterruptedError('the connections are being closed'));
    await Promise.allSettled(this.#links.values());
    // Children first: their way leads through the others.
    for (const link of [...this.#open].reverse()) this.#drop(link);
  }

  #linkTo(key: string, chain: readonly SshTarget[], isJump: boolean): Promise<Link> {
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const opened = this.#openLink(key, chain, isJump);
    this.#links.set(key, opened);
    opened.catch(() => {
      if (this.#links.get(key) === opened) this.#links.delete(key);
    });
    return opened;
  }

  async #openLink(key: string, chain: readonly SshTarget[], isJump: boolean): Promise<Link> {
    const signal = this.#closing.signal;
    if (!isJump) await this.#makeRoom(signal);
    let parent: Lease | undefined;
    try {
      parent = chain.length > 1 ? await this.acquire(chain.slice(0, -1), signal, true) : undefined;
      const target = chain.at(-1) as SshTarget;
      const via = chain.at(-2)?.name;
      const loggedIn = await this.#logins.run(async () => {
        const through = parent === undefined ? undefined : await forward(parent.loggedIn, target, via);
        return this.#o.logIn(target, { signal, ...(through ? { through } : {}), ...(via ? { via } : {}) });
      }, signal);
      return this.#adopt(key, target, loggedIn, parent, isJump);
    } catch (error) {
      parent?.release();
      throw error;
    } finally {
      if (!isJump) {
        this.#opening--;
        this.#callNext();
      }
    }
  }

  #adopt(
    key: string,
    target: SshTarget,
    loggedIn: LoggedIn,
    parent: Lease | undefined,
    isJump: boolean,
  ): Link {
    const link: Link = {
      key,
      parent,
      loggedIn,
      channels: openChannels(target.name, loggedIn.client),
      isJump,
      busy: 0,
      usedMs: this.#o.clock.monotonicMs(),
      lost: false,
    };
    this.#open.add(link);
    loggedIn.client.once('close', () => this.#drop(link));
    return link;
  }

  #lease(link: Link): Lease {
    link.busy++;
    let released = false;
    return {
      channels: link.channels,
      loggedIn: link.loggedIn,
      release: () => {
        if (released) return;
        released = true;
        link.busy--;
        link.usedMs = this.#o.clock.monotonicMs();
        this.#closeIfUnwanted(link);
        if (link.busy === 0) this.#callNext();
      },
      discard: () => this.#drop(link),
    };
  }

  /** Just opened counts as busy until whoever asked for it has taken it. */
  #isIdle(link: Link): boolean {
    return link.busy === 0 && !this.#wanted.has(link.key);
  }

  #closeIfUnwanted(link: Link): void {
    if (this.#isIdle(link) && !this.#owners.has(link.key)) this.#drop(link);
  }

  #drop(link: Link): void {
    if (link.lost) return;
    link.lost = true;
    this.#links.delete(link.key);
    this.#open.delete(link);
    link.loggedIn.client.end();
    link.loggedIn.destroy();
    link.parent?.release();
    this.#callNext();
  }

  /** Waits for one of the places, closing the connection that has been idle longest where that helps. */
  async #makeRoom(signal: AbortSignal): Promise<void> {
    while (!this.#takePlace()) {
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => reject(abortReason(signal));
        signal.addEventListener('abort', onAbort, { once: true });
        this.#waiting.push(() => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        });
      });
    }
  }

  #takePlace(): boolean {
    const leaves = [...this.#open].filter((link) => !link.isJump);
    if (leaves.length + this.#opening >= this.#o.mostOpen) {
      const idle = leaves.filter((link) => this.#isIdle(link)).sort((a, b) => a.usedMs - b.usedMs)[0];
      if (idle === undefined) return false;
      this.#drop(idle);
    }
    this.#opening++;
    return true;
  }

  #callNext(): void {
    this.#waiting.shift()?.();
  }
}

function count(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const now = (counts.get(key) ?? 0) + change;
  if (now > 0) counts.set(key, now);
  else counts.delete(key);
}

/** Two hosts of the site that are reached, trusted and logged in to in the same way are one connection. */
function keyOf(chain: readonly SshTarget[]): string {
  return canonicalJson(chain.map(({ name: _name, sudo: _sudo, ...way }) => way));
}

function forward(parent: LoggedIn, target: SshTarget, via: string | undefined): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(forwardError({ target, via }, cause));
    try {
      parent.client.forwardOut('127.0.0.1', 0, target.address, target.port, (cause, stream) => {
        if (cause === undefined) resolve(stream);
        else fail(cause);
      });
    } catch (cause) {
      fail(cause);
    }
  });
}

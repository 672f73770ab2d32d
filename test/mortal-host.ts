/** A connection that dies: everything up to the n-th operation works, then nothing does any more. Also one that counts. */
import type { Connection } from '../src/hosts/host.ts';
import { HostError } from '../src/hosts/host-error.ts';

/** Where the last operation is lost: `before` it reaches the host, or `after` it was done there, only its answer. */
export type Death = 'before' | 'after';

export interface MortalHost extends Connection {
  readonly isDead: boolean;
}

/** @param lastOperation counted from 1 */
export function mortalHost(inner: Connection, o: { lastOperation: number; death: Death }): MortalHost {
  let isDead = false;
  let operations = 0;
  const host = wrapped(inner, async (work) => {
    operations++;
    if (isDead) throw lost(inner.host);
    if (operations < o.lastOperation) return work();
    isDead = true;
    if (o.death === 'after') await work();
    throw lost(inner.host);
  });
  return Object.defineProperty(host, 'isDead', { get: () => isDead }) as MortalHost;
}

/** A connection that calls `around` before and after each operation, with its number from 1. */
export function watchedHost(
  inner: Connection,
  around: (operation: number, death: Death) => Promise<void>,
): Connection {
  let operations = 0;
  return wrapped(inner, async (work) => {
    const operation = ++operations;
    await around(operation, 'before');
    const result = await work();
    await around(operation, 'after');
    return result;
  });
}

type Wrapper = <T>(work: () => Promise<T>) => Promise<T>;

function wrapped(inner: Connection, live: Wrapper): Connection {
  return {
    host: inner.host,
    run: (command, options) => live(() => inner.run(command, options)),
    files: {
      read: (path, signal) => live(() => inner.files.read(path, signal)),
      stat: (path, signal) => live(() => inner.files.stat(path, signal)),
      replace: (path, content, attributes, signal) =>
        live(() => inner.files.replace(path, content, attributes, signal)),
      remove: (path, signal) => live(() => inner.files.remove(path, signal)),
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function lost(host: string): HostError {
  return new HostError({
    code: 'host/lost',
    host,
    message: 'the connection was lost',
    hint: 'Check the network.',
    retryable: true,
  });
}

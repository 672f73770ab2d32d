/** Connections by host name: opened at first use, handed out again after that, closed together. */
import { orAborted } from '../base/abort.ts';
import { InterruptedError } from '../base/interrupt.ts';
import { nearest } from '../base/nearest.ts';
import type { HostName, HostSpec } from '../site/model.ts';
import type { Connection, HostPool, Transport } from './host.ts';
import { HostError } from './host-error.ts';

export interface HostPoolOptions {
  readonly hosts: ReadonlyMap<HostName, HostSpec>;
  /** One for each `transport` that a host may name; those that can be closed are closed with the pool. */
  readonly transports: readonly (Transport & Partial<AsyncDisposable>)[];
  /** The machine Holdfast runs on (`openLocal`); closed with the pool. */
  readonly controller: Connection;
}

/** Opens a pool; it connects to nobody yet. */
export function openHostPool(o: HostPoolOptions): HostPool {
  const open = new Map<HostName, Promise<Connection>>();
  const closing = new AbortController();

  const openOne = (name: HostName): Promise<Connection> => {
    const spec = o.hosts.get(name);
    if (spec === undefined) return Promise.reject(unknownHost(name, o.hosts));
    const transport = o.transports.find((each) => each.name === spec.transport);
    if (transport === undefined) throw new TypeError(`no transport named '${spec.transport}' was given`);
    const opened = transport.connect(spec, { signal: closing.signal });
    open.set(name, opened);
    // A failure is not kept: the next caller tries again.
    opened.catch(() => open.delete(name));
    return opened;
  };

  return {
    // The attempt is shared, so it runs under the pool's signal; each caller leaves under its own.
    connect: (name, signal) => orAborted(open.get(name) ?? openOne(name), signal),
    controller: () => o.controller,
    async [Symbol.asyncDispose]() {
      closing.abort(new InterruptedError('the connections are being closed'));
      const settled = await Promise.allSettled(open.values());
      open.clear();
      const connections = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      await Promise.all([...connections, o.controller].map((each) => each[Symbol.asyncDispose]()));
      for (const transport of o.transports) await transport[Symbol.asyncDispose]?.();
    },
  };
}

function unknownHost(name: HostName, hosts: ReadonlyMap<HostName, HostSpec>): HostError {
  const meant = nearest(name, hosts.keys());
  return new HostError({
    code: 'host/unknown-name',
    host: name,
    message: `the site has no host named '${name}'`,
    expected: `one of ${[...hosts.keys()].slice(0, 20).join(', ')}${hosts.size > 20 ? ', …' : ''}`,
    got: name,
    hint: meant === undefined ? 'Add it under `hosts`, or correct the name.' : `Did you mean '${meant}'?`,
  });
}

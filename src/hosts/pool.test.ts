import { describe, expect, it } from 'vitest';
import { fakeHost } from '../../test/fake-host.ts';
import type { HostSpec } from '../site/model.ts';
import type { Transport } from './host.ts';
import { HostError } from './host-error.ts';
import { controllerSpec } from './local.ts';
import { openHostPool } from './pool.ts';

const never = new AbortController().signal;
const spec = (name: string): HostSpec => ({ ...controllerSpec('root'), name, transport: 'ssh' });
const hosts = new Map(['db1', 'db2'].map((name) => [name, spec(name)]));

/** A transport whose connections open when told to. */
function slowTransport() {
  const calls: { name: string; signal: AbortSignal; finish: (error?: Error) => void }[] = [];
  const made = new Map<string, ReturnType<typeof fakeHost>>();
  let closed = false;
  const transport: Transport & AsyncDisposable = {
    name: 'ssh',
    connect: (host, { signal }) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        const connection = fakeHost(host.name);
        made.set(host.name, connection);
        calls.push({
          name: host.name,
          signal,
          finish: (error) => (error === undefined ? resolve(connection) : reject(error)),
        });
      }),
    async [Symbol.asyncDispose]() {
      closed = true;
    },
  };
  return { transport, calls, made, isClosed: () => closed };
}

describe('the host pool', () => {
  it('opens one connection a host, shared by all who ask at the same time and later', async () => {
    const { transport, calls } = slowTransport();
    const pool = openHostPool({ hosts, transports: [transport], controller: fakeHost('controller') });
    const both = [pool.connect('db1', never), pool.connect('db1', never)];
    calls[0]?.finish();
    const [one, two] = await Promise.all(both);
    expect(one).toBe(two);
    expect(await pool.connect('db1', never)).toBe(one);
    expect(calls).toHaveLength(1);
  });

  it('lets a caller leave without spoiling the attempt for the others', async () => {
    const { transport, calls } = slowTransport();
    const pool = openHostPool({ hosts, transports: [transport], controller: fakeHost('controller') });
    const impatient = new AbortController();
    const left = pool.connect('db1', impatient.signal);
    const stays = pool.connect('db1', never);
    impatient.abort(new Error('enough'));
    await expect(left).rejects.toThrow('enough');
    calls[0]?.finish();
    await expect(stays).resolves.toMatchObject({ host: 'db1' });
  });

  it('tries again after a failure', async () => {
    const { transport, calls } = slowTransport();
    const pool = openHostPool({ hosts, transports: [transport], controller: fakeHost('controller') });
    const first = pool.connect('db1', never);
    calls[0]?.finish(new HostError({ code: 'host/refused', host: 'db1', message: 'no', hint: 'wait' }));
    await expect(first).rejects.toMatchObject({ code: 'host/refused' });
    const second = pool.connect('db1', never);
    calls[1]?.finish();
    await expect(second).resolves.toMatchObject({ host: 'db1' });
  });

  it('closes what is open, stops what is opening, and closes the transport last', async () => {
    const { transport, calls, made, isClosed } = slowTransport();
    const controller = fakeHost('controller');
    const pool = openHostPool({ hosts, transports: [transport], controller });
    const opened = pool.connect('db1', never);
    calls[0]?.finish();
    await opened;
    const opening = pool.connect('db2', never);
    const refused = expect(opening).rejects.toMatchObject({ code: 'base/interrupted' });
    await pool[Symbol.asyncDispose]();
    await refused;
    expect(made.get('db1')?.closed).toBe(true);
    expect(controller.closed).toBe(true);
    expect(isClosed()).toBe(true);
  });

  it('says which host was meant', async () => {
    const pool = openHostPool({ hosts, transports: [], controller: fakeHost('controller') });
    await expect(pool.connect('bd1', never)).rejects.toMatchObject({
      code: 'host/unknown-name',
      hint: "Did you mean 'db1'?",
    });
  });
});

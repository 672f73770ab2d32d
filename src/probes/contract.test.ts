import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Listening, listen } from '../../test/listen.ts';
import { probeBare } from '../../test/probe.ts';
import { DeadlineError } from '../base/abort.ts';
import { probeKinds } from './registry.ts';

/** A port that accepts, over TCP and UDP, and never says a word; a program that never ends. */
let silent: Listening;
const udp = createSocket('udp4');
beforeAll(async () => {
  silent = await listen(createServer());
  await new Promise<void>((resolve) => udp.bind(silent.port, '127.0.0.1', resolve));
});
afterAll(async () => {
  udp.close();
  await silent[Symbol.asyncDispose]();
});
const argsThatWait: Readonly<Record<string, () => object>> = {
  tcp: () => ({ port: silent.port, banner: 'SSH' }),
  http: () => ({ port: silent.port }),
  https: () => ({ port: silent.port }),
  dns: () => ({ port: silent.port, query: 'a.test' }),
  exec: () => ({ argv: ['/bin/sleep', '60'] }),
};

describe.each([...probeKinds.names])('the probe kind %s', (name) => {
  const kind = probeKinds.get(name);
  const args = () => argsThatWait[name]?.() ?? {};

  test('rejects with the cause of a stop, while it waits and where it was stopped before it began', async () => {
    const stop = new AbortController();
    const asking = probeBare(kind, args(), stop.signal);
    setTimeout(() => stop.abort(new Error('the watcher stops')), 50);
    await expect(asking).rejects.toThrow('the watcher stops');
    await expect(probeBare(kind, args(), stop.signal)).rejects.toThrow('the watcher stops');
  });

  test('says down or leaves it to the runner where it is late, but never up', async () => {
    const late = new AbortController();
    const asking = probeBare(kind, args(), late.signal).then(
      ({ status }) => status,
      (error: Error) => error.name,
    );
    setTimeout(() => late.abort(new DeadlineError('the probe', 50)), 50);
    expect(['down', 'DeadlineError']).toContain(await asking);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pushImage, pushIndex } from '../../../../test/push-image.ts';
import { registryMissing, startRegistry, type TestRegistry } from '../../../../test/registry-server.ts';
import { titleOf } from '../../../../test/title-of.ts';
import { openScope } from '../../../base/abort.ts';
import { SystemClock } from '../../../base/clock.ts';
import { openClient } from '../http/client.ts';
import { manifestHead, type RegistryHttp, tags } from '../parity/registry-client.ts';
import { withLogin } from '../parity/registry-login.ts';
import { RegistrySession } from './registry-session.ts';

describe.skipIf(registryMissing !== undefined)(titleOf('images that are taken back', registryMissing), () => {
  let stack: AsyncDisposableStack;
  let from: TestRegistry;
  let to: TestRegistry;
  let target: RegistryHttp;
  let session: RegistrySession;
  /** Requests to delete are answered so, before the target gets them. */
  let deletesAnswer: number | undefined;

  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    deletesAnswer = undefined;
    from = stack.use(await startRegistry());
    to = stack.use(await startRegistry());
    const clock = new SystemClock();
    const scope = openScope(clock, { what: 'the test', parent: new AbortController().signal });
    const secret = () => Promise.reject(new Error('none'));
    const ctx = { clock, signal: scope.signal, concurrency: 2, secret };
    const open = ({ port }: TestRegistry): RegistryHttp => {
      const origin = { scheme: 'http', address: '127.0.0.1', port, insecure: false, minValidFor: 0 } as const;
      return withLogin(stack.use(openClient(origin, ctx)), undefined, ctx);
    };
    const inner = open(to);
    target = {
      client: inner.client,
      async request(request, permission) {
        const isRefused = request.method === 'DELETE' && deletesAnswer !== undefined;
        if (!isRefused) return inner.request(request, permission);
        const response = await inner.request({ method: 'GET', path: '/v2/' }, permission);
        return { ...response, status: deletesAnswer as number };
      },
    };
    session = stack.use(new RegistrySession({ from: open(from), to: target, clock, scope, concurrency: 2 }));
  });
  afterEach(() => stack.disposeAsync());

  const copyAll = async () => {
    const { items } = await session.find();
    await session.copy(items, () => {});
    return items.map(({ name, wanted }) => ({ name, wanted }));
  };

  test('leave other tags of the same manifest alone', async () => {
    await pushImage(from.url, { name: 'app', tag: 'v1' });
    const { digest } = await pushImage(to.url, { name: 'app', tag: 'latest' });
    const [taken] = await copyAll();
    expect(await tags(target, 'app')).toEqual(['latest', 'v1']);
    await session.takeBack(taken!);
    expect(await tags(target, 'app')).toEqual(['latest']);
    expect(await session.held('app:latest')).toBe(digest);
    expect(await session.held('app:v1')).toBeUndefined();
  });

  test('leave an index whole that needs them', async () => {
    const { parts } = await pushIndex(to.url, { name: 'app', tag: 'all' });
    await pushImage(from.url, { name: 'app', tag: 'amd64' });
    const [taken] = await copyAll();
    expect(taken).toEqual({ name: 'app:amd64', wanted: parts[0] });
    await session.takeBack(taken!);
    expect(await tags(target, 'app')).toEqual(['all']);
    expect(await manifestHead(target, 'app', parts[0] as string)).toMatchObject({ digest: parts[0] });
  });

  test('go with their manifest where nothing else needs it', async () => {
    const { digest } = await pushImage(from.url, { name: 'app', tag: 'v1' });
    await pushImage(from.url, { name: 'app', tag: 'v2' });
    await pushImage(to.url, { name: 'app', tag: 'old', seed: 'other' });
    for (const one of await copyAll()) await session.takeBack(one);
    expect(await tags(target, 'app')).toEqual(['old']);
    expect(await manifestHead(target, 'app', digest)).toBeUndefined();
  });

  test('stay under their tags where the registry deletes nothing', async () => {
    await pushImage(from.url, { name: 'app', tag: 'v1' });
    const { digest } = await pushImage(to.url, { name: 'app', tag: 'latest' });
    const [taken] = await copyAll();
    deletesAnswer = 405;
    await expect(session.takeBack(taken!)).rejects.toMatchObject({ got: 'status 405' });
    expect(await session.held('app:v1')).toBe(digest);
  });
});

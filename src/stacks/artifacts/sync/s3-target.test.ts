import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closedPort } from '../../../../test/listen.ts';
import { type ObjectStore, partsEtag, startObjectStore } from '../../../../test/object-store-stand-in.ts';
import { sha256 } from '../../../../test/push-image.ts';
import { openScope } from '../../../base/abort.ts';
import { SystemClock } from '../../../base/clock.ts';
import { Secret } from '../../../base/secret.ts';
import { openClient } from '../http/client.ts';
import { readFrom, type Sides } from './copying.ts';
import { FileSession } from './file-session.ts';
import type { FileTarget, SourceFile } from './file-target.ts';
import { s3Target } from './s3-target.ts';

const PART = 1_000;
const path = '/kubean/a.iso';
const content = randomBytes(2_500);
const parts = [content.subarray(0, PART), content.subarray(PART, 2 * PART), content.subarray(2 * PART)];
const md5 = createHash('md5').update(content).digest('hex');

describe('an object in parts', () => {
  let stack: AsyncDisposableStack;
  let from: ObjectStore;
  let to: ObjectStore;
  let sides: Sides;
  let target: FileTarget;
  let sentBytes: number;

  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    sentBytes = 0;
    const clock = new SystemClock();
    const scope = stack.use(openScope(clock, { what: 'the test', parent: new AbortController().signal }));
    const start = async () => {
      const port = await closedPort();
      const keys = { accessKey: 'ops', secretKey: 's3cret' };
      const store = stack.use(await startObjectStore({ address: '127.0.0.1', port, ...keys }));
      const client = openClient(
        { scheme: 'http', address: '127.0.0.1', port, insecure: false, minValidFor: 0 },
        { clock, signal: scope.signal, concurrency: 1, secret: () => Promise.reject(new Error('none')) },
      );
      return { store, client: stack.use(client) };
    };
    const [source, destination] = [await start(), await start()];
    [from, to] = [source.store, destination.store];
    sides = { from: source.client, to: destination.client, headers: {}, clock, scope, concurrency: 1 };
    const keys = {
      accessKey: new Secret('env:USER', 'ops'),
      secretKey: new Secret('env:PW', 's3cret'),
      region: 'us-east-1',
    };
    target = s3Target({ client: destination.client, keys, clock });
    from.objects.set(path, { content, etag: `"${md5}"` });
  });
  afterEach(() => stack.disposeAsync());

  const file = (mark: SourceFile['mark']): SourceFile => ({
    client: sides.from,
    mark: { sizeBytes: content.length, ...mark },
    open: (o) => readFrom(sides, path, { onBytes: (count) => (sentBytes += count), ...o }),
    partBytes: async () => PART,
  });

  test('keeps the parts that the source tells', async () => {
    from.objects.set(path, { content, etag: partsEtag(parts) });
    from.partBytes.set(path, PART);
    using session = new FileSession(sides, { bucket: 'kubean', prefix: '' }, target);
    await session.copy((await session.find()).items, () => {});
    expect(to.objects.get(path)).toEqual({ content, etag: partsEtag(parts) });
  });

  test.each([
    ['the digest', { digest: sha256(content) }],
    ['the MD5 of the whole', { etag: `"${md5}"` }],
    ['the size', {}],
  ])('is taken where the source tells %s only', async (_what, mark) => {
    await target.put(path, file(mark));
    expect(to.objects.get(path)).toEqual({ content, etag: partsEtag(parts) });
    expect(sentBytes).toBe(content.length);
  });

  test.each([
    ['the digest', { digest: sha256('other') }],
    ['the MD5 of the whole', { etag: `"${'0'.repeat(32)}"` }],
    ['the size', { sizeBytes: content.length + 1 }],
  ])('is not taken where it is not what %s says', async (_what, mark) => {
    await expect(target.put(path, file(mark))).rejects.toMatchObject({ code: 'artifacts/digest-mismatch' });
    expect(to.objects.has(path)).toBe(false);
  });

  test('is gone on with where its parts are the same, and is whole in any case', async () => {
    const { open, ...same } = file({ digest: sha256(content) });
    let opened = 0;
    // The second part breaks off.
    const breaks: SourceFile['open'] = (o) => (++opened === 2 ? Promise.reject(new Error('cut')) : open(o));
    await expect(target.put(path, { ...same, open: breaks })).rejects.toThrow('cut');
    expect(sentBytes).toBe(PART);
    await target.put(path, { ...same, open });
    expect(to.objects.get(path)?.content.equals(content)).toBe(true);
    expect(sentBytes).toBe(content.length);
  });

  test("is sent again in the parts that are another file's", async () => {
    const before = content.map((byte) => byte ^ 1);
    from.objects.set(path, { content: Buffer.from(before), etag: '"x"' });
    const { open, ...same } = file({ digest: sha256(content) });
    let opened = 0;
    const breaks: SourceFile['open'] = (o) => (++opened === 3 ? Promise.reject(new Error('cut')) : open(o));
    await expect(target.put(path, { ...same, open: breaks })).rejects.toThrow('cut');
    from.objects.set(path, { content, etag: `"${md5}"` });
    await target.put(path, { ...same, open });
    expect(to.objects.get(path)).toEqual({ content, etag: partsEtag(parts) });
  });
});

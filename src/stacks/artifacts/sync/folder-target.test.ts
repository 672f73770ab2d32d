import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isRoot } from '../../../../test/scratch-host.ts';
import { titleOf } from '../../../../test/title-of.ts';
import { SystemClock } from '../../../base/clock.ts';
import { controllerSpec, openLocal } from '../../../hosts/local.ts';
import { type HttpClient, openClient } from '../http/client.ts';
import { streamFrom } from '../http/stream-from.ts';
import type { FileTarget, SourceFile } from './file-target.ts';
import { folderTarget } from './folder-target.ts';

const clock = new SystemClock();
const signal = new AbortController().signal;
const content = randomBytes(3_000_000);
const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;

let folder: string;
let server: Server;
let client: HttpClient;
let target: FileTarget;
/** Byte after which the source hangs up; undefined: it sends all. */
let cutAt: number | undefined;
/** Where each request began. */
let begun: number[];
/** Whether the source sends all whatever range it is asked for. */
let ignoresRanges: boolean;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-folder-target-'));
  [cutAt, begun, ignoresRanges] = [undefined, [], false];
  server = createServer((request, response) => {
    const asked = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    begun.push(asked);
    const from = ignoresRanges ? 0 : asked;
    response.writeHead(from === 0 ? 200 : 206, { 'content-length': content.length - from });
    if (cutAt === undefined) response.end(content.subarray(from));
    else response.write(content.subarray(from, cutAt), () => response.destroy());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const secret = () => Promise.reject(new Error('none'));
  const origin = { scheme: 'http', address: '127.0.0.1', port, insecure: false, minValidFor: 0 } as const;
  client = openClient(origin, { clock, signal, concurrency: 1, secret });
  const host = openLocal(controllerSpec('me'), { clock });
  target = folderTarget({ host, signal, address: '127.0.0.1', folder, at: '/files' });
});
afterEach(() => {
  client[Symbol.dispose]();
  server.close();
  rmSync(folder, { recursive: true });
});

const source = (mark: SourceFile['mark']): SourceFile => ({
  client,
  mark,
  open: ({ range, ...o } = {}) => {
    const headers = range === undefined ? {} : { range: `bytes=${range.from}-` };
    const request = { method: 'GET', path: '/files/a.iso', headers } as const;
    return streamFrom(client, request, {
      ...o,
      onBytes: () => {},
      send: (asked) => client.request(asked),
    });
  },
  partBytes: async () => undefined,
});
const half = () => join(folder, '.holdfast-sync-a.iso');

const missing = isRoot ? undefined : 'writes as root';

describe.skipIf(missing !== undefined)(titleOf('a file in a folder', missing), () => {
  test('a source that hangs up leaves a half, which the next attempt goes on with', async () => {
    const file = source({ digest, sizeBytes: content.length });
    cutAt = 1_000_000;
    await expect(target.put('/files/a.iso', file)).rejects.toMatchObject({ code: 'artifacts/unreachable' });
    expect(existsSync(join(folder, 'a.iso'))).toBe(false);
    const { size } = statSync(half());
    expect(size).toBeGreaterThan(0);
    cutAt = undefined;
    await target.put('/files/a.iso', file);
    expect(begun).toEqual([0, size]);
    expect(readFileSync(join(folder, 'a.iso')).equals(content)).toBe(true);
    expect(existsSync(half())).toBe(false);
  });

  test('a source that knows no ranges is read from the beginning', async () => {
    const file = source({ digest, sizeBytes: content.length });
    cutAt = 1_000_000;
    ignoresRanges = true;
    await expect(target.put('/files/a.iso', file)).rejects.toMatchObject({ code: 'artifacts/unreachable' });
    const { size } = statSync(half());
    cutAt = undefined;
    await target.put('/files/a.iso', file);
    expect(begun).toEqual([0, size]);
    expect(readFileSync(join(folder, 'a.iso')).equals(content)).toBe(true);
  });

  test('without a digest nothing is gone on with, and what is written is held against what was sent', async () => {
    const file = source({ sizeBytes: content.length });
    cutAt = 1_000_000;
    await expect(target.put('/files/a.iso', file)).rejects.toMatchObject({ code: 'artifacts/unreachable' });
    cutAt = undefined;
    await target.put('/files/a.iso', file);
    expect(begun).toEqual([0, 0]);
    expect(readFileSync(join(folder, 'a.iso')).equals(content)).toBe(true);
  });

  test('a disk that takes no more is told as the host says it', async () => {
    symlinkSync('/dev/full', half());
    await expect(target.put('/files/a.iso', source({}))).rejects.toMatchObject({
      code: 'artifacts/not-taken',
      got: expect.stringContaining('No space left on device'),
    });
  });
});

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ArtifactMember, startMember } from '../../../../test/artifact-member.ts';
import { sha256 } from '../../../../test/push-image.ts';
import { until } from '../../../../test/until.ts';
import { openScope } from '../../../base/abort.ts';
import { SystemClock } from '../../../base/clock.ts';
import { openClient } from '../http/client.ts';
import type { Sides } from './copying.ts';
import { FileSession } from './file-session.ts';
import type { FileTarget } from './file-target.ts';

const index = '/files/SHA256SUMS';

describe('files with a list of checksums', () => {
  let stack: AsyncDisposableStack;
  let from: ArtifactMember;
  let to: ArtifactMember;
  let session: FileSession;
  /** Names of the files that were sent. */
  let sent: string[];
  /** Before a file is written. */
  let hold: (path: string) => Promise<void>;

  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    from = stack.use(await startMember('127.0.0.1'));
    to = stack.use(await startMember('127.0.0.1'));
    [sent, hold] = [[], async () => {}];
    const clock = new SystemClock();
    const scope = openScope(clock, { what: 'the test', parent: new AbortController().signal });
    const secret = () => Promise.reject(new Error('none'));
    const open = ({ address, port }: ArtifactMember) =>
      stack.use(
        openClient(
          { scheme: 'http', address, port, insecure: false, minValidFor: 0 },
          { clock, signal: scope.signal, concurrency: 2, secret },
        ),
      );
    const sides: Sides = { from: open(from), to: open(to), headers: {}, clock, scope, concurrency: 2 };
    const target: FileTarget = {
      async put(path) {
        await hold(path);
        sent.push(path);
        to.write(path, readFileSync(join(from.root, path), 'utf8'));
      },
      putText: async (path, text) => to.write(path, text),
      remove: async (path) => rmSync(join(to.root, path)),
    };
    session = stack.use(new FileSession(sides, { index }, target));
  });
  afterEach(() => stack.disposeAsync());

  const list = () => readFileSync(join(to.root, index), 'utf8');
  const copyAll = async () => session.copy((await session.find()).items, () => {});

  test('that the target holds without listing them are conflicts where their content is another', async () => {
    from.writeFiles({ 'a.tar': 'source', 'b.tar': 'longer' });
    to.writeFiles({});
    to.write('files/a.tar', 'target');
    to.write('files/b.tar', 'short');
    expect((await session.find()).items).toMatchObject([
      { name: '/files/a.tar', state: 'conflict', wanted: sha256('source'), found: sha256('target') },
      { name: '/files/b.tar', state: 'conflict', wanted: sha256('longer'), found: '5 B' },
    ]);
  });

  test('that the target holds without listing them are listed where they are the same, and not sent', async () => {
    from.writeFiles({ 'a.tar': 'same' });
    to.write('files/a.tar', 'same');
    const { items } = await session.find();
    expect(items).toMatchObject([
      { name: '/files/a.tar', state: 'incomplete', sizeBytes: 0, parts: [index] },
    ]);
    await session.copy(items, () => {});
    expect(sent).toEqual([]);
    expect(list()).toBe(`${sha256('same').slice(7)}  a.tar\n`);
    expect((await session.find()).items).toEqual([]);
  });

  test('are listed as they come, not at the end', async () => {
    from.writeFiles({ 'a.tar': 'first', 'b.tar': 'second' });
    const gate = Promise.withResolvers<void>();
    hold = (path) => (path === '/files/b.tar' ? gate.promise : Promise.resolve());
    const copying = copyAll();
    await until(() => existsSync(join(to.root, index)));
    expect(list()).toBe(`${sha256('first').slice(7)}  a.tar\n`);
    gate.resolve();
    await copying;
    expect((await session.find()).items).toEqual([]);
    expect(sent).toEqual(['/files/a.tar', '/files/b.tar']);
  });

  test('that were sent but not listed before a cut are known as sent', async () => {
    from.writeFiles({ 'a.tar': 'same', 'b.tar': 'wanted' });
    to.write('files/a.tar', 'same');
    to.write('files/b.tar', 'theirs');
    expect(await session.held('/files/a.tar')).toBe(sha256('same'));
    expect(await session.held('/files/b.tar')).toBe(sha256('theirs'));
    expect(await session.held('/files/c.tar')).toBeUndefined();
  });
});

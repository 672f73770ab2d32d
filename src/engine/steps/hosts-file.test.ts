import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScratchHost, scratchHost } from '../../../test/scratch-host.ts';
import { Trial } from '../../../test/step-contract.ts';
import { renderReason } from '../../base/reason.ts';
import { hostsFile } from './hosts-file.ts';

let host: ScratchHost;
let path: string;

beforeEach(async () => {
  host = await scratchHost();
  path = join(host.folder, 'hosts');
});
afterEach(() => host[Symbol.asyncDispose]());

const trial = (args: object): Trial =>
  new Trial(hostsFile, {
    host,
    clock: host.clock,
    args: { path, ...args },
    snapshot: async () => undefined,
    trace: async () => undefined,
    [Symbol.asyncDispose]: async () => {},
  });

describe('names in the hosts file', () => {
  it('are shown as a diff of the lines concerned', async () => {
    writeFileSync(path, '127.0.0.1 localhost\n10.0.0.193 www.site.example files\n');
    expect(await trial({ absent: ['www.site.example'] }).check()).toEqual({
      state: 'todo',
      diff: {
        summary: `change ${path} (+1 −1)`,
        text: `--- ${path}\n+++ ${path}\n@@ -1,2 +1,2 @@\n 127.0.0.1 localhost\n-10.0.0.193 www.site.example files\n+10.0.0.193 files\n`,
      },
    });
  });

  it('tell a line that somebody added since from their own, although it is none of theirs', async () => {
    writeFileSync(path, '127.0.0.1 localhost\n');
    const step = trial({ entries: [{ address: '192.0.2.1', names: ['repo.example.com'] }] });
    await step.capture();
    await step.apply();
    appendFileSync(path, '192.0.2.7 printer\n');
    expect((await step.check()).state, 'what the step wants is there').toBe('done');
    expect(await step.drift()).toMatchObject([
      { name: path, diff: { text: expect.stringContaining('+192.0.2.7 printer\n') } },
    ]);
  });

  it('keep every byte of comments in other encodings', async () => {
    writeFileSync(
      path,
      Buffer.concat([
        Buffer.from('# '),
        Buffer.from([0xd5, 0xbe, 0xff]),
        Buffer.from('\n10.0.0.1 www.site.example\n'),
      ]),
    );
    const step = trial({ absent: ['www.site.example'] });
    await step.capture();
    await step.apply();
    expect([...readFileSync(path)]).toEqual([0x23, 0x20, 0xd5, 0xbe, 0xff, 0x0a]);
  });

  it('are proven by name, not by the file as a whole: other lines may change meanwhile', async () => {
    writeFileSync(path, '10.0.0.1 a\n');
    const step = trial({ absent: ['a'], entries: [{ address: '10.0.0.9', names: ['b'] }] });
    await step.capture();
    await step.apply();
    writeFileSync(path, `${readFileSync(path, 'utf8')}10.0.0.7 someone-else\n`);
    expect(await step.verify()).toMatchObject({ got: '10.0.0.9 b', expected: '10.0.0.9 b, no a' });
    writeFileSync(path, '10.0.0.1 a\n');
    await expect(step.verify()).rejects.toMatchObject({ code: 'step/not-as-wanted', got: '10.0.0.1 a' });
  });

  it('need no file where none is wanted in it', async () => {
    expect((await trial({ absent: ['a'] }).check()).state).toBe('done');
  });

  it('have a title for each of what they can be', () => {
    const title = (args: object): string =>
      renderReason(hostsFile.title(hostsFile.args.parse(args)), [hostsFile.reasons], 'en');
    const entries = [{ address: '::1', names: ['b'] }];
    expect(title({ absent: ['a'] })).toBe('keep a out of /etc/hosts');
    expect(title({ entries })).toBe('have b in /etc/hosts');
    expect(title({ absent: ['a'], entries })).toBe('have b in /etc/hosts and keep a out of it');
  });

  it('cannot be both there and not there', () => {
    expect(
      hostsFile.args.safeParse({ absent: ['A.example'], entries: [{ address: '::1', names: ['a.example'] }] })
        .success,
    ).toBe(false);
    expect(hostsFile.args.safeParse({}).success).toBe(false);
  });
});

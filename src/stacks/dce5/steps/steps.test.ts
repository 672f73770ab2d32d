import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ScratchHost } from '../../../../test/scratch-host.ts';
import { type StepWorldKind, Trial, testStep } from '../../../../test/step-contract.ts';
import { world } from '../../../../test/step-worlds.ts';
import type { Connection } from '../../../hosts/host.ts';
import { dce5Config } from './dce5-config.ts';
import { dce5Copy } from './dce5-copy.ts';

const wish = {
  bootstrapNode: 'www.tinder.test',
  altName: '172.30.41.193',
  packagePath: '/home/offline-fix-dns',
  masterNodes: [
    { nodeName: 'g-master1', ip: '172.30.41.194', ansibleUser: 'root', ansiblePass: 'env:NODE_PASSWORD' },
  ],
};
const secrets = { 'env:NODE_PASSWORD': 'correct horse: "battery"' } as const;

testStep(
  dce5Config,
  world({
    name: 'a host without a clusterConfig.yaml',
    prepare: ({ etc }) => ({ path: `${etc}/clusterConfig.yaml`, wish }),
    secrets,
  }),
);

testStep(
  dce5Config,
  world({
    name: 'a standby with the file of the original, open to all',
    prepare: ({ etc }) => {
      const path = `${etc}/clusterConfig.yaml`;
      writeFileSync(
        path,
        'apiVersion: provision.daocloud.io/v1alpha3\nspec:\n  bootstrapNode: 172.30.41.194 # old\n  x: 1\n',
      );
      chmodSync(path, 0o644);
      return { path, wish };
    },
    secrets,
  }),
);

/** A package with a file of several pieces, small ones, an empty folder, a link, and a name with blanks. */
function putPackage(folder: string): void {
  mkdirSync(join(folder, 'images', 'empty'), { recursive: true });
  writeFileSync(join(folder, 'images', 'large.tar'), randomBytes(9_000_001));
  writeFileSync(join(folder, 'dce5-installer'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(folder, "it's a 'name' $x"), 'odd\n');
  symlinkSync('dce5-installer', join(folder, 'latest'));
}

/**
 * Two hosts on one machine: what commands of the other one call `<state>` is `<folder>/source` for them.
 * @param tell is told each command
 */
function sourceHost(inner: Connection, folder: string, tell: (command: string) => void): Connection {
  const there = (text: string): string => text.replaceAll(join(folder, 'state'), join(folder, 'source'));
  return {
    ...inner,
    host: 'original',
    run: ({ text }, options) => {
      tell(text);
      return inner.run({ text: there(text) }, options);
    },
  };
}

function copyWorld(name: string, more: (state: string, source: string) => void = () => {}): StepWorldKind {
  const plain = world({
    name,
    prepare: ({ folder, state }) => {
      const source = join(folder, 'source');
      putPackage(join(source, 'home', 'offline-fix-dns'));
      mkdirSync(join(state, 'home'));
      more(join(state, 'home'), join(source, 'home'));
      return { path: `${state}/home/offline-fix-dns`, from: 'original' };
    },
  });
  return {
    ...plain,
    async open() {
      const opened = await plain.open();
      const ran: string[] = [];
      const { folder } = opened.host as ScratchHost;
      const original = sourceHost(opened.host, folder, (command) => ran.push(command));
      return Object.assign(opened, { others: new Map([['original', original]]), ran });
    },
  };
}

testStep(dce5Copy, copyWorld('a standby without the package'));

/** A trial of the copy, with the folders of both hosts. */
async function copyTrial(more: (state: string, source: string) => void = () => {}) {
  const opened = await copyWorld('a test', more).open();
  const { folder } = opened.host as ScratchHost;
  const trial = new Trial(dce5Copy, opened);
  const at = (host: 'state' | 'source', ...path: string[]): string => join(folder, host, 'home', ...path);
  const { ran } = opened as typeof opened & { readonly ran: readonly string[] };
  return { trial, at, ran, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

describe('the step dce5-copy', () => {
  test('goes on in the middle of a large file after a cut, and sends nothing twice', async () => {
    await using copy = await copyTrial((state, source) => {
      const [from, to] = [join(source, 'offline-fix-dns'), join(state, '.offline-fix-dns.holdfast-part')];
      mkdirSync(join(to, 'offline-fix-dns', 'images'), { recursive: true });
      const bytes = readFileSync(join(from, 'images', 'large.tar'));
      writeFileSync(join(to, 'offline-fix-dns', 'images', 'large.tar'), bytes.subarray(0, 5_000_000));
    });
    await copy.trial.capture();
    await copy.trial.apply();
    await copy.trial.verify();
    // 5,000,000 bytes are 76 whole blocks: it is read from there.
    const read = copy.ran.filter((command) => command.includes('dd if='));
    expect(read).toEqual([expect.stringMatching(/large\.tar.* bs=65536 skip=76$/)]);
    const { doneBytes, totalBytes } = copy.trial.progress.at(-1) ?? {};
    expect(doneBytes).toBe(totalBytes);
    expect(readFileSync(copy.at('state', 'offline-fix-dns', 'images', 'large.tar'))).toEqual(
      readFileSync(copy.at('source', 'offline-fix-dns', 'images', 'large.tar')),
    );
  });

  test('does not trust a part that was damaged: it is removed, and copied again the next time', async () => {
    await using copy = await copyTrial((state) => {
      const to = join(state, '.offline-fix-dns.holdfast-part', 'offline-fix-dns', 'images');
      mkdirSync(to, { recursive: true });
      writeFileSync(join(to, 'large.tar'), Buffer.alloc(5_000_000));
    });
    await copy.trial.capture();
    await expect(copy.trial.apply()).rejects.toMatchObject({
      code: 'dce5/copy-differs',
      got: 'another one for ./offline-fix-dns/images/large.tar',
    });
    expect(existsSync(copy.at('state', 'offline-fix-dns'))).toBe(false);
    await copy.trial.apply();
    await copy.trial.verify();
  });

  test('keeps modes, times and links, and takes nothing that changed at the source for the same', async () => {
    await using copy = await copyTrial();
    await copy.trial.capture();
    await copy.trial.apply();
    const [here, there] = [copy.at('state', 'offline-fix-dns'), copy.at('source', 'offline-fix-dns')];
    for (const name of ['dce5-installer', "it's a 'name' $x", 'images/large.tar', 'images/empty']) {
      expect(statSync(join(here, name)).mode, name).toBe(statSync(join(there, name)).mode);
    }
    expect(readlinkSync(join(here, 'latest'))).toBe('dce5-installer');
    expect((await copy.trial.check()).state).toBe('done');
    writeFileSync(join(there, 'dce5-installer'), '#!/bin/sh\n# newer\n');
    expect(await copy.trial.check()).toMatchObject({
      state: 'refused',
      because: { code: 'dce5-copy/other' },
    });
  });

  test('finds a flipped byte in a file of the right size and time', async () => {
    await using copy = await copyTrial();
    await copy.trial.capture();
    await copy.trial.apply();
    const path = copy.at('state', 'offline-fix-dns', 'images', 'large.tar');
    const { mtime, atime } = statSync(path);
    const bytes = readFileSync(path);
    bytes[4_711] = (bytes[4_711] as number) ^ 1;
    writeFileSync(path, bytes);
    utimesSync(path, atime, mtime);
    await expect(copy.trial.verify()).rejects.toMatchObject({ code: 'step/not-as-wanted' });
  });

  test('accepts a copy that somebody made by hand, and leaves one that differs alone', async () => {
    const byHand = (state: string, source: string): void =>
      cpSync(join(source, 'offline-fix-dns'), join(state, 'offline-fix-dns'), {
        recursive: true,
        verbatimSymlinks: true,
      });
    await using same = await copyTrial(byHand);
    expect((await same.trial.check()).state).toBe('done');
    await using other = await copyTrial((state, source) => {
      byHand(state, source);
      writeFileSync(join(state, 'offline-fix-dns', 'dce5-installer'), '#!/bin/ok\n');
    });
    expect(await other.trial.check()).toMatchObject({
      state: 'refused',
      because: { code: 'dce5-copy/other' },
    });
  });

  test('takes back its own copy only: what somebody put there meanwhile stays', async () => {
    await using copy = await copyTrial();
    await copy.trial.capture();
    await copy.trial.apply();
    writeFileSync(copy.at('state', 'offline-fix-dns', 'notes'), 'mine');
    await copy.trial.revert();
    expect(existsSync(copy.at('state', 'offline-fix-dns', 'notes'))).toBe(true);
  });

  test.each(['on the original', 'here', 'on both'])('takes no link %s for the package', async (where) => {
    await using copy = await copyTrial((state, source) => {
      if (where !== 'here') {
        renameSync(join(source, 'offline-fix-dns'), join(source, 'data'));
        symlinkSync('data', join(source, 'offline-fix-dns'));
      }
      if (where === 'on the original') return;
      mkdirSync(join(state, 'data'));
      symlinkSync('data', join(state, 'offline-fix-dns'));
    });
    expect(await copy.trial.check()).toMatchObject({
      state: 'refused',
      because: {
        code: 'dce5-copy/link',
        params: { host: where === 'here' ? expect.not.stringMatching('original') : 'original' },
      },
      hint: { code: 'dce5-copy/name-the-place' },
    });
    await copy.trial.capture();
    await expect(copy.trial.apply()).rejects.toMatchObject({ code: 'dce5/not-ready' });
    await expect(copy.trial.verify()).rejects.toMatchObject({ code: 'step/not-as-wanted' });
  });

  test('says so where the original has no package', async () => {
    await using copy = await copyTrial((_state, source) => rmSync(source, { recursive: true }));
    expect(await copy.trial.check()).toMatchObject({
      state: 'refused',
      because: { code: 'dce5-copy/no-source' },
    });
  });
});

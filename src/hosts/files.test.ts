import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bashPath, busyboxMissing, busyboxPath } from '../../test/tool-paths.ts';
import { SystemClock } from '../base/clock.ts';
import { Secret } from '../base/secret.ts';
import { openFiles } from './files.ts';
import type { AtomicFiles } from './host.ts';
import { controllerSpec, localTransport } from './local.ts';

const isRoot = process.getuid?.() === 0;
const never = new AbortController().signal;
const busybox = busyboxMissing === undefined ? busyboxPath() : undefined;
let folder: string;
let files: AtomicFiles;

const bash = bashPath();
afterAll(() => {
  busybox?.[Symbol.dispose]();
  bash[Symbol.dispose]();
});

const tools = [
  { name: 'dash and coreutils', path: process.env.PATH, skip: false },
  { name: 'bash and coreutils', path: `${bash.folder}:${process.env.PATH}`, skip: false },
  { name: busyboxMissing ?? 'busybox', path: busybox?.folder, skip: busybox === undefined },
];
let path = process.env.PATH;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-files-'));
  const transport = localTransport({ clock: new SystemClock(), env: { PATH: path } });
  files = (await transport.connect({ ...controllerSpec('me'), sudo: 'none' }, { signal: never })).files;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const text = (value: string): Uint8Array => Buffer.from(value);
const leftovers = (where = folder): string[] =>
  readdirSync(where).filter((name) => name.startsWith('.holdfast-'));

describe.each(tools)('files with $name', ({ path: toolPath, skip }) => {
  describe.skipIf(skip)('of a host', () => {
    beforeAll(() => {
      path = toolPath;
    });

    describe('reading', () => {
      it('gives every byte as it is', async () => {
        const bytes = Buffer.from([...Array(256).keys(), 0, 10, 10, 0, 255, 254]);
        writeFileSync(at('all'), bytes);
        expect(Buffer.from((await files.read(at('all'), never)) as Uint8Array)).toEqual(bytes);
      });

      it('tells an absent file from an empty one', async () => {
        writeFileSync(at('empty'), '');
        expect(await files.read(at('empty'), never)).toHaveLength(0);
        expect(await files.read(at('absent'), never)).toBeUndefined();
        expect(await files.read(at('no/such/folder/file'), never)).toBeUndefined();
      });

      it('refuses a folder, and a path that is not absolute', async () => {
        await expect(files.read(folder, never)).rejects.toMatchObject({ code: 'host/not-a-file' });
        await expect(files.read('etc/hosts', never)).rejects.toMatchObject({ code: 'host/bad-path' });
        await expect(files.read('/etc/', never)).rejects.toMatchObject({ code: 'host/bad-path' });
      });

      it('copes with any file name', async () => {
        for (const name of ['a b', "it's", '-rf', '$(touch x)', '中文 名', 'a\nb', '*']) {
          await files.replace(at(name), text(name), {}, never);
          expect(readFileSync(at(name), 'utf8')).toBe(name);
          expect(Buffer.from((await files.read(at(name), never)) as Uint8Array).toString()).toBe(name);
          expect(await files.stat(at(name), never)).toMatchObject({ type: 'file' });
          await files.remove(at(name), never);
        }
        expect(readdirSync(folder)).toEqual([]);
      });
    });

    describe('stat', () => {
      it('says type, mode, owner and size, and does not follow links', async () => {
        writeFileSync(at('file'), '12345');
        chmodSync(at('file'), 0o4750);
        symlinkSync('file', at('link'));
        const me = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();
        expect(await files.stat(at('file'), never)).toMatchObject({
          type: 'file',
          mode: 0o4750,
          owner: me,
          sizeBytes: 5,
        });
        expect(await files.stat(at('link'), never)).toMatchObject({ type: 'symlink' });
        expect(await files.stat(folder, never)).toMatchObject({ type: 'directory', mode: 0o700 });
        expect(await files.stat('/dev/null', never)).toMatchObject({ type: 'other' });
        expect(await files.stat(at('absent'), never)).toBeUndefined();
      });

      it.skipIf(!isRoot)('gives the number of an owner without a name (needs root)', async () => {
        writeFileSync(at('stray'), '');
        chownSync(at('stray'), 54_321, 54_322);
        expect(await files.stat(at('stray'), never)).toMatchObject({ owner: '54321', group: '54322' });
      });
    });

    describe('replacing', () => {
      it('writes any bytes and leaves nothing else behind', async () => {
        await fc.assert(
          fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), async (bytes) => {
            await files.replace(at('any'), bytes, {}, never);
            expect(readFileSync(at('any'))).toEqual(Buffer.from(bytes));
          }),
          { numRuns: 20 },
        );
        expect(readdirSync(folder)).toEqual(['any']);
      });

      it('writes megabytes', async () => {
        const bytes = Buffer.alloc(5_000_000, 'holdfast ');
        await files.replace(at('big'), bytes, {}, never);
        expect(readFileSync(at('big')).equals(bytes)).toBe(true);
      });

      it('makes a new file 0644 whatever the umask, or as told', async () => {
        await files.replace(at('plain'), text('x'), {}, never);
        expect(statSync(at('plain')).mode & 0o7777).toBe(0o644);
        await files.replace(at('secret'), new Secret('env:X', 'hush'), { mode: 0o600 }, never);
        expect(statSync(at('secret')).mode & 0o7777).toBe(0o600);
        expect(readFileSync(at('secret'), 'utf8')).toBe('hush');
        await files.replace(at('readonly'), text('x'), { mode: 0o400 }, never);
        expect(readFileSync(at('readonly'), 'utf8')).toBe('x');
      });

      it('keeps mode and owner of the old file unless told otherwise', async () => {
        writeFileSync(at('old'), 'old');
        chmodSync(at('old'), 0o2640);
        if (isRoot) chownSync(at('old'), 1, 2);
        chmodSync(at('old'), 0o2640);
        await files.replace(at('old'), text('new'), {}, never);
        const after = statSync(at('old'));
        expect(after.mode & 0o7777).toBe(0o2640);
        if (isRoot) expect([after.uid, after.gid]).toEqual([1, 2]);
        await files.replace(at('old'), text('new'), { mode: 0o755 }, never);
        expect(statSync(at('old')).mode & 0o7777).toBe(0o755);
      });

      it.skipIf(!isRoot)('sets owner and group by name, each alone too (needs root)', async () => {
        await files.replace(at('a'), text(''), { owner: 'daemon', group: 'bin' }, never);
        expect(await files.stat(at('a'), never)).toMatchObject({ owner: 'daemon', group: 'bin' });
        await files.replace(at('a'), text(''), { group: 'sys' }, never);
        expect(await files.stat(at('a'), never)).toMatchObject({ owner: 'daemon', group: 'sys' });
        await files.replace(at('b'), text(''), { owner: 'daemon' }, never);
        expect(await files.stat(at('b'), never)).toMatchObject({ owner: 'daemon' });
      });

      it('follows links, chains and relative ones, and keeps the link', async () => {
        mkdirSync(at('real'));
        writeFileSync(at('real/file'), 'old');
        symlinkSync('real/file', at('one'));
        symlinkSync(at('one'), at('two'));
        await files.replace(at('two'), text('new'), {}, never);
        expect(readFileSync(at('real/file'), 'utf8')).toBe('new');
        expect(lstatSync(at('two')).isSymbolicLink()).toBe(true);
        symlinkSync('real/later', at('dangling'));
        await files.replace(at('dangling'), text('born'), {}, never);
        expect(readFileSync(at('real/later'), 'utf8')).toBe('born');
      });

      it('refuses a folder, a missing folder and a circle of links, and leaves no temporary file', async () => {
        mkdirSync(at('dir'));
        symlinkSync('loop', at('loop'));
        await expect(files.replace(at('dir'), text(''), {}, never)).rejects.toMatchObject({
          code: 'host/not-a-file',
        });
        await expect(files.replace(at('loop'), text(''), {}, never)).rejects.toMatchObject({
          code: 'host/not-a-file',
        });
        await expect(files.replace(at('no/file'), text(''), {}, never)).rejects.toMatchObject({
          code: 'host/no-such-folder',
        });
        expect(leftovers()).toEqual([]);
      });

      it.skipIf(!isRoot)(
        'refuses an owner that the host does not know, and keeps the old file (needs root)',
        async () => {
          writeFileSync(at('f'), 'old');
          await expect(
            files.replace(at('f'), text('new'), { owner: 'nobody-here' }, never),
          ).rejects.toMatchObject({
            code: 'host/unknown-owner',
          });
          expect(readFileSync(at('f'), 'utf8')).toBe('old');
          expect(leftovers()).toEqual([]);
        },
      );

      it('refuses attributes that could be read as something else', async () => {
        for (const bad of [
          { owner: '-R' },
          { owner: 'a b' },
          { group: '' },
          { mode: 0o10000 },
          { mode: 1.5 },
        ]) {
          await expect(files.replace(at('f'), text(''), bad, never)).rejects.toMatchObject({
            code: 'host/unknown-owner',
          });
        }
      });

      it('throws nothing away when its input is cut short, as by a lost connection', async () => {
        writeFileSync(at('f'), 'old');
        const { run } = await localTransport({ clock: new SystemClock(), env: { PATH: path } }).connect(
          { ...controllerSpec('me'), sudo: 'none' },
          { signal: never },
        );
        const cutting = openFiles(
          'h',
          async (command, o) => {
            const { stdout, stderr, ...rest } = await run(command, { ...o, stdin: 'only ha' });
            return { ...rest, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
          },
          () => 'abc',
        );
        await expect(cutting.replace(at('f'), text('only half of it came'), {}, never)).rejects.toMatchObject(
          {
            code: 'host/cut-short',
            retryable: true,
          },
        );
        expect(readFileSync(at('f'), 'utf8')).toBe('old');
        expect(leftovers()).toEqual([]);
      });
    });

    describe('removing', () => {
      it('removes files, links (not their targets) and empty folders, and does not mind absence', async () => {
        writeFileSync(at('file'), '');
        symlinkSync('file', at('link'));
        mkdirSync(at('dir'));
        await files.remove(at('link'), never);
        expect(readdirSync(folder).sort()).toEqual(['dir', 'file']);
        await files.remove(at('dir'), never);
        await files.remove(at('file'), never);
        await files.remove(at('file'), never);
        await files.remove(at('no/such/file'), never);
        expect(readdirSync(folder)).toEqual([]);
      });

      it('refuses a folder that is not empty', async () => {
        mkdirSync(at('dir'));
        writeFileSync(at('dir/file'), '');
        await expect(files.remove(at('dir'), never)).rejects.toMatchObject({ code: 'host/not-empty' });
      });
    });

    describe.skipIf(!isRoot)('a sick file system (needs root, for a mount of its own)', () => {
      const mount = (...options: string[]): void => {
        mkdirSync(at('fs'));
        execFileSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', at('fs')]);
      };
      afterEach(() => execFileSync('umount', [at('fs')]));

      it('says that the disk is full, keeps the old file and takes the temporary one away', async () => {
        mount('size=64k');
        writeFileSync(at('fs/f'), 'old');
        await expect(files.replace(at('fs/f'), Buffer.alloc(200_000), {}, never)).rejects.toMatchObject({
          code: 'host/disk-full',
          where: { host: 'controller' },
        });
        expect(readFileSync(at('fs/f'), 'utf8')).toBe('old');
        expect(leftovers(at('fs'))).toEqual([]);
      });

      it('says that no inode is left', async () => {
        mount('size=1m', 'nr_inodes=2');
        writeFileSync(at('fs/f'), 'old');
        await expect(files.replace(at('fs/f'), text('new'), {}, never)).rejects.toMatchObject({
          code: 'host/disk-full',
        });
        expect(readFileSync(at('fs/f'), 'utf8')).toBe('old');
      });

      it('says that the file system is read-only, for a write and a removal', async () => {
        mount('size=64k');
        writeFileSync(at('fs/f'), 'old');
        execFileSync('mount', ['-o', 'remount,ro', at('fs')]);
        await expect(files.replace(at('fs/f'), text('new'), {}, never)).rejects.toMatchObject({
          code: 'host/read-only',
        });
        await expect(files.remove(at('fs/f'), never)).rejects.toMatchObject({ code: 'host/read-only' });
        expect(readFileSync(at('fs/f'), 'utf8')).toBe('old');
      });

      it('says that a file which is a mount point cannot be replaced', async () => {
        mount('size=64k');
        writeFileSync(at('fs/f'), 'old');
        writeFileSync(at('fs/g'), 'other');
        execFileSync('mount', ['--bind', at('fs/g'), at('fs/f')]);
        try {
          await expect(files.replace(at('fs/f'), text('new'), {}, never)).rejects.toMatchObject({
            code: 'host/file-busy',
          });
          expect(leftovers(at('fs'))).toEqual([]);
        } finally {
          execFileSync('umount', [at('fs/f')]);
        }
      });
    });
  });
});

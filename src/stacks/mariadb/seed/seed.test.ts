import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FilesView, whyNotByBackup } from './choose.ts';
import { SWAP_FOLDERS, SWAP_INSIDE } from './swap.ts';

describe('a standby is seeded by files', () => {
  const like = (host: string, o: Partial<FilesView> = {}) => ({
    host,
    series: '10.11',
    hasTool: true,
    dataFolder: '/var/lib/mysql',
    format: '16384 ibdata1:12M:autoextend 0 0',
    isInOnePlace: true,
    isStuck: false,
    ...o,
  });

  test('where both servers read the same', () => {
    const elsewhere = like('db2', { dataFolder: '/data/mysql' });
    expect(whyNotByBackup(like('db1'), elsewhere)).toBeUndefined();
  });

  test.each([
    [{ hasTool: false }, 'mariadb-backup is not installed on db2'],
    [{ series: '11.4' }, 'db1 has MariaDB 10.11, db2 11.4'],
    [{ format: '4096 ibdata1:12M:autoextend 0 0' }, 'differ in form'],
    [{ isInOnePlace: false }, 'the data of db2 does not lie in one folder'],
  ])('and not where one is %o', (o, why) => {
    expect(whyNotByBackup(like('db1'), like('db2', o))).toContain(why);
  });

  test('and not while commits wait for a standby that is away: a backup would wait for them', () => {
    expect(whyNotByBackup(like('db1', { isStuck: true }), like('db2'))).toContain('commits on db1 wait');
  });
});

describe('the swap of data folders', () => {
  let folder: string;
  let data: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-swap-'));
    data = join(folder, 'mysql');
    mkdirSync(data);
    writeFileSync(join(data, 'ibdata1'), 'old');
    writeFileSync(join(data, 'relay-bin.000001'), 'old');
    mkdirSync(join(folder, 'state'));
    for (const name of ['ready', 'seeding']) writeFileSync(join(folder, 'state', name), '');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const stage = (staging: string): void => {
    mkdirSync(staging);
    writeFileSync(join(staging, 'ibdata1'), 'new');
  };
  const run = (script: { text: string }, staging: string, kept: string): void => {
    const text = `state=${folder}/state data=${data} staging=${staging} kept=${kept}\n${script.text}`;
    const { status, stderr } = spawnSync('sh', ['-c', text], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  };
  const isNew = (): void => {
    expect(readdirSync(data)).toEqual(['ibdata1']);
    expect(readFileSync(join(data, 'ibdata1'), 'utf8')).toBe('new');
  };

  describe('beside each other', () => {
    const paths = () => ({ staging: join(folder, '.mysql.holdfast-seed'), kept: join(folder, 'kept') });
    beforeEach(() => stage(paths().staging));

    test('keeps the old one where it is worth it, and removes it otherwise', () => {
      run(SWAP_FOLDERS, paths().staging, paths().kept);
      isNew();
      expect(readdirSync(paths().kept)).toEqual(['ibdata1', 'relay-bin.000001']);
    });

    test('leaves nothing beside it where nothing is to be kept', () => {
      run(SWAP_FOLDERS, paths().staging, '');
      isNew();
      expect(readdirSync(folder)).toEqual(['mysql', 'state']);
    });

    test('takes nothing that is not said to be whole: a copy that was cut and begun again', () => {
      rmSync(join(folder, 'state/ready'));
      run(SWAP_FOLDERS, paths().staging, paths().kept);
      expect(readFileSync(join(data, 'ibdata1'), 'utf8')).toBe('old');
    });

    test('says that the old files are gone only when they are', () => {
      const said = (): string => readFileSync(join(folder, 'state/seeding'), 'utf8');
      expect(said()).toBe('');
      run(SWAP_FOLDERS, paths().staging, paths().kept);
      expect(said()).toBe('replaced\n');
    });

    test('goes on where it was cut between the two moves, and does nothing when it is done', () => {
      spawnSync('mv', [data, paths().kept]);
      run(SWAP_FOLDERS, paths().staging, paths().kept);
      run(SWAP_FOLDERS, paths().staging, paths().kept);
      isNew();
      expect(readdirSync(paths().kept)).toEqual(['ibdata1', 'relay-bin.000001']);
    });
  });

  describe('one in the other, which is a file system', () => {
    const staging = (): string => join(data, '.holdfast-seed');
    beforeEach(() => stage(staging()));

    test('empties the folder, and moves the files', () => {
      mkdirSync(join(data, 'lost+found'));
      run(SWAP_INSIDE, staging(), '');
      rmSync(join(data, 'lost+found'), { recursive: true });
      isNew();
    });

    test('removes nothing new where it was cut among the moves, and does nothing when it is done', () => {
      for (const name of ['ibdata1', 'relay-bin.000001']) rmSync(join(data, name));
      writeFileSync(join(staging(), 'emptied'), '');
      writeFileSync(join(staging(), 'ib_logfile0'), 'new');
      spawnSync('mv', [join(staging(), 'ibdata1'), data]);
      run(SWAP_INSIDE, staging(), '');
      run(SWAP_INSIDE, staging(), '');
      expect(readdirSync(data)).toEqual(['ib_logfile0', 'ibdata1']);
      expect(existsSync(staging())).toBe(false);
    });
  });
});

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { labMissing } from '../../test/lab.ts';
import { titleOf } from '../../test/title-of.ts';
import { checkFitness, refuseUnfit } from './fitness.ts';
import { judgeInotify } from './inotify.ts';
import type { MachineCheck } from './machine-check.ts';

const unfit: readonly MachineCheck[] = [
  {
    name: 'root',
    needs: { en: 'root', zh: 'root 权限' },
    isFit: false,
    got: 'user id 1000',
    mend: 'sudo -i',
  },
  { name: 'network', needs: { en: 'bridges', zh: '网桥' }, isFit: true },
  {
    name: 'packages',
    needs: { en: 'nft', zh: 'nft' },
    isFit: false,
    got: 'no nft',
    mend: 'apt-get install nftables',
  },
];

describe('room for inotify instances', () => {
  it.each([
    [10, 128, 14, true],
    [19, 128, 14, true],
    [20, 128, 14, false],
    [10, 128, 69, false],
    [100, 1024, 0, true],
  ])('for %i hosts under a limit of %i, of which %i are in use: %s', (hosts, limit, inUse, isFit) => {
    expect(judgeInotify(hosts, limit, inUse).isFit).toBe(isFit);
  });

  it('is made by one command, with room for more', () => {
    expect(judgeInotify(30, 128, 14)).toMatchObject({
      got: '14 of 128 in use, 194 needed',
      mend: 'sysctl -w fs.inotify.max_user_instances=1024',
    });
  });
});

describe('a machine for labs', () => {
  it('is not asked about its kernel by an ordinary user, who is told to become root', async () => {
    const checks = await checkFitness('/no/such/folder', { user: 1000 });

    expect(checks.map(({ name }) => name)).toEqual(['root', 'packages']);
    expect(checks[0]).toMatchObject({ isFit: false, mend: 'sudo -i' });
  });

  it('is refused in one message, with every command that mends it', () => {
    expect(() => refuseUnfit(unfit)).toThrow(
      expect.objectContaining({
        code: 'lab/unfit-machine',
        expected: 'root; nft',
        got: 'user id 1000; no nft',
        hint: 'sudo -i && apt-get install nftables',
      }),
    );
  });

  it('is not refused where nothing is lacking', () => {
    expect(() => refuseUnfit(unfit.filter(({ isFit }) => isFit))).not.toThrow();
  });

  it.skipIf(labMissing !== undefined)(
    titleOf('passes every check and keeps no trace of them', labMissing),
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'holdfast-fitness-'));
      onTestFinished(async () => await rm(folder, { recursive: true, force: true }));

      const checks = await checkFitness(folder);

      expect(checks.map(({ name, isFit }) => `${name} ${isFit}`)).toEqual([
        'root true',
        'packages true',
        'cgroups true',
        'network true',
        'overlay true',
        'inotify true',
      ]);
      expect(await readdir(folder)).toEqual([]);
    },
  );
});

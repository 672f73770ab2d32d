import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { labMissing } from '../../test/lab.ts';
import { titleOf } from '../../test/title-of.ts';
import { SystemClock } from '../base/clock.ts';
import { baseImagePath } from './base-image.ts';
import { removeOldImages } from './old-images.ts';

const MOUNT = `mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root" && echo on && sleep 300`;

it.skipIf(labMissing !== undefined)(
  titleOf(
    "old base images go, but not today's, nor one that a lab stands on in a namespace of its own",
    labMissing,
  ),
  async () => {
    const cache = await mkdtemp(join(tmpdir(), 'holdfast-cache-'));
    onTestFinished(async () => await rm(cache, { recursive: true, force: true }));
    const current = basename(await baseImagePath(cache));
    for (const name of [current, 'base-old', 'base-used', 'kubernetes'])
      await mkdir(join(cache, name, 'etc'), { recursive: true });
    for (const name of ['upper', 'work', 'root']) await mkdir(join(cache, 'lab', name), { recursive: true });
    await writeFile(join(cache, 'base-old', 'etc', 'issue'), 'old\n');
    const argv = ['--mount', '--propagation', 'private', 'sh', '-ec', MOUNT, 'sh'];
    const lab = spawn('unshare', [...argv, join(cache, 'base-used'), join(cache, 'lab')], { detached: true });
    onTestFinished(() => void process.kill(-(lab.pid as number), 'SIGKILL'));
    await once(lab.stdout, 'data');

    expect(await removeOldImages(cache, new SystemClock())).toEqual([join(cache, 'base-old')]);

    expect((await readdir(cache)).sort()).toEqual([current, 'base-used', 'kubernetes', 'lab'].sort());
  },
);

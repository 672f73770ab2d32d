import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { titleOf } from '../../test/title-of.ts';
import { until } from '../../test/until.ts';
import { SystemClock } from '../base/clock.ts';
import {
  groupFolder,
  isFrozen,
  isPopulated,
  killGroup,
  makeGroup,
  pidsOf,
  unifiedHierarchy,
} from './control-group.ts';

const clock = new SystemClock();
const missing =
  process.getuid?.() !== 0 ? 'needs root' : unifiedHierarchy() === undefined ? 'no cgroup v2' : undefined;
const GROUP = `holdfast/test-${process.pid}`;

async function sleeperIn(group: string): Promise<ChildProcess> {
  const joins = await makeGroup(group);
  const script = 'for file; do echo 0 >"$file"; done; echo in; sleep 300 & sleep 300';
  const child = spawn('sh', ['-c', script, 'sh', ...joins], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => await killGroup(GROUP, clock));
  await once(child.stdout, 'data');
  return child;
}

describe.skipIf(missing !== undefined)(titleOf('a control group', missing), () => {
  it('knows all that runs in it and below, and kills it whole, paused or not', async () => {
    const upper = await sleeperIn(GROUP);
    const lower = await sleeperIn(join(GROUP, 'inner', 'most'));
    const ended = [once(upper, 'exit'), once(lower, 'exit')];
    await until(async () => (await pidsOf(GROUP)).length === 6, 'two shells have two sleeps each');
    expect(await pidsOf(GROUP)).toEqual(expect.arrayContaining([upper.pid, lower.pid]));
    await writeFile(join(groupFolder(join(GROUP, 'inner')), 'cgroup.freeze'), '1');
    expect(await isFrozen(join(GROUP, 'inner'))).toBe(true);

    await killGroup(GROUP, clock);

    expect((await Promise.all(ended)).map(([, signal]) => signal)).toEqual(['SIGKILL', 'SIGKILL']);
    expect(existsSync(groupFolder(GROUP))).toBe(false);
    expect(existsSync(join('/sys/fs/cgroup/systemd', GROUP))).toBe(false);
  });

  it('that is not there is empty, and killing it does nothing', async () => {
    expect(await isPopulated(`${GROUP}-none`)).toBe(false);
    expect(await pidsOf(`${GROUP}-none`)).toEqual([]);
    await killGroup(`${GROUP}-none`, clock);
  });
});

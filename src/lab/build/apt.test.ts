import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { titleOf } from '../../../test/title-of.ts';
import { SystemClock } from '../../base/clock.ts';
import type { CommandResult } from '../../hosts/host.ts';
import { controllerSpec, openLocal } from '../../hosts/local.ts';
import { sh } from '../../hosts/shell.ts';
import { aptOptions, writeAptSources } from './apt.ts';
import { askerOf } from './run-stage.ts';

const machine = openLocal(controllerSpec('root'), { clock: new SystemClock(), env: process.env });
const ask = askerOf(machine, new AbortController().signal);
const targets = sh`apt-get indextargets --format ${'$(ORIGIN)|$(CREATED_BY)|$(REPO_URI)|$(RELEASE)'}`;
const known = existsSync('/usr/bin/apt-get') ? (await ask(targets)).stdout.split('\n') : [];
const packages = known.filter((line) => line.startsWith('Debian|Packages|'));
const missing = packages.length > 0 ? undefined : 'apt knows no lists of Debian here (apt-get update)';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-apt-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('package sources of our own', () => {
  it.skipIf(missing !== undefined)(
    titleOf('are read by apt as sources of the same repositories and suites, and nothing else is', missing),
    async () => {
      const aptSources = join(folder, 'sources');
      await writeAptSources(aptSources, ask);
      const { code, stdout } = await ask(
        sh`apt-get ${aptOptions({ folder, aptSources })} indextargets --no-release-info --format ${'$(CREATED_BY)|$(REPO_URI)|$(RELEASE)'}`,
      );
      expect(code).toBe(0);
      const asked = new Set(stdout.trim().split('\n'));
      const wanted = new Set(packages.map((line) => line.replace('Debian|Packages|', 'Sources|')));
      expect(asked).toEqual(wanted);
    },
  );

  it('are refused where apt knows no repository of Debian, with what to do', async () => {
    const nothing: CommandResult = { code: 0, stdout: 'Other https://x.example/\n', stderr: '', tookMs: 1 };
    await expect(writeAptSources(join(folder, 'sources'), async () => nothing)).rejects.toMatchObject({
      code: 'lab-build/no-sources',
      hint: expect.stringContaining('apt-get update'),
    });
  });
});

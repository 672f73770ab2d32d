import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeIo } from '../../test/fake-io.ts';
import { SimClock } from '../../test/sim-clock.ts';
import { runCli } from './program.ts';
import { openBuildTeller } from './render/build-progress.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'holdfast-cache-'));
  const folder = join(cache, 'etcd/3.4.23');
  await mkdir(join(folder, 'bin'), { recursive: true });
  const programs = ['etcd', 'etcdctl'].map((name) => ({
    name,
    sizeBytes: 3,
    sha256: 'x',
    says: `${name} 3.4.23`,
  }));
  for (const { name } of programs) await writeFile(join(folder, 'bin', name), 'abc');
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify({ name: 'etcd', version: '3.4.23', programs }),
  );
});
afterEach(() => rm(cache, { recursive: true, force: true }));

describe('holdfast lab build', () => {
  it('says that a set is there, where, and what its programs say of themselves', async () => {
    const io = fakeIo({ env: { HOLDFAST_CACHE: cache } });
    expect(await runCli(['lab', 'build', 'etcd'], io)).toBe(0);
    expect(io.written.out).toContain(`etcd 3.4.23 is there: ${cache}/etcd/3.4.23/bin`);
    expect(io.written.out).toMatch(/^ {2}etcdctl +0 MiB +etcdctl 3\.4\.23$/m);
    expect(io.written.err).toBe('');
  });

  it('gives scripts the same as JSON', async () => {
    const io = fakeIo({ env: { HOLDFAST_CACHE: cache } });
    expect(await runCli(['lab', 'build', 'etcd', '--json'], io)).toBe(0);
    expect(JSON.parse(io.written.out)).toMatchObject({
      outcome: 'there',
      version: '3.4.23',
      folder: `${cache}/etcd/3.4.23/bin`,
      programs: [{ name: 'etcd' }, { name: 'etcdctl' }],
    });
  });

  it('names the sets where an unknown one is asked for, and exits 2', async () => {
    const io = fakeIo({ env: { HOLDFAST_CACHE: cache } });
    expect(await runCli(['lab', 'build', 'nomad'], io)).toBe(2);
    expect(io.written.err).toMatch(/kubernetes, etcd/);
  });
});

describe('the progress of a build', () => {
  const stage = { stage: 'kubelet', nth: 5, of: 12, tookMs: 0 } as const;

  it('is a line for each beginning and each end where nobody looks at a terminal', async () => {
    const io = fakeIo();
    const clock = new SimClock();
    using teller = openBuildTeller(io, clock);
    teller.tell({ ...stage, stage: 'unpack', nth: 4, state: 'kept' });
    teller.tell({ ...stage, state: 'begun' });
    await clock.advance(62_000);
    teller.tell({ ...stage, state: 'done', tookMs: 62_000 });
    expect(io.written.err).toBe(
      '[4/12] unpack  done before\n[5/12] kubelet  at work\n[5/12] kubelet  done in 1m2s  1m2s in all\n',
    );
  });

  it('counts the seconds on a terminal, and leaves the cursor on a line of its own when it is cut', async () => {
    const io = fakeIo({ errIsTty: true, language: 'zh' });
    const clock = new SimClock();
    {
      using teller = openBuildTeller(io, clock);
      teller.tell({ ...stage, state: 'begun' });
      await clock.advance(2_000);
    }
    await clock.advance(5_000);
    expect(io.written.err.replaceAll('\u001b', '^')).toBe(
      '[5/12] kubelet  进行中  0ms\r^[K[5/12] kubelet  进行中  1s\r^[K[5/12] kubelet  进行中  2s\n',
    );
  });
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownIdentity, type ProcessIdentity } from '../store/process-identity.ts';
import { findLab, labNames, listLabs } from './find-lab.ts';
import { labFolders } from './folders.ts';
import { type LabRecord, writeRecord } from './record.ts';

let labs: string;
beforeEach(async () => {
  labs = await mkdtemp(join(tmpdir(), 'holdfast-labs-'));
});
afterEach(async () => await rm(labs, { recursive: true, force: true }));

async function keep(name: string, o: Partial<LabRecord> = {}): Promise<void> {
  await mkdir(join(labs, name));
  await writeRecord(labFolders(labs, name).record, {
    format: 1,
    name,
    file: `/sites/${name}.yaml`,
    site: name,
    image: '/image',
    hosts: [],
    controller: [],
    supervisor: ownIdentity(),
    ready: true,
    ...o,
  });
}

/** Our own pid, as if it had belonged to a process that started earlier. */
const reused: ProcessIdentity = { ...ownIdentity(), startTicks: '1' };

describe('the lab that is meant', () => {
  it('is the only one that is up', async () => {
    await keep('mine');
    await keep('dead', { supervisor: reused });
    await keep('coming', { ready: false });

    expect((await findLab(labs)).record.name).toBe('mine');
    expect((await listLabs(labs)).map(({ record, state }) => `${record.name} ${state}`)).toEqual([
      'coming coming',
      'dead dead',
      'mine up',
    ]);
  });

  it('is the one that is named, or among several the one of the site file', async () => {
    await keep('mine');
    await keep('other');

    expect((await findLab(labs, 'other')).record.name).toBe('other');
    expect((await findLab(labs, undefined, '/sites/mine.yaml')).record.name).toBe('mine');
    await expect(findLab(labs, undefined, '/sites/third.yaml')).rejects.toMatchObject({
      code: 'lab/which-lab',
    });
  });

  it('is not one that has died or whose pid another process has now', async () => {
    await keep('mine', { supervisor: reused });

    await expect(findLab(labs, 'mine')).rejects.toMatchObject({ code: 'lab/no-such-lab' });
  });

  it('is named in the hint where the name is nearly right, or was meant for something else', async () => {
    await keep('staging');

    await expect(findLab(labs, 'stagin')).rejects.toMatchObject({ hint: "Did you mean '--lab staging'?" });
    await expect(findLab(labs, 'original')).rejects.toMatchObject({
      hint: "If 'original' is no name of a lab, put --lab last, or write --lab=NAME.",
    });
  });

  it('is told apart from none at all', async () => {
    await expect(findLab(join(labs, 'nowhere'))).rejects.toMatchObject({
      code: 'lab/no-such-lab',
      message: 'no lab is up',
    });
  });

  it('is refused where its record is not understood', async () => {
    await mkdir(join(labs, 'odd'));
    await writeFile(labFolders(labs, 'odd').record, '{"format": 2}');

    await expect(listLabs(labs)).rejects.toMatchObject({ code: 'lab/record-unreadable' });
    expect(await labNames(labs)).toEqual(['odd']);
  });
});

describe('the name of a lab', () => {
  it.each(['', '.hidden', '../up', 'a/b', 'a b', 'x'.repeat(41)])('cannot be %j', (name) => {
    expect(() => labFolders(labs, name)).toThrow(expect.objectContaining({ code: 'lab/bad-name' }));
  });

  it('of another folder is another lab: their control groups differ', () => {
    expect(labFolders('/a', 'mine').cgroup).not.toBe(labFolders('/b', 'mine').cgroup);
  });
});

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseStandin, readStandins, STANDINS_FOLDER, standinFile } from './standins.ts';

const TEXT = `#!/bin/sh
# A word before.
# stands-in-for: vendor-installer 1.2
# runbook: dce5-bootstrap, section 3
# installs-as: /usr/local/bin/vendor-installer
# starts: nginx (Debian's)
echo "stand-in for vendor-installer"
# starts: nothing, for this is no header
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-standins-'));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

describe('a stand-in', () => {
  it('says in its header what it stands in for, and is installed as the program itself', () => {
    const standin = parseStandin('vendor', TEXT);

    expect(standin).toMatchObject({
      standsInFor: 'vendor-installer 1.2',
      runbook: 'dce5-bootstrap, section 3',
      starts: "nginx (Debian's)",
    });
    expect(standinFile(standin)).toEqual({
      path: 'usr/local/bin/vendor-installer',
      content: TEXT,
      mode: 0o755,
    });
  });

  it.each(['stands-in-for', 'runbook', 'installs-as', 'starts'])(
    'is refused without %s in its header',
    (key) => {
      const text = TEXT.replace(`# ${key}: `, '# ');

      expect(() => parseStandin('vendor', text)).toThrow(
        expect.objectContaining({ code: 'lab/bad-standin', got: `no ${key}` }),
      );
    },
  );

  it('is refused where it cannot be started, or would land nowhere in particular', () => {
    for (const text of [TEXT.replace('#!/bin/sh\n', ''), TEXT.replace('/usr/local/bin/', '')]) {
      expect(() => parseStandin('vendor', text)).toThrow(
        expect.objectContaining({ code: 'lab/bad-standin' }),
      );
    }
  });

  it('is looked up by the name of its file, and a misspelt name is answered with the nearest', async () => {
    await writeFile(join(folder, 'vendor'), TEXT);

    expect((await readStandins(['vendor'], folder)).map(({ name }) => name)).toEqual(['vendor']);
    await expect(readStandins(['vender'], folder)).rejects.toMatchObject({
      code: 'lab/bad-standin',
      hint: "Did you mean 'vendor'?",
    });
  });
});

describe('the stand-ins that Holdfast has', () => {
  it('all have a whole header, and say when they run that they are stand-ins', async () => {
    const names = (await readdir(STANDINS_FOLDER)).filter((name) => !name.includes('.'));

    for (const standin of await readStandins(names)) expect(standin.text).toMatch(/stand-in/);
    expect(await readFile(join(STANDINS_FOLDER, 'README.md'), 'utf8')).toContain('# installs-as:');
  });
});

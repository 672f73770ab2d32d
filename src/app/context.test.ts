import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../base/log.ts';
import { openContext, stateDirOf } from './context.ts';
import { SiteError } from './site-error.ts';

const SITE = `apiVersion: holdfast/v1
kind: Site
metadata: { name: test }
hosts:
  here: { address: 127.0.0.1, transport: local }
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-context-'));
});
afterEach(() => rm(folder, { recursive: true }));

const open = (file: string) =>
  openContext({
    file,
    env: { ...process.env, ANSWER: 'forty-two' },
    language: 'en',
    log: silentLogger,
    stateDir: join(folder, 'state'),
  });

describe('openContext', () => {
  it('opens a site with a state folder that only its owner may enter', async () => {
    const file = join(folder, 'site.yaml');
    await writeFile(file, SITE);

    await using context = await open(file);

    expect(context.site.name).toBe('test');
    expect((await stat(context.stateDir)).mode & 0o777).toBe(0o700);
  });

  it('remembers each secret that it resolves, to hold output against it', async () => {
    const file = join(folder, 'site.yaml');
    await writeFile(file, SITE);
    await using context = await open(file);

    await context.secret('env:ANSWER');

    expect(context.knownSecrets.redact('it is forty-two')).toBe('it is <env:ANSWER>');
  });

  it('says every mistake of a site at once', async () => {
    const file = join(folder, 'site.yaml');
    await writeFile(file, SITE.replace('Site', 'Sight').replace('address', 'adress'));

    const failure = await open(file).catch((thrown: unknown) => thrown);

    expect(failure).toBeInstanceOf(SiteError);
    expect((failure as SiteError).findings.map((finding) => finding.position?.line)).toEqual([2, 5]);
  });

  it('says how to get a site where there is none', async () => {
    await expect(open(join(folder, 'nothing.yaml'))).rejects.toMatchObject({
      code: 'site/unreadable',
      got: 'no such file',
    });
  });
});

describe('stateDirOf', () => {
  it.each([
    [{ HOLDFAST_STATE_DIR: '/x' }, true, '/x'],
    [{}, true, '/var/lib/holdfast/dce'],
    [{ HOME: '/home/a' }, false, '/home/a/.local/state/holdfast/dce'],
    [{ XDG_STATE_HOME: '/s', HOME: '/home/a' }, false, '/s/holdfast/dce'],
  ] as const)('with %j (root: %s) is %s', (env, isRoot, expected) => {
    expect(stateDirOf('dce', env, isRoot)).toBe(expected);
  });
});

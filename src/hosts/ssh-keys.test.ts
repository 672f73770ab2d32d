/** Host keys against a real sshd: who is let in by us, and what is said where nobody is. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { never, quick, type SshRig, sshRig } from '../../test/ssh-rig.ts';
import { makeKey, sshdMissing, startSshd, type TestSshd } from '../../test/sshd.ts';
import type { HostSpec } from '../site/model.ts';
import { script } from './shell.ts';

describe.skipIf(sshdMissing)(`host keys (${sshdMissing ?? 'real sshd'})`, () => {
  let sshd: TestSshd;
  let rig: SshRig;
  let strange: string;
  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
    rig = sshRig(sshd.folder);
    strange = makeKey(sshd.folder, 'strange', 'ed25519').line;
  });
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]();
    await sshd?.[Symbol.asyncDispose]();
  });

  const name = (): string => `[${sshd.address}]:${sshd.port}`;
  const known = (text: string): Partial<HostSpec> => {
    const file = join(sshd.folder, 'known');
    writeFileSync(file, text);
    return { knownHosts: [file] };
  };
  const connect = async (overrides: Partial<HostSpec>): Promise<string> => {
    const connection = await rig.open().connect(sshd.spec('db1', overrides), { signal: never });
    return (await connection.run(script('echo in'), quick)).stdout;
  };
  const refusal = (overrides: Partial<HostSpec>): Promise<unknown> =>
    connect(overrides).catch((error) => error);

  it('lets in a host that is known by any one of its keys, whichever type', async () => {
    for (const key of sshd.hostKeys) expect(await connect(known(`${name()} ${key}\n`))).toBe('in\n');
  });

  it('lets in a host that is known by a hashed name', async () => {
    const spec = known(`${name()} ${sshd.hostKeys[0]}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', spec.knownHosts?.[0] as string], { stdio: 'ignore' });
    expect(readFileSync(spec.knownHosts?.[0] as string, 'utf8')).toMatch(/^\|1\|/);
    expect(await connect(spec)).toBe('in\n');
  });

  it('refuses a changed key and says in which line the old one stands', async () => {
    const spec = known(`# keys\n${name()} ${strange}\n`);
    expect(await refusal(spec)).toMatchObject({
      code: 'host/key-changed',
      where: { host: 'db1' },
      message: expect.stringContaining(`${spec.knownHosts?.[0]}:2`),
      hint: expect.stringContaining(`ssh-keygen -R '${name()}'`),
      retryable: false,
    });
  });

  it('refuses a host that has dropped the type by which it is known', async () => {
    await using one = await startSshd({ hostKeys: ['ecdsa'] });
    const file = join(one.folder, 'known');
    writeFileSync(file, `[${one.address}]:${one.port} ${strange}\n`);
    const connecting = rig.open().connect(one.spec('db1', { knownHosts: [file] }), { signal: never });
    await expect(connecting).rejects.toMatchObject({
      code: 'host/key-changed',
      message: expect.stringContaining('another type'),
    });
  });

  it('refuses an unknown host with commands that make it known, and they do', async () => {
    const spec = known('');
    const error = (await refusal(spec)) as { code: string; hint: string };
    expect(error).toMatchObject({ code: 'host/key-unknown' });
    const command = /`(ssh-keyscan [^`]+)`/.exec(error.hint)?.[1] as string;
    execFileSync('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'ignore'] });
    expect(await connect(spec)).toBe('in\n');
    const pin = /hostKey: '([^']+)'/.exec(error.hint)?.[1] as string;
    expect(await connect({ ...known(''), hostKey: pin })).toBe('in\n');
  });

  it('refuses a revoked key, although the host is known by it', async () => {
    const spec = known(`${name()} ${sshd.hostKeys[0]}\n@revoked * ${sshd.hostKeys[0]}\n`);
    expect(await refusal(spec)).toMatchObject({
      code: 'host/key-revoked',
      message: expect.stringContaining(':2'),
    });
  });

  it('says that certificate authorities are not supported', async () => {
    expect(await refusal(known(`@cert-authority ${name()} ${strange}\n`))).toMatchObject({
      code: 'host/key-unsupported',
    });
  });

  it('lets a pinned key decide alone', async () => {
    expect(await connect({ ...known(''), hostKey: sshd.hostKeys[2] as string })).toBe('in\n');
    const right = known(`${name()} ${sshd.hostKeys[0]}\n`);
    expect(await refusal({ ...right, hostKey: strange })).toMatchObject({
      code: 'host/key-changed',
      expected: expect.stringContaining('site file'),
    });
  });

  it('takes a file that is not there for an empty one, and one that cannot be read for an error', async () => {
    expect(await refusal({ knownHosts: [join(sshd.folder, 'absent')] })).toMatchObject({
      code: 'host/key-unknown',
    });
    expect(await refusal({ knownHosts: [sshd.folder] })).toMatchObject({
      code: 'host/known-hosts-unreadable',
    });
  });

  it('sends no password to a host that it does not know', async () => {
    const before = sshd.log().length;
    await refusal({ ...known(''), identities: [], password: 'env:PW' });
    expect(sshd.log().slice(before)).not.toMatch(/Failed password|Postponed/);
  });
});

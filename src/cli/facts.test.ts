import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeIo } from '../../test/fake-io.ts';
import { freePort } from '../../test/sshd.ts';
import { factKinds } from '../hosts/facts/registry.ts';
import { runCli } from './program.ts';
import { describeFact } from './render/fact.ts';

let cwd: string;
let options: string[];
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'holdfast-facts-'));
  const file = join(cwd, 'site.yaml');
  await writeFile(
    file,
    `apiVersion: holdfast/v1
kind: Site
metadata: { name: test }
hosts:
  here: { address: 127.0.0.1, transport: local, sudo: none }
  gone: { address: 127.0.0.1, port: ${await freePort()} }
`,
  );
  options = ['-f', file, '--state-dir', join(cwd, 'state')];
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const env = { PATH: process.env.PATH, HOME: '/nonexistent', USER: 'me' };

describe('holdfast facts', () => {
  it('shows every fact of a host, and exits 0', async () => {
    const io = fakeIo({ env });
    expect(await runCli(['facts', 'here', ...options], io)).toBe(0);
    expect(io.written.out).toMatch(/^here {2}127\.0\.0\.1\n/);
    for (const name of factKinds.names) expect(io.written.out).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
  });

  it('shows the others where one cannot be reached, with what to do, and exits 1', async () => {
    const io = fakeIo({ env });
    expect(await runCli(['facts', '--only', 'os', ...options], io)).toBe(1);
    expect(io.written.out).toMatch(/here[\s\S]*os +\S/);
    expect(io.written.out).toMatch(/gone[\s\S]*refused the connection[\s\S]*\[host\/refused\]/);
  });

  it('gives scripts all of it as JSON', async () => {
    const io = fakeIo({ env });
    expect(await runCli(['facts', '--only', 'os,kernel', '--json', ...options], io)).toBe(1);
    const printed = JSON.parse(io.written.out);
    expect(printed).toMatchObject({
      digest: expect.stringMatching(/^sha256:/),
      hosts: [
        { host: 'here', facts: { os: { id: expect.any(String) }, kernel: { name: 'Linux' } } },
        { host: 'gone', error: { code: 'host/refused', where: { host: 'gone' } } },
      ],
    });
  });

  it('says which host or fact was meant', async () => {
    const io = fakeIo({ env });
    expect(await runCli(['facts', 'hree', ...options], io)).toBe(2);
    expect(await runCli(['facts', 'here', '--only', 'resolvr', ...options], io)).toBe(1);
    expect(io.written.err).toContain("Did you mean 'here'?");
    expect(io.written.err).toContain("Did you mean 'resolver'?");
  });
});

describe('a fact in words', () => {
  const en = fakeIo();
  const zh = fakeIo({ language: 'zh' });

  it('is said in both languages', () => {
    const clock = { offsetMs: -1500, uncertaintyMs: 20, synchronised: false };
    expect(describeFact(en, 'clock-offset', clock)).toEqual(['1500 ms behind (± 20 ms), not kept by NTP']);
    expect(describeFact(zh, 'clock-offset', clock)).toEqual(['慢 1500 毫秒（± 20 毫秒），未由 NTP 校准']);
    expect(describeFact(en, 'selinux', { mode: 'permissive', configured: 'enforcing' })).toEqual([
      'permissive, enforcing from the next boot',
    ]);
    expect(describeFact(en, 'firewall', { manager: 'ufw' })).toEqual(['ufw, only root may see its rules']);
  });

  it('is `none` or `unknown` rather than nothing', () => {
    expect(describeFact(en, 'bridges', [])).toEqual(['none']);
    expect(describeFact(en, 'clock-offset', undefined)).toEqual(['unknown']);
    expect(describeFact(zh, 'bridges', [])).toEqual(['无']);
  });

  it('counts in the units that people read', () => {
    const disk = (availableBytes: number, sizeBytes: number) =>
      describeFact(en, 'disks', [
        { mount: '/', source: 'x', type: 'xfs', readOnly: true, availableBytes, sizeBytes },
      ])[0];
    expect(disk(512, 2_048)).toBe('/ xfs, 512 B of 2.0 KiB free, read-only');
    expect(disk(-5, 1024 ** 4 * 3)).toBe('/ xfs, 0 B of 3.0 TiB free, read-only');
    expect(disk(1024 ** 3 * 150, 1024 ** 3 * 1_000)).toBe('/ xfs, 150 GiB of 1000 GiB free, read-only');
  });
});

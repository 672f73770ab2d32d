import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { probeOnce } from '../../test/probe.ts';
import { exec } from './exec.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-exec-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(text: string): string {
  const path = join(folder, `program-${Math.random().toString(36).slice(2)}`);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('the exec probe', () => {
  test('is up at the wanted exit code, with the program line and its output as evidence', async () => {
    const path = program('echo all is well');
    const result = await probeOnce(exec, { argv: [path, 'a b'] });
    expect(result).toMatchObject({
      status: 'up',
      asked: `run ${path} "a b"`,
      got: 'exit code 0: all is well',
      expected: 'exit code 0',
    });
  });

  test('is down at another exit code, and shows what went to stderr', async () => {
    const result = await probeOnce(exec, { argv: [program('echo no quorum >&2; exit 3')] });
    expect(result).toMatchObject({
      status: 'down',
      got: 'exit code 3: no quorum',
      because: { code: 'exec/other-code', params: { code: 3, expected: 0 } },
    });
  });

  test('can want another exit code than 0', async () => {
    expect(await probeOnce(exec, { argv: [program('exit 3')], code: 3 })).toMatchObject({ status: 'up' });
  });

  test('judges the output by text and by regular expression', async () => {
    const argv = [program('echo role: leader')];
    expect(await probeOnce(exec, { argv, contains: 'role', matches: '^role: lead' })).toMatchObject({
      status: 'up',
      expected: "exit code 0 with 'role' and /^role: lead/ in the output",
    });
    expect(await probeOnce(exec, { argv, contains: 'standby' })).toMatchObject({
      status: 'down',
      because: { code: 'exec/other-output', params: { wanted: 'standby' } },
    });
  });

  test('gives the target in arguments and environment, unquoted by any shell', async () => {
    const argv = [
      program('printf "%s|" "$@" "$HOLDFAST_ADDRESS" "$HOLDFAST_MEMBER"'),
      '{address}',
      '{member}; $(id)',
    ];
    const target = { member: 'db1', address: '10.0.0.7' };
    const result = await probeOnce(exec, { argv }, { target });
    expect(result.got).toBe('exit code 0: 10.0.0.7|db1; $(id)|10.0.0.7|db1|');
  });

  test('shows the program nothing of our own environment', async () => {
    const own = Object.keys(process.env).filter(
      (name) => !['PATH', 'LANG', 'PWD', 'SHLVL', '_'].includes(name),
    );
    const result = await probeOnce(exec, { argv: ['/usr/bin/env'] });
    expect(result.status).toBe('up');
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((name) => result.got.includes(`${name}=`))).toEqual([]);
  });

  test('is unknown where the program cannot be started: that says nothing about the member', async () => {
    expect(await probeOnce(exec, { argv: ['/nonexistent/check'] })).toMatchObject({
      status: 'unknown',
      got: 'ENOENT',
      because: { code: 'exec/cannot-run' },
    });
    expect(await probeOnce(exec, { argv: ['/bin/true'], cwd: '/nonexistent' })).toMatchObject({
      status: 'unknown',
    });
  });

  test('is down where a signal ended the program', async () => {
    const result = await probeOnce(exec, { argv: [program('kill -TERM $$')] });
    expect(result).toMatchObject({
      status: 'down',
      because: { code: 'exec/killed', params: { by: 'SIGTERM' } },
    });
  });

  test('is down at the deadline, and takes everything down that the program had started', async () => {
    const pidFile = join(folder, 'grandchild');
    const argv = [program(`sleep 60 & echo $! > ${pidFile}; wait`)];
    const result = await probeOnce(exec, { argv }, { timeoutMs: 500 });
    expect(result).toMatchObject({ status: 'down', because: { code: 'probe/no-end' } });
    const pid = readFileSync(pidFile, 'utf8').trim();
    await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);
  });

  test('answers when the program ends, and kills what that left in the background', async () => {
    const pidFile = join(folder, 'left-behind');
    const result = await probeOnce(exec, { argv: [program(`sleep 60 & echo $! > ${pidFile}`)] });
    expect(result.status).toBe('up');
    const pid = readFileSync(pidFile, 'utf8').trim();
    await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);
  });

  test('keeps the start of endless output and nothing more', async () => {
    const argv = [program('head -c 1000000 /dev/zero | tr "\\\\0" x; echo END')];
    const result = await probeOnce(exec, { argv, contains: 'END' });
    expect(result).toMatchObject({ status: 'down', because: { code: 'exec/other-output' } });
    expect(result.got.length).toBeLessThan(400);
  });
});

function isRunning(pid: string): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
}

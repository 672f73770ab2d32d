import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../base/clock.ts';
import { Secret } from '../base/secret.ts';
import type { Connection } from './host.ts';
import { controllerSpec, localTransport } from './local.ts';
import { script, sh } from './shell.ts';

const clock = new SystemClock();
const never = new AbortController().signal;
const quick = { timeoutMs: 10_000, signal: never };

let folder: string;
let host: Connection;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-local-'));
  host = await localTransport({ clock, env: process.env }).connect(controllerSpec('me'), { signal: never });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Waits until a process is gone, for at most five seconds. */
async function gone(pid: number): Promise<boolean> {
  const deadlineMs = clock.monotonicMs() + 5_000;
  while (clock.monotonicMs() < deadlineMs) {
    try {
      // A zombie whose parent is not us counts as gone.
      if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return true;
    } catch {
      return true;
    }
    await clock.sleep(20);
  }
  return false;
}

describe('the local transport', () => {
  it('gives the exit code and both outputs', async () => {
    const result = await host.run(script('echo out; echo err >&2; exit 7'), quick);
    expect(result).toMatchObject({ code: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  it('passes standard input whole, secrets too, and ends it', async () => {
    const text = 'a line\n'.repeat(200_000);
    expect((await host.run(script('wc -c'), { ...quick, stdin: text })).stdout.trim()).toBe('1400000');
    const secret = await host.run(script('cat'), { ...quick, stdin: new Secret('env:X', 'hush') });
    expect(secret.stdout).toBe('hush');
    expect((await host.run(script('cat'), quick)).stdout).toBe('');
  });

  it('does not mind a command that leaves its input unread', async () => {
    const result = await host.run(script('exit 3'), { ...quick, stdin: 'x'.repeat(1_000_000) });
    expect(result.code).toBe(3);
  });

  it('runs in the C locale, with sbin in PATH and none of our secrets around', async () => {
    const result = await (
      await localTransport({ clock, env: { PATH: '/usr/bin:/bin', DB_PASSWORD: 'hush' } }).connect(
        controllerSpec('me'),
        { signal: never },
      )
    ).run(script('echo "$LC_ALL $PATH"; env; echo "$# $-"'), quick);
    expect(result.stdout).toContain('C /usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin');
    expect(result.stdout).not.toContain('hush');
    expect(result.stdout).not.toContain('HF=');
    expect(result.stdout).toMatch(/\n0 \w*\n$/);
  });

  it('says 128 + the signal where a signal ended the command', async () => {
    expect((await host.run(script('kill -TERM $$'), quick)).code).toBe(143);
  });

  it('kills the whole process group at the time limit and says how far it came', async () => {
    const error = await host
      .run(sh`sleep 300 & echo $! > ${join(folder, 'pid')}; echo begun; wait`, {
        timeoutMs: 300,
        signal: never,
      })
      .catch((caught) => caught);
    expect(error).toMatchObject({ code: 'host/timeout', where: { host: 'controller' }, evidence: 'begun\n' });
    expect(await gone(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(true);
  });

  it('kills a command that ignores SIGTERM', async () => {
    const command = sh`trap '' TERM; echo $$ > ${join(folder, 'pid')}; while :; do sleep 1; done`;
    await expect(host.run(command, { timeoutMs: 200, signal: never })).rejects.toMatchObject({
      code: 'host/timeout',
    });
    expect(await gone(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(true);
  });

  it('kills the command and rejects with the reason when the caller aborts', async () => {
    const controller = new AbortController();
    const pid = join(folder, 'pid');
    const work = host.run(sh`echo $$ > ${pid}; exec sleep 300`, {
      timeoutMs: 60_000,
      signal: controller.signal,
    });
    await waitForFile(pid);
    controller.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    expect(await gone(Number(readFileSync(pid, 'utf8')))).toBe(true);
  });

  it('does not wait for ever for a daemon that keeps the outputs open', async () => {
    const result = await host.run(script('sleep 300 & echo $!'), { timeoutMs: 60_000, signal: never });
    expect(result.code).toBe(0);
    execFileSync('kill', [result.stdout.trim()]);
  });

  it('stops a command that prints without end', async () => {
    await expect(
      host.run(script('cat /dev/zero'), { timeoutMs: 60_000, signal: never }),
    ).rejects.toMatchObject({
      code: 'host/output-too-large',
    });
  });

  it('starts nothing after an abort', async () => {
    const command = sh`touch ${join(folder, 'ran')}`;
    await expect(host.run(command, { ...quick, signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    );
    await expect(host.files.read(join(folder, 'ran'), never)).resolves.toBeUndefined();
  });
});

async function waitForFile(path: string): Promise<void> {
  for (let turn = 0; turn < 250; turn++) {
    if ((await host.files.read(path, never))?.length) return;
    await clock.sleep(20);
  }
  throw new Error(`${path} did not appear`);
}

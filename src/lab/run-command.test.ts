import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../test/until.ts';
import { mustRun, PLAIN_ENV, runCommand } from './run-command.ts';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a program that the lab runs', () => {
  it('is told apart by exit code and outputs, and gets its input', async () => {
    const result = await runCommand(['sh', '-c', 'cat; echo oops >&2; exit 3'], { stdin: 'given' });

    expect(result).toEqual({ code: 3, stdout: 'given', stderr: 'oops\n' });
  });

  it('that a signal ended has the exit code that a shell would give', async () => {
    expect((await runCommand(['sh', '-c', 'kill -TERM $$'])).code).toBe(143);
  });

  it('sees nothing of our environment', async () => {
    expect((await runCommand(['env'])).stdout.trim().split('\n').sort()).toEqual([
      'HOME=/root',
      'LANG=C.UTF-8',
      expect.stringMatching(/^PATH=/),
      'SHLVL=1',
    ]);
  });

  it('does not run what somebody keeps in ~/.bashrc', async () => {
    const home = mkdtempSync(join(tmpdir(), 'holdfast-bashrc-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    writeFileSync(join(home, '.bashrc'), 'echo somebody was here\n');
    const env = { ...PLAIN_ENV, HOME: home };

    expect((await runCommand(['bash', '-c', 'echo alone'], { env })).stdout).toBe('alone\n');
  });

  it('is killed with all that it started when its time is over', async () => {
    let pids: number[] = [];
    const script = 'sleep 300 & echo $$ $! >&2; wait';
    const error = await runCommand(['sh', '-c', script], { timeoutMs: 300 }).catch(
      (thrown: unknown) => thrown,
    );

    expect(error).toMatchObject({ code: 'lab/command-timeout' });
    pids = String((error as { evidence: string }).evidence)
      .trim()
      .split(' ')
      .map(Number);
    expect(pids).toHaveLength(2);
    await until(() => !pids.some(isAlive), 'both have ended');
  });

  it('is stopped by the signal, whose reason is the one reported', async () => {
    const stop = new AbortController();
    const running = runCommand(['sleep', '300'], { signal: stop.signal });
    stop.abort(new Error('interrupted'));

    await expect(running).rejects.toThrow('interrupted');
  });

  it('that has to succeed and does not is an error with the last line that it said', async () => {
    await expect(mustRun(['sh', '-c', 'echo first; echo last >&2; exit 2'])).rejects.toMatchObject({
      code: 'lab/command-failed',
      got: 'exit code 2: last',
    });
  });

  it('that is not there is an error that names it', async () => {
    await expect(mustRun(['no-such-program'])).rejects.toMatchObject({
      code: 'lab/command-failed',
      message: 'cannot start no-such-program',
    });
  });
});

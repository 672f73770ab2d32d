import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { bashPath, busyboxMissing, busyboxPath } from '../../test/tool-paths.ts';
import { until } from '../../test/until.ts';
import { findMark, killGroup, wrap } from './envelope.ts';
import { script } from './shell.ts';

const busybox = busyboxMissing === undefined ? busyboxPath() : undefined;
const bash = bashPath();
afterAll(() => {
  busybox?.[Symbol.dispose]();
  bash[Symbol.dispose]();
});
const nonce = '0123456789abcdef';

describe.each([
  { name: 'dash', path: process.env.PATH, skip: false },
  { name: 'bash', path: `${bash.folder}:${process.env.PATH}`, skip: false },
  { name: busyboxMissing ?? 'busybox', path: busybox?.folder, skip: busybox === undefined },
])('the envelope with $name', ({ path, skip }) => {
  if (skip) return it.skip('is skipped');

  it('tells the process group, and leaves no trace of itself to the command', async () => {
    const { argv, mark } = wrap(script(`echo "$#|$*|\${HF-unset}|$LC_ALL"; set -eu; echo $?`), 'none', nonce);
    const child = spawn(argv[0], argv.slice(1), {
      env: { PATH: path },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err] = (await Promise.all([child.stdout.toArray(), child.stderr.toArray()])).map((chunks) =>
      Buffer.concat(chunks),
    ) as [Buffer, Buffer];
    const found = findMark(out, mark);
    expect(found?.group).toBe(child.pid);
    expect(out.subarray(found?.rest).toString()).toBe('0||unset|C\n0\n');
    expect(err.toString()).toBe(`${mark}\n`);
  });

  it('says that it began even where the command does not parse', () => {
    const { argv, mark } = wrap(script('echo before\nif then (('), 'none', nonce);
    try {
      execFileSync(argv[0], argv.slice(1), { env: { PATH: path }, stdio: 'pipe' });
      expect.unreachable();
    } catch (error) {
      expect(findMark((error as { stdout: Buffer }).stdout, mark)).toBeDefined();
    }
  });

  it('ends a process group that does not want to end, and nothing beside it', async () => {
    const stubborn = "trap '' TERM; (trap '' TERM; sleep 300) & echo $!; wait; sleep 300";
    const group = spawn('sh', ['-c', stubborn], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    const beside = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
    const [inner] = (await new Promise<Buffer>((resolve) => group.stdout.once('data', resolve)))
      .toString()
      .split('\n');
    execFileSync('sh', ['-c', killGroup(group.pid as number).text], { env: { PATH: path } });
    await until(() => group.signalCode !== null);
    expect(isRunning(Number(inner))).toBe(false);
    expect(isRunning(beside.pid as number)).toBe(true);
    beside.kill();
  });
});

describe('the mark', () => {
  const mark = `hf-begin-${nonce}`;
  it('is found after whatever a login script printed, once its line is whole', () => {
    const noise = 'Last login: today\nno newline';
    expect(findMark(Buffer.from(`${noise}${mark} 42\nout`), mark)).toEqual({
      rest: noise.length + mark.length + 4,
      group: 42,
    });
    expect(findMark(Buffer.from(`${noise}${mark} 4`), mark)).toBeUndefined();
    expect(findMark(Buffer.from(noise), mark)).toBeUndefined();
  });

  it('names no group that must never be killed', () => {
    for (const group of ['0', '1', '-5', '', 'x', '1.5']) {
      expect(findMark(Buffer.from(`${mark} ${group}\n`), mark)?.group).toBeUndefined();
    }
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

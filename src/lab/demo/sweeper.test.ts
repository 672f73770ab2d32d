import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSweeper } from './sweeper.ts';

let folder: string;
let sleeper: ChildProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-sweeper-'));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  writeFileSync(join(folder, 'a/b/c'), 'c');
  sleeper = spawn('sleep', ['1000'], { stdio: 'ignore' });
});
afterEach(() => {
  sleeper.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('ends what it watches over and removes the folder with all that is in it', async () => {
  const ended = once(sleeper, 'exit');
  const sweeper = startSweeper(folder);
  sweeper.watchOver(sleeper.pid as number);
  await sweeper[Symbol.asyncDispose]();
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(existsSync(folder)).toBe(false);
});

test('leaves a process alone that it was told to forget: its number may be somebody else’s by now', async () => {
  const other = spawn('sleep', ['1000'], { stdio: 'ignore' });
  const ended = once(other, 'exit');
  const sweeper = startSweeper(folder);
  sweeper.watchOver(sleeper.pid as number);
  sweeper.watchOver(other.pid as number);
  sweeper.forget(sleeper.pid as number);
  await sweeper[Symbol.asyncDispose]();
  await ended;
  expect(sleeper.exitCode ?? sleeper.signalCode).toBeNull();
});

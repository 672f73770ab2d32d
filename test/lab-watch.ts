import assert from 'node:assert/strict';
import type { TestLab } from './lab.ts';
import type { Running } from './program.ts';
import { until } from './until.ts';

const PATIENCE_MS = 120_000;

/** `holdfast watch`, from when it has started: a command of a person before that would be in its way. */
export async function startWatch(lab: TestLab): Promise<Running> {
  const watch = lab.program.start('watch', '--lab');
  const hasBegun = (): boolean => watch.child.exitCode !== null || / started/.test(watch.said());
  await until(hasBegun, 'the watcher has started', PATIENCE_MS);
  assert.equal(watch.child.exitCode, null, watch.said());
  return watch;
}

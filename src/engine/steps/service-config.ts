/**
 * Configuration files of a unit, and that the unit has read them: one step, because only so it comes back whole. Were
 * the reload a step of its own, a rollback (in reverse order) would have come to it before the old files are back.
 *
 * apply: each file is validated and put in place; `test` judges them together, and where it refuses, the old ones are
 * back before the unit has heard of anything; then the unit reloads or restarts, and is watched. A unit that is not
 * up is left alone: it reads the files when it starts. `watch` names files that others write (a certificate): they
 * count for whether the unit must read again.
 *
 * revert: all files back, then the unit reads them again; one that went down with them is started again.
 */
import { z } from 'zod';
import type { Evidence } from '../../base/evidence.ts';
import { defineReasons } from '../../base/reason.ts';
import { sh } from '../../hosts/shell.ts';
import type { Check, Diff, Drift, StepContext, StepKind } from '../step.ts';
import { fileArgs, wantedFile } from './file.ts';
import { absolutePath, argv, timeLimitMs } from './parts/arguments.ts';
import { fileDrift, keepFile } from './parts/file-drift.ts';
import { captureFile, type FileUndo, fileUndo, isFileBack, restoreFile } from './parts/file-undo.ts';
import { loadedConfig, stampLoaded } from './parts/loaded-config.ts';
import { asRoot, outputOf } from './parts/run.ts';
import { notAsWanted, StepError } from './parts/step-error.ts';
import {
  awaitSteady,
  forgetFailures,
  inWords,
  isUp,
  orderUnit,
  readUnitFiles,
  unitName,
  unitState,
} from './parts/systemd.ts';
import { compareFile, confirmFile, placeFile, wantedFileReasons } from './parts/wanted-file.ts';

export const serviceConfigArgs = z
  .strictObject({
    unit: unitName(),
    files: z.array(fileArgs).default([]),
    /** More files that the unit reads, written by something else. */
    watch: z.array(absolutePath()).default([]),
    how: z.enum(['reload', 'restart', 'reload-or-restart']).default('reload-or-restart'),
    /** Judges all files in place, e.g. `[nginx, -t]`. */
    test: argv().optional(),
    steadyMs: timeLimitMs(3_000),
    timeoutMs: timeLimitMs(120_000),
  })
  .superRefine(({ files, watch }, ctx) => {
    if (files.length + watch.length === 0)
      ctx.addIssue({ code: 'custom', message: 'says nothing: give files or watch' });
    const paths = files.map(({ path }) => path);
    const twice = paths.filter((path, at) => paths.indexOf(path) !== at);
    if (twice.length > 0) ctx.addIssue({ code: 'custom', message: `named twice: ${twice.join(', ')}` });
  });
export type ServiceConfigArgs = z.infer<typeof serviceConfigArgs>;

const serviceConfigUndo = z.object({ wasUp: z.boolean(), files: z.array(fileUndo) });
type ServiceConfigUndo = z.infer<typeof serviceConfigUndo>;

const TEST_TIMEOUT_MS = 60_000;

const own = defineReasons({
  'service-config/put': { en: 'configure {unit}: {paths}', zh: '配置 {unit}：{paths}' },
  'service-config/loaded': {
    en: '{paths} are as wanted, and {unit} has read them',
    zh: '{paths} 已符合要求，且 {unit} 已加载',
  },
  'service-config/not-up': {
    en: '{paths} are as wanted; {unit} is {state} and reads them when it starts',
    zh: '{paths} 已符合要求；{unit} 当前为 {state}，启动时会加载',
  },
});
const reasons = defineReasons({ ...wantedFileReasons, ...own });

/** See the top of this file. */
export const serviceConfig: StepKind<ServiceConfigArgs, ServiceConfigUndo> = {
  kind: 'service-config',
  args: serviceConfigArgs,
  reasons,
  retrySafe: true,
  interrupts: ({ how }) => how !== 'reload',
  removes: ({ files }) => files.some(({ absent }) => absent === true),
  title: (args) => reasons.of('service-config/put', { unit: args.unit, paths: pathsOf(args) }),
  check,
  apply,
  verify,
  undo: {
    schema: serviceConfigUndo,
    async capture(ctx, { unit, files }) {
      const captured: FileUndo[] = [];
      for (const each of files)
        captured.push(await captureFile(ctx, each.path, each.contentFrom !== undefined));
      return { wasUp: isUp(await unitState(ctx, unit)), files: captured };
    },
    revert,
    isBack,
    // Whether the unit is up, or has read the files, is state: it must not be in the way of a rollback.
    content: { names: ({ files }) => files.map(({ path }) => path), drift, keep: keepFile },
  },
};

async function check(ctx: StepContext, args: ServiceConfigArgs): Promise<Check> {
  const diffs: Diff[] = [];
  for (const each of args.files) {
    const comparison = await compareFile(ctx, await wantedFile(ctx, each));
    if (comparison.is === 'impossible') {
      return { state: 'refused', because: comparison.because, hint: comparison.hint };
    }
    if (comparison.is === 'different') diffs.push(comparison.diff);
  }
  const state = await unitState(ctx, args.unit);
  const params = { unit: args.unit, paths: pathsOf(args), state: inWords(state) };
  if (diffs.length === 0) {
    if (!isUp(state)) return { state: 'done', because: reasons.of('service-config/not-up', params) };
    const { isLoaded } = await loadedConfig(ctx, args.unit, state, pathsOf(args));
    if (isLoaded) return { state: 'done', because: reasons.of('service-config/loaded', params) };
  }
  const then = isUp(state) ? [`${args.how} ${args.unit}`] : [];
  const summary = [...diffs.map((diff) => diff.summary), ...then].join(', ');
  const text = diffs.flatMap((diff) => diff.text ?? []).join('');
  return { state: 'todo', diff: { summary, ...(text === '' ? {} : { text }) } };
}

async function apply(ctx: StepContext, args: ServiceConfigArgs, undo: ServiceConfigUndo): Promise<void> {
  const kept = [...undo.files];
  for (const [at, each] of args.files.entries()) {
    const wanted = await wantedFile(ctx, each);
    if ((await compareFile(ctx, wanted)).is === 'same') continue;
    await placeFile(ctx, wanted, kept[at] as FileUndo, async (amended) => {
      kept[at] = amended;
      await ctx.amendUndo({ files: [...kept] });
    });
  }
  await test(ctx, args, kept);
  await makeItRead(ctx, args);
}

/** Nothing has read the files yet: where they are refused, the old ones are back before the error is thrown. */
async function test(ctx: StepContext, args: ServiceConfigArgs, kept: readonly FileUndo[]): Promise<void> {
  if (args.test === undefined) return;
  const result = await asRoot(ctx, sh`${args.test}`, { timeoutMs: TEST_TIMEOUT_MS });
  if (result.code === 0) return;
  for (const each of kept.toReversed()) await restoreFile(ctx, each);
  const isSecret = args.files.some(({ contentFrom }) => contentFrom !== undefined);
  throw new StepError({
    code: 'step/invalid-content',
    message: `the new configuration of ${args.unit} was refused by its test; the old one is back, the unit untouched`,
    expected: `exit code 0 of ${args.test.join(' ')}`,
    got: `exit code ${result.code}`,
    hint: 'Correct the content; the evidence has what the test said about it.',
    ...(isSecret ? {} : { evidence: outputOf(result) }),
  });
}

/** The digest is taken before: what changes while the unit reads counts as not read. */
async function makeItRead(ctx: StepContext, args: ServiceConfigArgs): Promise<void> {
  const { unit, how, timeoutMs } = args;
  const state = await readUnitFiles(ctx, unit);
  if (!isUp(state)) return;
  const { digest, isLoaded } = await loadedConfig(ctx, unit, state, pathsOf(args));
  if (isLoaded) return;
  await orderUnit(ctx, how, unit, timeoutMs);
  await stampLoaded(ctx, unit, await awaitSteady(ctx, unit, args), digest);
}

async function verify(ctx: StepContext, args: ServiceConfigArgs): Promise<Evidence> {
  const startMs = ctx.clock.monotonicMs();
  for (const each of args.files) await confirmFile(ctx, await wantedFile(ctx, each));
  const { unit } = args;
  const state = await unitState(ctx, unit);
  const isRead = !isUp(state) || (await loadedConfig(ctx, unit, state, pathsOf(args))).isLoaded;
  const got = `${inWords(state)}, ${isUp(state) ? (isRead ? 'files read' : 'files changed since it read them') : 'reads them when it starts'}`;
  const expected = `${pathsOf(args).join(', ')} as wanted, and read by ${unit} if it is up`;
  if (!isRead) throw notAsWanted(`the configuration of ${unit}`, expected, got);
  const tookMs = ctx.clock.monotonicMs() - startMs;
  return { asked: `files read back, systemctl show ${unit}`, got, expected, at: ctx.clock.now(), tookMs };
}

async function revert(ctx: StepContext, undo: ServiceConfigUndo, args: ServiceConfigArgs): Promise<void> {
  for (const each of undo.files.toReversed()) await restoreFile(ctx, each);
  const state = await readUnitFiles(ctx, args.unit);
  if (undo.wasUp && !isUp(state)) {
    await forgetFailures(ctx, args.unit);
    await orderUnit(ctx, 'restart', args.unit, args.timeoutMs);
    await awaitSteady(ctx, args.unit, args);
  } else {
    await makeItRead(ctx, args);
  }
}

async function drift(
  ctx: StepContext,
  undo: ServiceConfigUndo,
  args: ServiceConfigArgs,
): Promise<readonly Drift[]> {
  const found: Drift[] = [];
  for (const [at, each] of args.files.entries()) {
    found.push(...(await fileDrift(ctx, undo.files[at] as FileUndo, await wantedFile(ctx, each))));
  }
  return found;
}

async function isBack(ctx: StepContext, undo: ServiceConfigUndo, args: ServiceConfigArgs): Promise<boolean> {
  for (const each of undo.files) if (!(await isFileBack(ctx, each))) return false;
  const state = await unitState(ctx, args.unit);
  if (isUp(state) !== undo.wasUp) return false;
  return !undo.wasUp || (await loadedConfig(ctx, args.unit, state, pathsOf(args))).isLoaded;
}

function pathsOf({ files, watch }: ServiceConfigArgs): string[] {
  return [...files.map(({ path }) => path), ...watch];
}

/**
 * A systemd unit running or stopped, and started at boot or not. Verified by watching it for a while: it must be up,
 * and the same process, at the end. For configuration that makes it reload or restart, see `service-config`.
 */
import { z } from 'zod';
import type { Evidence } from '../../base/evidence.ts';
import { defineReasons } from '../../base/reason.ts';
import { sh } from '../../hosts/shell.ts';
import type { Check, StepContext, StepKind } from '../step.ts';
import { timeLimitMs } from './parts/arguments.ts';
import { order } from './parts/run.ts';
import { notAsWanted, StepError } from './parts/step-error.ts';
import {
  awaitSteady,
  forgetFailures,
  inWords,
  isUp,
  orderUnit,
  readUnitFiles,
  type UnitState,
  unitName,
  unitState,
} from './parts/systemd.ts';

export const serviceArgs = z.strictObject({
  unit: unitName(),
  wanted: z.enum(['running', 'stopped']),
  /** Started at boot; absent: as it is. */
  enabled: z.boolean().optional(),
  /** How long it must stay up before we believe it. */
  steadyMs: timeLimitMs(3_000),
  /** For a start or stop. */
  timeoutMs: timeLimitMs(120_000),
});
export type ServiceArgs = z.infer<typeof serviceArgs>;

const serviceUndo = z.object({
  unit: z.string(),
  isUp: z.boolean(),
  /** Absent where the step does not touch it, or the unit had no such state. */
  enabled: z.boolean().optional(),
});
type ServiceUndo = z.infer<typeof serviceUndo>;

const reasons = defineReasons({
  'service/start': { en: 'have {unit} running', zh: '使 {unit} 处于运行状态' },
  'service/stop': { en: 'have {unit} stopped', zh: '使 {unit} 处于停止状态' },
  'service/as-wanted': { en: '{unit} is {state}, as wanted', zh: '{unit} 当前为 {state}，符合要求' },
  'service/masked': { en: '{unit} is masked', zh: '{unit} 已被屏蔽（masked）' },
  'service/unmask': {
    en: 'somebody forbade it to start: find out why, then `systemctl unmask {unit}`',
    zh: '有人禁止了它启动：请先查明原因，再执行 `systemctl unmask {unit}`',
  },
  'service/not-switchable': {
    en: '{unit} is {state}: it cannot be enabled or disabled by itself',
    zh: '{unit} 的状态为 {state}，无法单独设置开机启动',
  },
  'service/leave-enabled-out': {
    en: 'do not ask for it to be enabled (in a baseline: `enabled: unchanged`)',
    zh: '请不要要求其开机启动（在基线中写 `enabled: unchanged`）',
  },
  'service/ends-by-itself': {
    en: '{unit} is of type oneshot and does not stay up',
    zh: '{unit} 是 oneshot 类型，执行完即退出',
  },
  'service/use-command': {
    en: 'use a command with a check of what the unit brings about',
    zh: '请改用 command，并配置检查其结果的命令',
  },
});

/** See the top of this file. */
export const service: StepKind<ServiceArgs, ServiceUndo> = {
  kind: 'service',
  args: serviceArgs,
  reasons,
  retrySafe: true,
  interrupts: ({ wanted }) => wanted === 'stopped',
  title: ({ unit, wanted }) => reasons.of(wanted === 'running' ? 'service/start' : 'service/stop', { unit }),
  check,
  apply,
  verify,
  undo: {
    schema: serviceUndo,
    async capture(ctx, { unit, enabled }) {
      const state = await unitState(ctx, unit);
      const wasEnabled = enabled === undefined ? undefined : (switchOf(state) ?? ifUnknown(state));
      return { unit, isUp: isUp(state), ...(wasEnabled === undefined ? {} : { enabled: wasEnabled }) };
    },
    revert,
  },
};

async function check(ctx: StepContext, args: ServiceArgs): Promise<Check> {
  const { unit } = args;
  const state = await unitState(ctx, unit);
  const refusal = refuse(args, state);
  if (refusal !== undefined) return refusal;
  const changes = differences(args, state);
  if (changes.length === 0) {
    const words = [inWords(state), ...(args.enabled === undefined ? [] : [state.enabled])].join(', ');
    return { state: 'done', because: reasons.of('service/as-wanted', { unit, state: words }) };
  }
  return { state: 'todo', diff: { summary: `${unit}: ${changes.join(', ')}` } };
}

function refuse(args: ServiceArgs, state: UnitState): Check | undefined {
  const { unit } = args;
  const params = { unit, state: state.enabled };
  if (args.wanted === 'running' && state.load === 'masked') {
    return {
      state: 'refused',
      because: reasons.of('service/masked', params),
      hint: reasons.of('service/unmask', params),
    };
  }
  const isFixed = ['static', 'indirect', 'generated', 'transient'].includes(state.enabled);
  if (args.enabled === true && isFixed) {
    const hint = reasons.of('service/leave-enabled-out');
    return { state: 'refused', because: reasons.of('service/not-switchable', params), hint };
  }
  if (args.wanted === 'running' && state.endsByItself) {
    const because = reasons.of('service/ends-by-itself', params);
    return { state: 'refused', because, hint: reasons.of('service/use-command') };
  }
  return undefined;
}

function differences(args: ServiceArgs, state: UnitState): string[] {
  const changes: string[] = [];
  if (isUp(state) !== (args.wanted === 'running')) changes.push(`${inWords(state)} → ${args.wanted}`);
  const isEnabled = switchOf(state) ?? false;
  if (args.enabled !== undefined && isEnabled !== args.enabled) {
    changes.push(`${state.enabled || 'not enabled'} → ${args.enabled ? 'enabled' : 'disabled'}`);
  }
  return changes;
}

/** `enabled-runtime` is gone after a restart, so it does not count. */
function switchOf({ enabled }: UnitState): boolean | undefined {
  if (enabled === 'enabled') return true;
  return ['disabled', 'linked', 'enabled-runtime'].includes(enabled) ? false : undefined;
}

/** A unit that systemd does not know yet, because its file was written a moment ago, is not enabled. */
function ifUnknown({ load }: UnitState): false | undefined {
  return load === 'not-found' ? false : undefined;
}

async function apply(ctx: StepContext, args: ServiceArgs): Promise<void> {
  const { unit, wanted, timeoutMs } = args;
  const state = await readUnitFiles(ctx, unit);
  if (state.load === 'not-found') {
    if (wanted === 'stopped' && args.enabled !== true) return;
    throw noSuchUnit(unit);
  }
  if (args.enabled !== undefined && (switchOf(state) ?? false) !== args.enabled)
    await enable(ctx, unit, args.enabled);
  if (wanted === 'stopped') {
    if (state.active !== 'inactive') await orderUnit(ctx, 'stop', unit, timeoutMs);
  } else if (!isUp(state)) {
    await start(ctx, unit, state, timeoutMs);
  }
}

async function start(ctx: StepContext, unit: string, state: UnitState, timeoutMs: number): Promise<void> {
  if (state.active === 'failed' || state.sub === 'auto-restart') await forgetFailures(ctx, unit);
  await orderUnit(ctx, 'start', unit, timeoutMs);
}

async function enable(ctx: StepContext, unit: string, enabled: boolean): Promise<void> {
  const verb = enabled ? 'enable' : 'disable';
  await order(ctx, sh`systemctl ${verb} ${unit}`, {
    what: `${verb} ${unit}`,
    hint: 'Check that its unit file has an [Install] section, and that /etc/systemd/system is writable.',
  });
}

async function verify(ctx: StepContext, args: ServiceArgs): Promise<Evidence> {
  const startMs = ctx.clock.monotonicMs();
  const state =
    args.wanted === 'running' ? await awaitSteady(ctx, args.unit, args) : await unitState(ctx, args.unit);
  const wants = [args.wanted, ...(args.enabled === undefined ? [] : [args.enabled ? 'enabled' : 'disabled'])];
  const got = [inWords(state), ...(args.enabled === undefined ? [] : [state.enabled || 'not enabled'])].join(
    ', ',
  );
  const expected = wants.join(', ');
  if (differences(args, state).length > 0) throw notAsWanted(args.unit, expected, got);
  const tookMs = ctx.clock.monotonicMs() - startMs;
  return { asked: `systemctl show ${args.unit}`, got, expected, at: ctx.clock.now(), tookMs };
}

/** A unit that has gone with its package needs nothing. */
async function revert(ctx: StepContext, undo: ServiceUndo, { timeoutMs }: ServiceArgs): Promise<void> {
  const { unit } = undo;
  const state = await readUnitFiles(ctx, unit);
  if (state.load === 'not-found') return;
  if (undo.enabled !== undefined && switchOf(state) !== undo.enabled) await enable(ctx, unit, undo.enabled);
  if (undo.isUp && !isUp(state)) await start(ctx, unit, state, timeoutMs);
  if (!undo.isUp && state.active !== 'inactive' && state.active !== 'failed') {
    await orderUnit(ctx, 'stop', unit, timeoutMs);
  }
}

function noSuchUnit(unit: string): StepError {
  return new StepError({
    code: 'step/no-such-unit',
    message: `the host has no unit ${unit}`,
    expected: 'a unit file, from a package or written by hand',
    got: 'none, even after systemctl daemon-reload',
    hint: 'Install the package it belongs to (`packages`), or check its name with `systemctl list-unit-files`.',
  });
}

/** Units of systemd, asked and ordered about with systemctl(1). Works with 219 (CentOS 7) and later. */
import { z } from 'zod';
import { sh } from '../../../hosts/shell.ts';
import type { StepContext } from '../../step.ts';
import { asRoot, commandFailed, order, question } from './run.ts';
import { StepError } from './step-error.ts';

/** A unit's name; `.service` is added where there is no other suffix. */
export function unitName(): z.ZodType<string, string> {
  return z
    .string()
    .regex(/^[A-Za-z0-9:_.\\@-]+$/, {
      error: (issue) =>
        `expected the name of a systemd unit such as nginx.service, got '${String(issue.input)}'`,
    })
    .transform((name) =>
      /\.(service|socket|timer|path|mount|target)$/.test(name) ? name : `${name}.service`,
    );
}

export interface UnitState {
  /** `loaded`, `not-found`, `masked`, `error`, `bad-setting` */
  readonly load: string;
  /** `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading` */
  readonly active: string;
  /** `running`, `exited`, `dead`, `auto-restart` … */
  readonly sub: string;
  /** `enabled`, `disabled`, `static`, `masked` … as `systemctl is-enabled` says it; empty for an unknown unit. */
  readonly enabled: string;
  /** Of type oneshot and without RemainAfterExit: it is never up for long. */
  readonly endsByItself: boolean;
  /** Whether unit files have changed since systemd read them. */
  readonly needsDaemonReload: boolean;
  /** Microseconds since boot at which the main process started; 0 where there is none. */
  readonly startedUs: number;
}

const PROPERTIES =
  'LoadState,ActiveState,SubState,Type,RemainAfterExit,NeedDaemonReload,ExecMainStartTimestampMonotonic,ActiveEnterTimestampMonotonic';

/** What systemd knows of a unit. @throws StepError where the host does not run systemd */
export async function unitState(ctx: StepContext, unit: string): Promise<UnitState> {
  const ask = sh`systemctl show -p ${PROPERTIES} ${unit} && printf 'IsEnabled=%s\n' "$(systemctl is-enabled ${unit} 2>/dev/null)"`;
  const result = await question(ctx, ask);
  if (result.code !== 0 || !result.stdout.includes('ActiveState=')) {
    throw commandFailed(
      `ask systemd about ${unit}`,
      result,
      'The `service` kinds need a host that was started by systemd: look at what process 1 is there.',
    );
  }
  return parseUnitState(result.stdout);
}

/** `systemctl show` prints `Key=value` lines, in an order of its own. */
export function parseUnitState(output: string): UnitState {
  const values = new Map(
    output.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );
  const get = (key: string): string => values.get(key) ?? '';
  const mainUs = Number(get('ExecMainStartTimestampMonotonic'));
  return {
    load: get('LoadState'),
    active: get('ActiveState'),
    sub: get('SubState'),
    enabled: get('IsEnabled'),
    endsByItself: get('Type') === 'oneshot' && get('RemainAfterExit') !== 'yes',
    needsDaemonReload: get('NeedDaemonReload') === 'yes',
    startedUs: mainUs > 0 ? mainUs : Number(get('ActiveEnterTimestampMonotonic')) || 0,
  };
}

/** Up, and not merely waiting for its next restart. */
export function isUp({ active, sub }: UnitState): boolean {
  return (active === 'active' || active === 'reloading') && sub !== 'auto-restart';
}

/** `active (running)`, as systemctl status says it. */
export function inWords({ load, active, sub }: UnitState): string {
  if (load === 'not-found') return 'no such unit';
  return sub === active ? active : `${active} (${sub})`;
}

/** Lets systemd read its unit files again where they have changed, or where it does not know the unit yet. */
export async function readUnitFiles(ctx: StepContext, unit: string): Promise<UnitState> {
  const state = await unitState(ctx, unit);
  if (!state.needsDaemonReload && state.load !== 'not-found') return state;
  await order(ctx, sh`systemctl daemon-reload`, {
    what: 'make systemd read its unit files',
    hint: 'Check the unit files with `systemd-analyze verify`.',
  });
  return unitState(ctx, unit);
}

/**
 * `systemctl <verb> <unit>`.
 * @throws StepError `step/unit-failed`, with the unit's last 20 journal lines as evidence
 */
export async function orderUnit(
  ctx: StepContext,
  verb: 'start' | 'stop' | 'reload' | 'restart' | 'reload-or-restart',
  unit: string,
  timeoutMs: number,
): Promise<void> {
  const result = await asRoot(ctx, sh`systemctl ${verb} ${unit}`, { timeoutMs });
  if (result.code !== 0) throw await unitFailed(ctx, `${verb} ${unit}`, unit, result.stderr.trim());
}

/** A unit that failed too often is not started again until its counter is reset. */
export async function forgetFailures(ctx: StepContext, unit: string): Promise<void> {
  await asRoot(ctx, sh`systemctl reset-failed ${unit}`);
}

/** The error for a unit that is not up, with what it said last. */
export async function unitFailed(
  ctx: StepContext,
  what: string,
  unit: string,
  complaint: string,
): Promise<StepError> {
  const journal = await asRoot(ctx, sh`journalctl -u ${unit} -n 20 --no-pager -o short-iso`);
  const state = await unitState(ctx, unit);
  return new StepError({
    code: 'step/unit-failed',
    message: `could not ${what}`,
    expected: `${unit} active, and still so a moment later`,
    got: inWords(state),
    hint: `Read what it said last; more of it: \`journalctl -u ${unit} -e\` on the host.`,
    evidence: [complaint, journal.stdout.trim()].filter((text) => text !== '').join('\n'),
  });
}

const POLL_MS = 500;

/**
 * Waits until a unit is up, and then watches that it stays up and is not started anew for `steadyMs`: a service that
 * dies a second after its start, and is restarted, is never the same process for long.
 * @returns the state at the end
 * @throws StepError `step/unit-failed` where it fails, restarts, or is not up within `timeoutMs`
 */
export async function awaitSteady(
  ctx: StepContext,
  unit: string,
  { steadyMs, timeoutMs }: { steadyMs: number; timeoutMs: number },
): Promise<UnitState> {
  const endMs = ctx.clock.monotonicMs() + timeoutMs + steadyMs;
  let since: { startedUs: number; atMs: number } | undefined;
  for (;;) {
    const state = await unitState(ctx, unit);
    const nowMs = ctx.clock.monotonicMs();
    const isWaiting = state.active === 'activating' && state.sub !== 'auto-restart';
    if (!isUp(state) && (!isWaiting || nowMs >= endMs)) {
      throw await unitFailed(ctx, `keep ${unit} up`, unit, `it is ${inWords(state)}`);
    }
    if (isUp(state)) {
      if (since !== undefined && since.startedUs !== state.startedUs) {
        throw await unitFailed(ctx, `keep ${unit} up`, unit, 'it was restarted while we watched');
      }
      since ??= { startedUs: state.startedUs, atMs: nowMs };
      if (nowMs - since.atMs >= steadyMs) return state;
    }
    await ctx.clock.sleep(POLL_MS, ctx.signal);
  }
}

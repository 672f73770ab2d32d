/**
 * Waits until a probe is up, asking again and again until a deadline. Runs from where Holdfast runs, as the watcher
 * does. It changes nothing, so there is nothing to revert.
 */
import { z } from 'zod';
import { DeadlineError, openScope, orAborted } from '../../base/abort.ts';
import type { Clock, Instant } from '../../base/clock.ts';
import { throwIfAborted } from '../../base/interrupt.ts';
import type { Logger } from '../../base/log.ts';
import { defineReasons, type Reason } from '../../base/reason.ts';
import type { Registry } from '../../base/registry.ts';
import type { Schema } from '../../base/schema.ts';
import type { Secret } from '../../base/secret.ts';
import type { SecretRef } from '../../site/secret-ref.ts';
import type { StepContext, StepKind } from '../step.ts';
import { timeLimitMs } from './parts/arguments.ts';
import { StepError } from './parts/step-error.ts';

/** Whom to ask. */
export interface Target {
  readonly member: string;
  readonly address: string;
}

/** What of a probe's result is used here. */
interface Answer {
  readonly status: 'up' | 'down' | 'unknown';
  readonly asked: string;
  readonly got: string;
  readonly expected: string;
  readonly tookMs: number;
  readonly at: Instant;
  readonly because: Reason;
}

interface AskContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly log: Logger;
  readonly target: Target;
  secret(reference: SecretRef): Promise<Secret>;
}

/** What this kind needs of a probe kind (`probes/probe.ts`, which is of the same layer and so not imported). */
export interface Prober<A> {
  readonly kind: string;
  readonly args: Schema<A>;
  title(args: A, target: Target): string;
  run(ctx: AskContext, args: A): Promise<Answer>;
}

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
export type Probers = Registry<Prober<any>>;

export interface ProbeStepArgs {
  /** A kind of probe: `tcp`, `http` … */
  readonly probe: string;
  /** Its arguments, as its schema has parsed them. */
  readonly args?: unknown;
  readonly target: Target;
  /** How long to wait for it to come up. */
  readonly deadlineMs: number;
  readonly intervalMs: number;
  /** For one attempt. */
  readonly timeoutMs: number;
}

const reasons = defineReasons({
  'probe/wait': {
    en: 'wait until {what} is up, at most {seconds} s',
    zh: '等待 {what} 就绪，最长 {seconds} 秒',
  },
  'probe/up': { en: '{what} is up', zh: '{what} 已就绪' },
});

const probeUndo = z.object({});

/** Makes the kind over the kinds of probe there are. */
export function probeStep(probers: Probers): StepKind<ProbeStepArgs, z.infer<typeof probeUndo>> {
  const what = ({ probe, args, target }: ProbeStepArgs): string => probers.get(probe).title(args, target);
  return {
    kind: 'probe',
    args: probeArgs(probers),
    reasons,
    retrySafe: true,
    title: (args) =>
      reasons.of('probe/wait', { what: what(args), seconds: Math.ceil(args.deadlineMs / 1_000) }),
    async check(ctx, args) {
      const answer = await askOnce(ctx, probers, args, args.timeoutMs);
      if (answer.status === 'up')
        return { state: 'done', because: reasons.of('probe/up', { what: what(args) }) };
      // What came back is left out: it may be another failure the next moment, and the plan must not differ for that.
      return { state: 'todo', diff: { summary: `wait until ${what(args)} is up` } };
    },
    apply: (ctx, args) => waitUntilUp(ctx, probers, args, what(args)),
    async verify(ctx, args) {
      const { status, asked, got, expected, at, tookMs } = await askOnce(ctx, probers, args, args.timeoutMs);
      if (status !== 'up') throw notUp(what(args), 0, { expected, got });
      return { asked, got, expected, at, tookMs };
    },
    undo: { schema: probeUndo, capture: async () => ({}), revert: async () => {} },
  };
}

function probeArgs(probers: Probers): Schema<ProbeStepArgs> {
  return z
    .strictObject({
      probe: z.string(),
      args: z.unknown().optional(),
      target: z.strictObject({ member: z.string(), address: z.string() }),
      deadlineMs: timeLimitMs(60_000),
      intervalMs: timeLimitMs(1_000),
      timeoutMs: timeLimitMs(5_000),
    })
    .superRefine(({ probe }, ctx) => {
      if (probers.find(probe) !== undefined) return;
      ctx.addIssue({
        code: 'custom',
        message: `there is no probe kind '${probe}'; known: ${probers.names.join(', ')}`,
      });
    });
}

/** Never waits longer than `timeoutMs`, whatever the prober does. */
async function askOnce(
  ctx: StepContext,
  probers: Probers,
  { probe, args, target }: ProbeStepArgs,
  timeoutMs: number,
): Promise<Answer> {
  const { clock, log } = ctx;
  using scope = openScope(clock, { what: `probe ${probe}`, timeoutMs, parent: ctx.signal });
  const { signal } = scope;
  const secret = (reference: SecretRef): Promise<Secret> => ctx.secret(reference);
  try {
    return await orAborted(
      probers.get(probe).run({ clock, log, signal, timeoutMs, target, secret }, args),
      signal,
    );
  } catch (error) {
    throwIfAborted(ctx.signal);
    if (!(error instanceof DeadlineError)) throw error;
    return {
      status: 'down',
      asked: probers.get(probe).title(args, target),
      got: error.message,
      expected: 'an answer',
      tookMs: timeoutMs,
      at: clock.now(),
      because: reasons.of('probe/wait', { what: probe, seconds: Math.ceil(timeoutMs / 1_000) }),
    };
  }
}

async function waitUntilUp(
  ctx: StepContext,
  probers: Probers,
  args: ProbeStepArgs,
  what: string,
): Promise<void> {
  const endMs = ctx.clock.monotonicMs() + args.deadlineMs;
  for (;;) {
    const leftMs = endMs - ctx.clock.monotonicMs();
    const answer = await askOnce(ctx, probers, args, Math.max(1, Math.min(args.timeoutMs, leftMs)));
    if (answer.status === 'up') return;
    ctx.log.debug('not up yet', { what, got: answer.got });
    if (ctx.clock.monotonicMs() + args.intervalMs >= endMs) throw notUp(what, args.deadlineMs, answer);
    await ctx.clock.sleep(args.intervalMs, ctx.signal);
  }
}

function notUp(
  what: string,
  waitedMs: number,
  { expected, got }: { expected: string; got: string },
): StepError {
  const within = waitedMs === 0 ? '' : ` within ${waitedMs} ms`;
  return new StepError({
    code: 'step/probe-deadline',
    message: `${what} did not come up${within}`,
    expected,
    got,
    hint: 'Look at the service behind it (`journalctl -u …` on its host) and at firewalls on the way; then `holdfast resume`.',
    retryable: false,
  });
}

/**
 * Step kinds as data: arguments and what a host answers → what check says and what apply orders. For hosts that this
 * machine cannot be: CentOS 7 with its yum and systemd 219, a Debian 12 whose service does not start. The answers are
 * what such hosts print.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { isHoldfastError } from '../src/base/errors.ts';
import { silentLogger } from '../src/base/log.ts';
import { renderReason } from '../src/base/reason.ts';
import type { Registry } from '../src/base/registry.ts';
import type { StepContext, StepKind } from '../src/engine/step.ts';
import { fakeHost } from './fake-host.ts';
import { HastyClock } from './hasty-clock.ts';

const reply = z.strictObject({
  /** Part of the command's text. */
  when: z.string(),
  stdout: z.string().default(''),
  stderr: z.string().default(''),
  code: z.number().default(0),
  /** How often; afterwards an answer further down may match. */
  times: z.number().optional(),
});

const stepCase = z.strictObject({
  /** A sentence. */
  about: z.string(),
  kind: z.string(),
  args: z.unknown(),
  files: z.record(z.string(), z.string()).default({}),
  answers: z.array(reply),
  check: z
    .strictObject({
      state: z.enum(['done', 'todo', 'refused']),
      summary: z.string().optional(),
      text: z.string().optional(),
      because: z.string().optional(),
    })
    .optional(),
  /** Commands that apply must order, in this order, among others. */
  orders: z.array(z.string()).optional(),
  /** Text that no command may have. */
  never: z.array(z.string()).default([]),
  evidence: z.string().optional(),
  error: z
    .strictObject({
      code: z.string(),
      got: z.string().optional(),
      hint: z.string().optional(),
      evidence: z.string().optional(),
      retryable: z.boolean().optional(),
    })
    .optional(),
});
type StepCase = z.infer<typeof stepCase>;

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
type Kinds = Registry<StepKind<any, any>>;

/** Runs every case of a folder. */
export function testStepCases(folder: string, kinds: Kinds): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    const cases = z.array(stepCase).parse(parse(readFileSync(join(folder, file), 'utf8')));
    describe(`cases of ${file}`, () => {
      for (const each of cases) it(each.about, () => runCase(each, kinds));
    });
  }
}

async function runCase(each: StepCase, kinds: Kinds): Promise<void> {
  const kind = kinds.get(each.kind);
  const args = kind.args.parse(each.args);
  const host = fakeHost('host', each.files);
  const left = each.answers.map((answer) => ({ ...answer, times: answer.times ?? Number.POSITIVE_INFINITY }));
  host.on(/(?:)/, ({ text }) => {
    const answer = left.find(({ when, times }) => times > 0 && text.includes(when));
    if (answer === undefined) throw new Error(`the case has no answer to: ${text}`);
    answer.times--;
    return answer;
  });
  const ctx: StepContext = {
    host,
    connect: () => Promise.reject(new Error('cases have one host')),
    clock: new HastyClock(),
    signal: new AbortController().signal,
    log: silentLogger,
    secret: () => Promise.reject(new Error('cases have no secrets')),
    amendUndo: async () => {},
  };
  if (each.check !== undefined) expectCheck(await kind.check(ctx, args), each, kind);
  if (each.orders !== undefined || each.error !== undefined) await expectApply(kind, ctx, args, each);
  if (each.orders !== undefined)
    expectOrders(
      host.ran.map(({ text }) => text),
      each.orders,
    );
  for (const text of each.never) expect(host.ran.filter((ran) => ran.text.includes(text))).toEqual([]);
}

// biome-ignore lint/suspicious/noExplicitAny: as above
type AnyKind = StepKind<any, any>;

function expectCheck(check: Awaited<ReturnType<AnyKind['check']>>, each: StepCase, kind: AnyKind): void {
  const wanted = each.check as NonNullable<StepCase['check']>;
  expect(check.state).toBe(wanted.state);
  if (check.state === 'todo') {
    if (wanted.summary !== undefined) expect(check.diff.summary).toBe(wanted.summary);
    if (wanted.text !== undefined) expect(check.diff.text?.trim()).toBe(wanted.text.trim());
  } else if (wanted.because !== undefined) {
    expect(renderReason(check.because, [kind.reasons], 'en')).toBe(wanted.because);
  }
}

async function expectApply(kind: AnyKind, ctx: StepContext, args: unknown, each: StepCase): Promise<void> {
  const end: unknown = await live(kind, ctx, args).catch((error: unknown) => error);
  if (each.error === undefined) {
    if (end instanceof Error) throw end;
    if (each.evidence !== undefined) expect((end as { got: string }).got).toBe(each.evidence);
    return;
  }
  if (!isHoldfastError(end)) throw end;
  expect(end.code).toBe(each.error.code);
  if (each.error.got !== undefined) expect(end.got).toBe(each.error.got);
  if (each.error.hint !== undefined) expect(end.hint).toContain(each.error.hint);
  if (each.error.evidence !== undefined) expect(end.evidence).toContain(each.error.evidence);
  if (each.error.retryable !== undefined) expect(end.retryable).toBe(each.error.retryable);
}

async function live(kind: AnyKind, ctx: StepContext, args: unknown): Promise<unknown> {
  const undo: unknown = 'final' in kind.undo ? undefined : await kind.undo.capture(ctx, args);
  await kind.apply(ctx, args, undo);
  return kind.verify(ctx, args);
}

function expectOrders(ran: readonly string[], orders: readonly string[]): void {
  let from = 0;
  for (const order of orders) {
    const at = ran.findIndex((text, index) => index >= from && text.includes(order));
    expect(at, `'${order}' among, in this order:\n${ran.slice(from).join('\n')}`).toBeGreaterThanOrEqual(0);
    from = at + 1;
  }
}

/**
 * What every step kind promises (`src/engine/step.ts`), tried on real hosts as far as this machine has them. A kind
 * brings worlds (`step-worlds.ts`); each test gets a fresh one.
 *
 * The cuts are exhaustive: apply is cut before and after each single operation on the host (those left out where
 * nothing changed since the cut before), and from each cut both ways are tried, back and on. So is revert.
 */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../src/base/clock.ts';
import { InterruptedError } from '../src/base/interrupt.ts';
import type { Logger } from '../src/base/log.ts';
import { renderReason } from '../src/base/reason.ts';
import type { Secret } from '../src/base/secret.ts';
import type { Drift, Reversible, StepContext, StepKind, StepProgress } from '../src/engine/step.ts';
import type { Connection } from '../src/hosts/host.ts';
import type { SecretRef } from '../src/site/secret-ref.ts';
import { type Death, mortalHost, watchedHost } from './mortal-host.ts';

/** A host on which a step has something to do. */
export interface StepWorld extends AsyncDisposable {
  readonly host: Connection;
  /** Other hosts that the step may connect to. */
  readonly others?: ReadonlyMap<string, Connection>;
  readonly clock: Clock;
  /** As they stand in a plan: not yet parsed. */
  readonly args: unknown;
  readonly secrets?: ReadonlyMap<SecretRef, Secret>;
  /** Everything that the step may touch, comparable. What is kept on purpose (old copies) is left out. */
  snapshot(): Promise<unknown>;
  /** The same and all else that could tell two moments apart. */
  trace(): Promise<unknown>;
}

export interface StepWorldKind {
  /** Completes "on …". */
  readonly name: string;
  /** Why it cannot be had here, for the test's title. */
  readonly missing?: string | undefined;
  /** True where what the step waits for comes by itself, so that a revert does not bring the need back. */
  readonly endsByItself?: boolean;
  open(): Promise<StepWorld>;
}

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
type AnyKind = StepKind<any, any>;

/** One step's memory, as the journal keeps it: through JSON, amendments merged. */
class Memory {
  #undo: unknown;
  captured: unknown;

  begin(undo: unknown): void {
    this.#undo = throughJson(undo);
    this.captured = throughJson(undo);
  }

  amend(patch: Readonly<Record<string, unknown>>): void {
    this.#undo = { ...(this.#undo as object), ...(throughJson(patch) as object) };
  }

  get undo(): unknown {
    return throughJson(this.#undo);
  }
}

function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** A step in a world. */
export class Trial {
  readonly world: StepWorld;
  readonly kind: AnyKind;
  readonly args: unknown;
  readonly memory = new Memory();
  readonly said: string[] = [];
  readonly progress: StepProgress[] = [];

  constructor(kind: AnyKind, world: StepWorld) {
    this.kind = kind;
    this.world = world;
    this.args = throughJson(kind.args.parse(throughJson(world.args)));
  }

  context(host: Connection = this.world.host, signal = new AbortController().signal): StepContext {
    const log: Logger = this.#logger();
    return {
      host,
      connect: async (name) => {
        const other = this.world.others?.get(name);
        if (other === undefined) throw new Error(`the world has no host ${name}`);
        return other;
      },
      clock: this.world.clock,
      signal,
      log,
      secret: async (reference) => {
        const secret = this.world.secrets?.get(reference);
        if (secret === undefined) throw new Error(`the world has no secret ${reference}`);
        return secret;
      },
      amendUndo: async (patch) => this.memory.amend(patch),
      progress: (told) => this.progress.push(told),
    };
  }

  /** Undefined where these arguments are final. */
  get reversible(): Reversible<unknown, unknown> | undefined {
    if ('final' in this.kind.undo || this.kind.finalFor?.(this.args) !== undefined) return undefined;
    return this.kind.undo;
  }

  check(ctx = this.context()) {
    return this.kind.check(ctx, this.kind.args.parse(this.args));
  }

  async capture(ctx = this.context()): Promise<void> {
    if (this.reversible !== undefined) this.memory.begin(await this.reversible.capture(ctx, this.args));
  }

  apply(ctx = this.context()): Promise<void> {
    const undo = this.reversible?.schema.parse(this.memory.undo);
    return this.kind.apply(ctx, this.kind.args.parse(this.args), undo);
  }

  verify(ctx = this.context()) {
    return this.kind.verify(ctx, this.kind.args.parse(this.args));
  }

  async revert(ctx = this.context()): Promise<void> {
    const undo = this.reversible?.schema.parse(this.memory.undo);
    await this.reversible?.revert(ctx, undo, this.kind.args.parse(this.args));
  }

  /** Names of what somebody changed since apply, as a rollback asks; undefined where a revert overwrites no content. */
  async drift(ctx = this.context()): Promise<readonly Drift[] | undefined> {
    const { reversible } = this;
    const undo = reversible?.schema.parse(this.memory.undo);
    return reversible?.content?.drift(ctx, undo, this.kind.args.parse(this.args));
  }

  /** As the runner asks after a revert; undefined where these arguments are final. */
  async isBack(ctx = this.context()): Promise<boolean | undefined> {
    const { reversible } = this;
    if (reversible?.isBack === undefined) {
      const now = await reversible?.capture(ctx, this.args);
      return reversible === undefined ? undefined : isDeepStrictEqual(throughJson(now), this.memory.captured);
    }
    return reversible.isBack(ctx, reversible.schema.parse(this.memory.undo), this.kind.args.parse(this.args));
  }

  #logger(): Logger {
    const say = (message: string, fields?: unknown): void => {
      this.said.push(message, JSON.stringify(fields ?? {}));
    };
    return { debug: say, info: say, warn: say, error: say, with: () => this.#logger() };
  }
}

/** Runs the whole contract for one kind in one world. */
export function testStep(kind: AnyKind, worldKind: StepWorldKind): void {
  const title = `${kind.kind} on ${worldKind.name}`;
  if (worldKind.missing !== undefined) {
    describe.skip(`${title} (${worldKind.missing})`, () => it('is not tried here', () => {}));
    return;
  }
  const within = (work: (trial: Trial) => Promise<void>): Promise<void> =>
    inFreshWorld(kind, worldKind, work);
  describe(title, () => {
    it('says what is to be done, does it, proves it, and then has nothing more to do', () =>
      within(fullLife));
    it('only reads in check, capture and verify', () => within(onlyReads));
    it('shows the same change twice', () => within(stableDiff));
    it('keeps its arguments through the JSON of a plan', () => within(keepsArguments));
    it('has a title in both languages', () => within(hasTitle));
    it('lets no secret out', () => within(keepsSecrets));
    it('stops when it is told to', () => within(stops));
    if (kind.retrySafe) it('may be applied twice', () => within(twice));
    it('comes back from its end, once and twice', () => within((trial) => comesBack(trial, worldKind)));
    it('tells what somebody changed since, shows nothing private of it, and keeps it', () =>
      within(keepsDrift));
    it('comes back and goes on from every cut of its apply', () => cutsOfApply(kind, worldKind), 120_000);
    it('comes back from every cut of its revert', () => cutsOfRevert(kind, worldKind), 120_000);
  });
}

async function fullLife(trial: Trial): Promise<void> {
  const before = await trial.check();
  expect(before.state).toBe('todo');
  if (before.state === 'todo') expect(before.diff.summary).not.toBe('');
  await trial.capture();
  await trial.apply();
  const evidence = await trial.verify();
  expect(evidence).toMatchObject({ asked: expect.stringMatching(/./), got: expect.stringMatching(/./) });
  expect((await trial.check()).state).toBe('done');
}

async function onlyReads(trial: Trial): Promise<void> {
  const before = await trial.world.snapshot();
  await trial.check();
  await trial.capture();
  expect(await trial.world.snapshot()).toEqual(before);
  await trial.apply();
  const after = await trial.world.snapshot();
  await trial.verify();
  await trial.check();
  expect(await trial.world.snapshot()).toEqual(after);
}

/** `apply` is held against what `plan` showed: a diff that varies by itself would refuse every plan. */
async function stableDiff(trial: Trial): Promise<void> {
  expect(await trial.check()).toEqual(await trial.check());
}

async function keepsArguments(trial: Trial): Promise<void> {
  const once = trial.kind.args.parse(throughJson(trial.world.args));
  const again = trial.kind.args.parse(throughJson(once));
  expect(again).toEqual(once);
  expect(trial.kind.args.safeParse({ ...(once as object), surprise: 1 }).success).toBe(false);
}

async function hasTitle(trial: Trial): Promise<void> {
  const title = trial.kind.title(trial.kind.args.parse(trial.args));
  for (const language of ['en', 'zh'] as const) {
    const text = renderReason(title, [trial.kind.reasons], language);
    expect(text).not.toMatch(/\{\w+\}|undefined/);
    expect(text).not.toBe(title.code);
  }
}

async function keepsSecrets(trial: Trial): Promise<void> {
  const shown: unknown[] = [await trial.check()];
  await trial.capture();
  await trial.apply();
  shown.push(trial.memory.undo, await trial.verify(), await trial.check(), trial.args, trial.said);
  const text = JSON.stringify(shown);
  for (const secret of trial.world.secrets?.values() ?? []) {
    expect(text).not.toContain(secret.reveal());
    expect(text).not.toContain(Buffer.from(secret.reveal()).toString('base64'));
  }
}

async function stops(trial: Trial): Promise<void> {
  await trial.capture();
  const before = await trial.world.snapshot();
  const reason = new InterruptedError('told to stop');
  await expect(trial.apply(trial.context(undefined, AbortSignal.abort(reason)))).rejects.toBe(reason);
  expect(await trial.world.snapshot()).toEqual(before);
  await expect(trial.check(trial.context(undefined, AbortSignal.abort(reason)))).rejects.toBe(reason);
}

async function twice(trial: Trial): Promise<void> {
  await trial.capture();
  await trial.apply();
  const after = await trial.world.snapshot();
  await trial.apply();
  await trial.verify();
  expect(await trial.world.snapshot()).toEqual(after);
}

async function comesBack(trial: Trial, { endsByItself }: StepWorldKind): Promise<void> {
  if (trial.reversible === undefined) return;
  const before = await trial.world.snapshot();
  await trial.capture();
  await trial.apply();
  await trial.verify();
  if (endsByItself !== true) expect(await trial.isBack(), 'not yet').toBe(false);
  await trial.revert();
  expect(await trial.world.snapshot()).toEqual(before);
  expect(await trial.isBack()).toBe(true);
  expect((await trial.check()).state).toBe(endsByItself === true ? 'done' : 'todo');
  await trial.revert();
  expect(await trial.world.snapshot()).toEqual(before);
}

const EDIT = 'Edited by somebody who cares.\n';

/** Files can be edited here for every kind; other content (records) is tried in the test of its kind. */
async function keepsDrift(trial: Trial): Promise<void> {
  const content = trial.reversible?.content;
  if (content === undefined) return;
  const before = await trial.world.snapshot();
  await trial.capture();
  await trial.apply();
  expect(await trial.drift(), 'as it was left').toEqual([]);
  const { files } = trial.world.host;
  const { signal } = trial.context();
  const paths = content.names(trial.args).filter((name) => name.startsWith('/'));
  for (const path of paths) await files.replace(path, Buffer.from(EDIT), {}, signal);
  const found = await trial.drift();
  if (paths.length > 0) expect(found?.map(({ name }) => name)).toEqual(paths);
  for (const path of paths) await expectKept(trial, path, found);
  await trial.revert();
  expect(await trial.world.snapshot()).toEqual(before);
  expect(await trial.drift(), 'as it was before').toEqual([]);
}

async function expectKept(trial: Trial, path: string, found: readonly Drift[] | undefined): Promise<void> {
  const { files } = trial.world.host;
  const ctx = trial.context();
  const mode = (await files.stat(path, ctx.signal))?.mode ?? 0;
  if ((mode & 0o004) === 0) expect(JSON.stringify(found)).not.toContain(EDIT.trim());
  const kept = (await trial.reversible?.content?.keep(ctx, path, trial.args)) ?? '';
  expect(Buffer.from((await files.read(kept, ctx.signal)) ?? []).toString()).toBe(EDIT);
  expect((await files.stat(kept, ctx.signal))?.mode, 'the owner’s alone').toBe(mode & 0o600);
  await files.remove(kept, ctx.signal);
}

interface Cut {
  readonly lastOperation: number;
  readonly death: Death;
}

/**
 * The cuts of `act` that differ from each other: where neither the host nor the journal changed since the cut before
 * (an operation that only read), cutting there is the same as cutting there.
 */
async function differentCuts(trial: Trial, act: (ctx: StepContext) => Promise<void>): Promise<Cut[]> {
  const found: Cut[] = [];
  let before = '';
  const host = watchedHost(trial.world.host, async (lastOperation, death) => {
    const now = JSON.stringify([await trial.world.trace(), trial.memory.undo]);
    if (now !== before) found.push({ lastOperation, death });
    before = now;
  });
  await act(trial.context(host));
  return found;
}

/** @returns whether `act` came to the cut */
async function cut(trial: Trial, at: Cut, act: (ctx: StepContext) => Promise<void>): Promise<boolean> {
  const host = mortalHost(trial.world.host, at);
  await act(trial.context(host)).catch((error) => {
    if (!host.isDead) throw error;
  });
  return host.isDead;
}

async function inFreshWorld<T>(
  kind: AnyKind,
  worldKind: StepWorldKind,
  work: (trial: Trial) => Promise<T>,
): Promise<T> {
  await using world = await worldKind.open();
  return await work(new Trial(kind, world));
}

async function cutsOfApply(kind: AnyKind, worldKind: StepWorldKind): Promise<void> {
  const places = await inFreshWorld(kind, worldKind, async (trial) => {
    await trial.capture();
    return differentCuts(trial, (ctx) => trial.apply(ctx));
  });
  for (const place of places) {
    for (const way of ['back', 'on'] as const) {
      await inFreshWorld(kind, worldKind, async (trial) => {
        const what = `cut ${place.death} operation ${place.lastOperation}, then ${way}`;
        const before = await trial.world.snapshot();
        await trial.capture();
        expect(await cut(trial, place, (ctx) => trial.apply(ctx)), what).toBe(true);
        if (way === 'on') await goOn(trial, what);
        if (trial.reversible === undefined) return;
        await trial.revert();
        expect(await trial.world.snapshot(), what).toEqual(before);
      });
    }
  }
}

async function goOn(trial: Trial, what: string): Promise<void> {
  const check = await trial.check();
  expect(check.state, what).not.toBe('refused');
  if (check.state === 'todo') await trial.apply();
  await trial.verify();
  expect((await trial.check()).state, what).toBe('done');
}

async function cutsOfRevert(kind: AnyKind, worldKind: StepWorldKind): Promise<void> {
  const places = await inFreshWorld(kind, worldKind, async (trial) => {
    await trial.capture();
    await trial.apply();
    return differentCuts(trial, (ctx) => trial.revert(ctx));
  });
  for (const place of places) {
    await inFreshWorld(kind, worldKind, async (trial) => {
      const what = `revert cut ${place.death} operation ${place.lastOperation}`;
      const before = await trial.world.snapshot();
      await trial.capture();
      await trial.apply();
      expect(await cut(trial, place, (ctx) => trial.revert(ctx)), what).toBe(true);
      await trial.revert();
      expect(await trial.world.snapshot(), what).toEqual(before);
    });
  }
}

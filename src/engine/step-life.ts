/**
 * The life of one step: check → capture → journal, flushed → apply → verify, each told to the journal before the next.
 * The order is the promise: what a revert needs is on the disk before the act begins.
 */
import { orAborted } from '../base/abort.ts';
import { type ErrorRecord, isRetryable, messageOf, toErrorRecord } from '../base/errors.ts';
import { abortReason } from '../base/interrupt.ts';
import type { Reason } from '../base/reason.ts';
import { announce } from './announce.ts';
import type { Engine, StopSignals } from './engine.ts';
import type { StepPhase } from './events.ts';
import { patiently, TRIES } from './patience.ts';
import { digestShown } from './preview.ts';
import { engineReasons } from './reasons.ts';
import { amended, hasBegun, type StepState } from './replay.ts';
import { type ResolvedStep, whereOf } from './resolve.ts';
import type { ShownDigests } from './run-document.ts';
import type { RunJournal } from './run-journal.ts';
import type { Check, StepContext } from './step.ts';
import { contextOf } from './step-context.ts';
import { asJournaled, movedError, parseUndo, refusedError } from './step-faults.ts';

/** What a run is made of while it goes on. */
export interface Work {
  readonly engine: Engine;
  readonly journal: RunJournal;
  readonly signals: StopSignals;
  readonly shown: ShownDigests;
}

/** `cut`: by the second stop signal, after it had begun; `withdrawn`: the same, before anything was done. */
export type StepEnd = 'changed' | 'unchanged' | 'failed' | 'cut' | 'withdrawn';

export interface StepResult {
  readonly end: StepEnd;
  /** With `failed`. */
  readonly error?: ErrorRecord;
}

/**
 * Takes one step through its life, from where `prior` says it was left.
 * @param isFollowing whether steps that it needs changed something in this run: then its check may say something else
 *   than was shown
 * @throws only where the journal is lost
 */
export async function liveStep(
  work: Work,
  step: ResolvedStep,
  prior: StepState | undefined,
  isFollowing: boolean,
): Promise<StepResult> {
  announce(work.engine, { type: 'step-started', ...labelOf(step) });
  const life = new StepLife(work, step);
  try {
    return { end: hasBegun(prior) ? await life.goOn(prior) : await life.begin(isFollowing) };
  } catch (error) {
    if (work.journal.lost !== undefined) throw work.journal.lost;
    if (work.signals.abort.aborted) {
      announce(work.engine, { type: 'step-cut', step: step.id });
      return { end: life.hasBegun ? 'cut' : 'withdrawn' };
    }
    const record = work.engine.secrets.redactIn(toErrorRecord(error));
    const placed = { ...record, where: { ...whereOf(step), ...record.where } };
    await work.journal.append({ type: 'step-failed', step: step.id, error: placed });
    announce(work.engine, { type: 'step-failed', step: step.id, error: placed });
    return { end: 'failed', error: placed };
  }
}

export function labelOf(step: ResolvedStep): { step: string; host?: string; title: Reason } {
  return { step: step.id, title: step.title, ...(step.host === undefined ? {} : { host: step.host }) };
}

class StepLife {
  readonly #work: Work;
  readonly #step: ResolvedStep;
  readonly #startMs: number;
  #undo: unknown;
  hasBegun = false;

  constructor(work: Work, step: ResolvedStep) {
    this.#work = work;
    this.#step = step;
    this.#startMs = work.engine.clock.monotonicMs();
  }

  async begin(isFollowing: boolean): Promise<StepEnd> {
    const check = await this.#check();
    if (check.state === 'refused') throw refusedError(this.#step, check, this.#work.engine.render);
    if (check.state === 'done') return this.#skip(check.because);
    const wasShown = this.#work.shown[this.#step.id] === digestShown(check);
    if (!wasShown && !isFollowing) throw movedError(this.#step, check, this.#work.engine.render);
    this.#undo = await this.#capture();
    this.hasBegun = true;
    await this.#append({
      type: 'step-begun',
      step: this.#step.id,
      change: check.diff.summary,
      ...(this.#undo === undefined ? {} : { undo: this.#undo }),
    });
    await this.#apply();
    return this.#prove();
  }

  /**
   * A step that had begun before: its check says what is left. What it was before is in the journal; capturing again
   * would capture the half-done state.
   */
  async goOn(prior: StepState): Promise<StepEnd> {
    this.hasBegun = true;
    this.#undo = prior.undo;
    const check = await this.#check();
    if (check.state === 'refused') throw refusedError(this.#step, check, this.#work.engine.render);
    if (check.state === 'todo') {
      const because = prior.status === 'failed' ? 'engine/failed-before' : 'engine/cut-before';
      await this.#append({ type: 'step-retried', step: this.#step.id, because: engineReasons.of(because) });
      await this.#apply();
    }
    return this.#prove();
  }

  async #check(): Promise<Check> {
    this.#enter('check');
    return this.#read((ctx) => this.#step.code.check(ctx, this.#step.args));
  }

  /** @returns the undo as JSON gives it back, so that a revert now and a revert after a crash get the same */
  async #capture(): Promise<unknown> {
    const reversible = this.#step.reversible;
    if (reversible === undefined) return undefined;
    this.#enter('capture');
    const captured: unknown = await this.#read((ctx) => reversible.capture(ctx, this.#step.args));
    const kept = asJournaled(captured, this.#step);
    parseUndo(this.#step, kept);
    return kept;
  }

  async #apply(): Promise<void> {
    this.#enter('apply');
    for (let attempt = 1; ; attempt++) {
      try {
        const undo = parseUndo(this.#step, this.#undo);
        const ctx = await this.#context();
        await orAborted(this.#step.code.apply(ctx, this.#step.args, undo), this.#work.signals.abort);
        break;
      } catch (error) {
        if (!this.#mayRetry(error, attempt)) throw error;
        if (await this.#isDoneAfter(error, attempt)) break;
      }
    }
    await this.#append({ type: 'step-applied', step: this.#step.id });
  }

  /** Only where a second apply is harmless, the error may pass, and nobody asked to stop. */
  #mayRetry(error: unknown, attempt: number): boolean {
    const { signals, journal } = this.#work;
    const isStopping = signals.stop.aborted || signals.abort.aborted || journal.lost !== undefined;
    return this.#step.code.retrySafe && isRetryable(error) && attempt < TRIES.attempts && !isStopping;
  }

  /** Waits, then looks first: the apply may have come through although its answer was lost. */
  async #isDoneAfter(error: unknown, attempt: number): Promise<boolean> {
    const { engine, signals } = this.#work;
    const record = toErrorRecord(error);
    announce(engine, { type: 'step-retrying', step: this.#step.id, attempt: attempt + 1, error: record });
    const fullMs = Math.min(TRIES.firstDelayMs * 2 ** (attempt - 1), TRIES.longestDelayMs);
    await engine.clock.sleep(fullMs / 2 + (fullMs / 2) * engine.random(), signals.abort);
    const check = await this.#check();
    if (check.state === 'refused') throw error;
    if (check.state === 'done') return true;
    const because = engineReasons.of('engine/retry-after', { message: messageOf(error) });
    await this.#append({ type: 'step-retried', step: this.#step.id, because });
    this.#enter('apply');
    return false;
  }

  async #prove(): Promise<StepEnd> {
    this.#enter('verify');
    const evidence = await this.#read((ctx) => this.#step.code.verify(ctx, this.#step.args));
    await this.#append({ type: 'step-verified', step: this.#step.id, evidence });
    const { engine } = this.#work;
    const tookMs = engine.clock.monotonicMs() - this.#startMs;
    announce(engine, { type: 'step-verified', step: this.#step.id, evidence, tookMs });
    return 'changed';
  }

  async #skip(because: Reason): Promise<StepEnd> {
    await this.#append({ type: 'step-skipped', step: this.#step.id, because });
    announce(this.#work.engine, { type: 'step-skipped', step: this.#step.id, because });
    return 'unchanged';
  }

  #enter(phase: StepPhase): void {
    announce(this.#work.engine, { type: 'step-phase', step: this.#step.id, phase });
  }

  #append(entry: Parameters<RunJournal['append']>[0]): Promise<void> {
    return this.#work.journal.append(entry);
  }

  #read<T>(read: (ctx: StepContext) => Promise<T>): Promise<T> {
    const { engine, signals } = this.#work;
    return patiently(engine, signals.abort, async () =>
      orAborted(read(await this.#context()), signals.abort),
    );
  }

  async #context(): Promise<StepContext> {
    const { engine, signals, journal } = this.#work;
    if (signals.abort.aborted) throw abortReason(signals.abort);
    return contextOf(this.#step, engine, signals.abort, async (given) => {
      const patch = asJournaled(given, this.#step) as typeof given;
      await journal.append({ type: 'undo-amended', step: this.#step.id, patch });
      this.#undo = amended(this.#undo, patch);
    });
  }
}

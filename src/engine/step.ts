/**
 * A step is data; its kind is code. The life of a step: check → capture → apply → verify, and revert on the way back.
 *
 * Musts for a kind:
 * - `check`, `capture` and `verify` only read. `check` decides from the host, never from memory.
 * - `capture` gives everything `revert` needs; it is fsynced to the journal before `apply` begins. What is known only
 *   during apply is added with `ctx.amendUndo` before the act it belongs to.
 * - `apply` may be cut anywhere (kill -9, lost connection, power). `check` afterwards says what is left to do, and
 *   `revert` brings back the captured state from wherever it stopped; both are idempotent.
 * - After `apply` and `verify`, `check` says `done`.
 */
import type { Clock } from '../base/clock.ts';
import type { Evidence } from '../base/evidence.ts';
import type { Logger } from '../base/log.ts';
import type { Position } from '../base/position.ts';
import type { Reason, ReasonTable } from '../base/reason.ts';
import type { Schema } from '../base/schema.ts';
import type { Secret } from '../base/secret.ts';
import type { Connection } from '../hosts/host.ts';
import type { HostName } from '../site/model.ts';
import type { SecretRef } from '../site/secret-ref.ts';

/** Unique in a plan, stable between plans of the same site: `standby/hosts-file`. */
export type StepId = string;

export interface Step<A = unknown> {
  readonly id: StepId;
  readonly kind: string;
  /** Absent: on the machine that Holdfast runs on. */
  readonly host?: HostName;
  readonly args: A;
  readonly needs: readonly StepId[];
  readonly why: Reason;
  /** The line of the site file it comes from. */
  readonly from?: Position;
}

/** What would change. `text` is a unified diff or `old → new`; `secret` diffs say only that something differs. */
export interface Diff {
  readonly summary: string;
  readonly text?: string;
  /** In place of `text`, line by line, where it has sentences. */
  readonly lines?: readonly Reason[];
}

export type Check =
  | { readonly state: 'done'; readonly because: Reason }
  | { readonly state: 'todo'; readonly diff: Diff }
  | { readonly state: 'refused'; readonly because: Reason; readonly hint: Reason };

export interface StepContext {
  readonly host: Connection;
  /** The way to another host of the site, for what is copied from there; a step changes nothing but its own host. */
  connect(host: HostName): Promise<Connection>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Logger;
  secret(reference: SecretRef): Promise<Secret>;
  /** Merges into the captured undo and fsyncs; resolves when it is safe to act. */
  amendUndo(patch: Readonly<Record<string, unknown>>): Promise<void>;
  /** Tells listeners how far a long copy is. Absent: nobody listens. */
  progress?(progress: StepProgress): void;
}

/** How far a copy is, in bytes; `totalBytes` is an estimate. */
export interface StepProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number;
}

export interface StepKind<A, U = unknown> {
  /** = its file's name */
  readonly kind: string;
  readonly args: Schema<A>;
  readonly reasons: ReasonTable;
  /** One line a person reads: `replace /etc/hosts`. */
  title(args: A): Reason;
  check(ctx: StepContext, args: A): Promise<Check>;
  apply(ctx: StepContext, args: A, undo: U): Promise<void>;
  verify(ctx: StepContext, args: A): Promise<Evidence>;
  /** No third possibility: it can be reverted, or the plan says that it is final and asks. */
  readonly undo: Reversible<A, U> | { readonly final: Reason };
  /**
   * Set where a reversible kind is final for some arguments (a `command` without its `undo`): why, or undefined where
   * these arguments can be reverted. The runner treats such a step as one whose kind is final: it asks first, and
   * neither captures nor reverts.
   */
  finalFor?(args: A): Reason | undefined;
  /** True where a second apply after a lost connection is harmless: only then does the runner retry by itself. */
  readonly retrySafe: boolean;
  /**
   * Whether applying these arguments can interrupt what the host serves (a restart, a package, an arbitrary command).
   * Absent: it cannot. `safety.ts` refuses to interrupt all members of an endpoint at once.
   */
  interrupts?(args: A): boolean;
  /** Whether applying these arguments removes something that people made. Absent: it cannot. See `safety.ts`. */
  removes?(args: A): boolean;
}

export interface Reversible<A, U> {
  readonly schema: Schema<U>;
  capture(ctx: StepContext, args: A): Promise<U>;
  revert(ctx: StepContext, undo: U, args: A): Promise<void>;
  /**
   * Whether the host is as it was captured; only reads, after a revert. Absent: what is captured then must be the same
   * as before, which does not hold where an undo names a place of its own for what it keeps.
   */
  isBack?(ctx: StepContext, undo: U, args: A): Promise<boolean>;
  /** Absent: a revert puts nothing over what a person may have written (a service's state, a mode). */
  readonly content?: RevertedContent<A, U>;
}

/**
 * What a `revert` overwrites, so that a person's later change is not lost without a word: a rollback asks first, and
 * keeps what it overwrites. State is no content: a service that stopped is in nobody's way.
 */
export interface RevertedContent<A, U> {
  /** What is overwritten, by name (a path, an RRset). Where a later step of the run has the same, that one answers. */
  names(args: A): readonly string[];
  /**
   * Which of it is neither as the step left it nor as it was captured; only reads.
   * @throws what keeps it from being told (a secret that is not to be had); then all of it is kept
   */
  drift(ctx: StepContext, undo: U, args: A): Promise<readonly Drift[]>;
  /** Keeps what is there now, where no revert touches it. @returns where, for a person; undefined where nothing is there */
  keep(ctx: StepContext, name: string, args: A): Promise<string | undefined>;
}

/** Found against what the step left. */
export interface Drift {
  readonly name: string;
  /** From what the step left to what is there now; private content is not in it. */
  readonly diff: Diff;
}

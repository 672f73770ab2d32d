/** Facts: what was found on hosts, gathered in one round trip a host (`facts/gather.ts`). */
import type { Digest } from '../base/digest.ts';
import type { HostName } from '../site/model.ts';

/**
 * A command and a parser of its output, without I/O. One file each under `facts/`, named for the fact.
 * The command is a POSIX sh fragment; it must not fail where the thing is missing, but print nothing.
 */
export interface FactKind<T, A = void> {
  /** = its file's name */
  readonly name: string;
  command(args: A): string;
  /**
   * @param timing when the round trip happened, by both clocks
   * @throws FactError where the output cannot be understood
   */
  parse(output: string, args: A, timing?: FactTiming): T;
  /**
   * What of the value counts for a plan's digest: the value without what changes by itself (free memory, clock
   * offset, load). Default: all of it.
   */
  stable?(value: T): unknown;
}

/** One round trip, in milliseconds of the wall clock: ours for the outer pair, the host's for the inner one. */
export interface FactTiming {
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
  /** Undefined where the host's date(1) said nothing. */
  readonly hostBeganAtMs?: number;
  readonly hostEndedAtMs?: number;
  /** How coarse the host's two are: a busybox date has whole seconds. */
  readonly hostResolutionMs: number;
}

export interface FactQuery<T = unknown, A = unknown> {
  readonly host: HostName;
  readonly kind: FactKind<T, A>;
  readonly args: A;
}

/** Makes a query that keeps its types. */
export function ask<T, A>(host: HostName, kind: FactKind<T, A>, args: A): FactQuery<T, A> {
  return { host, kind, args };
}

export interface Facts {
  /** The value, or undefined where it was not asked for or the host could not be reached. */
  get<T, A>(query: FactQuery<T, A>): T | undefined;
  /** Hosts that could not be reached, with why, in one line. */
  readonly unreachable: ReadonlyMap<HostName, string>;
  /** The same hosts with the whole error: its hint says what to do. */
  readonly errors?: ReadonlyMap<HostName, Error>;
  /** Facts whose output could not be understood; the host's others are there. */
  readonly failures?: readonly FactFailure[];
  /** Over the stable part of every value, in order of host and name. */
  readonly digest: Digest;
}

export interface FactFailure {
  readonly host: HostName;
  readonly fact: string;
  readonly message: string;
}

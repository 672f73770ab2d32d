/** A stack knows a kind of highly available system; it executes nothing. */
import type { Instant } from '../base/clock.ts';
import type { Finding } from '../base/finding.ts';
import type { Reason, ReasonTable, Sentence } from '../base/reason.ts';
import type { Schema } from '../base/schema.ts';
import type { Step, StepId, StepKind } from '../engine/step.ts';
import type { FactQuery, Facts } from '../hosts/fact.ts';
import type { Command } from '../hosts/shell.ts';
import type { ProbeKind } from '../probes/probe.ts';
import type { HostName, Member, ProbeSpec, Site, StackSpec } from '../site/model.ts';
import type { Rule } from '../site/rule.ts';

export type Goal =
  | { readonly kind: 'build' }
  | { readonly kind: 'promote' | 'demote'; readonly member: string }
  /** `to`: where the kind takes it from a request; absent: to what the site file says. */
  | { readonly kind: 'upgrade'; readonly to?: string };

/** A copy from one member to another. */
export interface SyncGoal {
  readonly from: Member;
  readonly to: Member;
  /** Whose content stands where both have another one under a name: by name, `*` for all; `neither`: as it is. */
  readonly prefer: Readonly<Record<string, string>>;
  /** Steps of the other direction, which come first. */
  readonly after: readonly StepId[];
}

export interface SyncPlan {
  readonly steps: readonly Step[];
  /** What is left out, and why. */
  readonly warnings: readonly Finding[];
}

/** One thing that must hold on a host, whoever is active. */
export interface HostCheck {
  readonly host: HostName;
  /** What it is about, in a word: `name`, `trust`. */
  readonly check: string;
  readonly ok: boolean;
  readonly asked: string;
  readonly got: string;
  readonly expected: string;
  readonly because: Reason;
  /** What to do about it, and what ought to be mended though it is ok. */
  readonly warnings: readonly Reason[];
}

/** A whole backup on a host. */
export interface StoredBackup {
  readonly host: HostName;
  /** Unique on its host. */
  readonly id: string;
  readonly beganMs: Instant;
  /** Where the data in it stands, in the stack's own terms. */
  readonly position: string;
  readonly bytes: number;
}

/** What came of restoring one for a trial. */
export interface RestoreResult {
  /** Absent: it could be restored, and all that was looked at is as it should be. */
  readonly broken?: string;
  /** What was done, in order, and how long each took. */
  readonly phases: readonly { readonly name: string; readonly tookMs: number }[];
  /** What was found in it, a line each: name and value. */
  readonly found: readonly { readonly name: string; readonly value: string }[];
}

/** How a stack's backups are tried. Pure: it says what to run, and what the output means. */
export interface RestoreTrial {
  readonly facts: readonly FactQuery[];
  /** Every whole backup on every host, from those facts. */
  backups(facts: Facts): readonly StoredBackup[];
  /**
   * Restores on the backup's host, as root, beside what runs there and without touching it; checks, and throws away.
   * Must clean up after itself also where it is killed. Exit code 0 where all is well.
   */
  command(backup: StoredBackup): Command;
  /** The output of `command`; undefined where it did not get so far as to try. */
  parse(output: string): RestoreResult | undefined;
}

export interface Stack<S> {
  /** = its folder, and `kind:` in the site file */
  readonly name: string;
  readonly summary: Sentence;
  readonly spec: Schema<S>;
  readonly rules: readonly Rule[];
  readonly reasons: ReasonTable;
  // biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
  readonly stepKinds: readonly StepKind<any, any>[];
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly probeKinds: readonly ProbeKind<any>[];
  facts(site: Site, stack: StackSpec<S>): readonly FactQuery[];
  plan(site: Site, stack: StackSpec<S>, facts: Facts, goal: Goal): readonly Step[];
  /**
   * What on the hosts is not as it should be, beside what the plan's steps mend; shown with the plan. Absent: nothing
   * is looked for.
   */
  findings?(site: Site, stack: StackSpec<S>, facts: Facts): readonly Finding[];
  /**
   * True where its steps need the endpoint to be in place (its name must lead somewhere): they wait for the steps of
   * the endpoint's driver. Absent: the driver's steps come last.
   */
  readonly afterEndpoint?: boolean;
  /**
   * True where the endpoint may lead clients to a member only once the stack stands (a database that is not a pair yet):
   * the steps of the endpoint's driver wait for the stack's. Absent: they wait for nothing.
   */
  readonly beforeEndpoint?: boolean;
  /** What says that one member of its endpoint is well; used where the endpoint names no probes of its own. */
  probes(site: Site, stack: StackSpec<S>): readonly ProbeSpec[];
  /**
   * What `verify` tries besides, of each member and through the endpoint, as a person would by hand: a pull, a download.
   * Too much for the constant watching. Absent: nothing.
   */
  trials?(site: Site, stack: StackSpec<S>): readonly ProbeSpec[];
  /**
   * What `verify` says of every host besides, from the facts that the stack asks for. Pure. Absent: nothing.
   * @param active whom clients get now; empty where that is not known
   */
  hostChecks?(site: Site, stack: StackSpec<S>, facts: Facts, active: readonly Member[]): readonly HostCheck[];
  /**
   * The parity condition: what must be up, against the candidate, before it may lead in place of `active`.
   * Empty: being well is enough. Asked before a failback and a switchover, never before a failover.
   */
  fitToLead(site: Site, stack: StackSpec<S>, candidate: Member, active: Member): readonly ProbeSpec[];
  /** Copies what `from` holds and `to` lacks. Absent: members of this stack do not hold copies of one another. */
  sync?(site: Site, stack: StackSpec<S>, goal: SyncGoal): SyncPlan;
  /** How its backups are tried. Absent, or undefined where the file asks for no backups: there are none. */
  restores?(site: Site, stack: StackSpec<S>): RestoreTrial | undefined;
}

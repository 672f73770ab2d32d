/**
 * A driver realises an endpoint: it makes what clients get equal to the answer the watcher decided on.
 *
 * Musts:
 * - `publish` is idempotent, all or nothing as far as the system behind it can, and refuses an answer whose epoch is
 *   older than one it has seen (`driver/older-epoch`): an old leader that wakes up may not win.
 * - `publish` resolves only when a client could get the new answer; `observe` asks as a client would.
 * - A peer that is merely silent is an error with `retryable`, never an assumed success.
 */
import type { Clock } from '../base/clock.ts';
import type { Evidence } from '../base/evidence.ts';
import type { Finding } from '../base/finding.ts';
import type { Logger } from '../base/log.ts';
import type { Reason, ReasonTable, Sentence } from '../base/reason.ts';
import type { Schema } from '../base/schema.ts';
import type { Secret } from '../base/secret.ts';
import type { Step, StepKind } from '../engine/step.ts';
import type { FactQuery, Facts } from '../hosts/fact.ts';
import type { HostPool } from '../hosts/host.ts';
import type { Endpoint, MemberName, PolicyName, Site } from '../site/model.ts';
import type { Rule } from '../site/rule.ts';
import type { SecretRef } from '../site/secret-ref.ts';

export interface DriverSupports {
  readonly policies: readonly PolicyName[];
  /** Whether more than one member can be answered at once. */
  readonly manyMembers: boolean;
  /** False where there is nothing that a client could keep for a TTL: an address that moves. Absent: true. */
  readonly keepsTtl?: boolean;
  /**
   * True where the members move the endpoint among themselves, without Holdfast (VRRP): another owner than the published
   * one is a failover that has happened, which the watcher takes over instead of undoing it. Absent: false.
   */
  readonly hostsDecide?: boolean;
}

/** What clients should get. An empty member list is never published: all down means fail static. */
export interface Answer {
  readonly members: readonly MemberName[];
  readonly ttlMs: number;
  /** Grows with every decision; an older one is refused. */
  readonly epoch: number;
  readonly because: Reason;
}

export interface DriverContext {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly site: Site;
  readonly hosts: HostPool;
  /**
   * A folder that survives restarts: the endpoint's own for `publish` and `observe`; for `serve` one that all its
   * endpoints share. A driver that serves keeps everything in that of `serve`.
   */
  readonly stateDir: string;
  /** 0…1, for the IDs of queries. */
  readonly random: () => number;
  secret(reference: SecretRef): Promise<Secret>;
}

export interface Published {
  /** False where clients got this answer already. */
  readonly changed: boolean;
  readonly evidence: Evidence;
}

export interface Observed {
  /** Members a client would get now; addresses that belong to no member are in `strangers`. */
  readonly members: readonly MemberName[];
  readonly strangers: readonly string[];
  readonly ttlMs?: number;
  /** Set while nothing was ever published: the driver answers this by itself until then, and nobody chose it. */
  readonly unpublished?: true;
  readonly evidence: Evidence;
}

/** A running part of a driver that the watcher keeps up (the embedded DNS server); most drivers have none. */
export interface DriverService extends AsyncDisposable {
  /** Where it listens, for people: `127.0.0.1:5300/udp`. */
  readonly listening: readonly string[];
}

export interface EndpointDriver<C> {
  /** = its folder, and `driver:` in the site file */
  readonly name: string;
  readonly summary: Sentence;
  readonly config: Schema<C>;
  readonly supports: DriverSupports;
  readonly rules: readonly Rule[];
  readonly reasons: ReasonTable;
  // biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
  readonly stepKinds: readonly StepKind<any, any>[];
  facts(site: Site, endpoint: Endpoint<C>): readonly FactQuery[];
  plan(site: Site, endpoint: Endpoint<C>, facts: Facts): readonly Step[];
  /** What is not right on the hosts as they are, and shown with the plan. Pure. Absent: nothing is looked at. */
  findings?(site: Site, endpoint: Endpoint<C>, facts: Facts): readonly Finding[];
  /**
   * Started once a watcher run for all endpoints of this driver, before the first `publish`; until that one clients
   * get the last answer that was published before the restart. `publish` works through it while it runs.
   */
  serve?(ctx: DriverContext, endpoints: readonly Endpoint<C>[]): Promise<DriverService>;
  publish(ctx: DriverContext, endpoint: Endpoint<C>, answer: Answer): Promise<Published>;
  observe(ctx: DriverContext, endpoint: Endpoint<C>): Promise<Observed>;
}

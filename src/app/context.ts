/** Wires one run of a command: site, families, clock, log, secrets, hosts and state folder. */
import type { Clock } from '../base/clock.ts';
import type { Finding } from '../base/finding.ts';
import type { Logger } from '../base/log.ts';
import type { Language, Reason } from '../base/reason.ts';
import { renderReason } from '../base/reason.ts';
import type { Secret } from '../base/secret.ts';
import type { HostPool } from '../hosts/host.ts';
import type { Site } from '../site/model.ts';
import type { SecretRef } from '../site/secret-ref.ts';
import type { Catalog } from './catalog.ts';

export interface Context extends Catalog, AsyncDisposable {
  readonly site: Site;
  /** What loading and linting found, suppressed ones included; none of severity `error` at load. */
  readonly findings: readonly Finding[];
  readonly clock: Clock;
  readonly log: Logger;
  /** 0…1, for jitter and unguessable separators. */
  readonly random: () => number;
  readonly hosts: HostPool;
  /** Where runs, locks and the watcher's state of this site live; made with mode 0700. */
  readonly stateDir: string;
  secret(reference: SecretRef): Promise<Secret>;
  /** A reason as a sentence in the user's language. */
  render(reason: Reason): string;
}

export interface ContextOptions {
  /** The site file. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly language: Language;
  readonly log: Logger;
  readonly stateDir?: string;
}

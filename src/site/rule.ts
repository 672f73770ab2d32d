import type { Severity } from '../base/finding.ts';
import type { Position } from '../base/position.ts';
import type { Reason, ReasonTable, Sentence } from '../base/reason.ts';
import type { Site, SitePath } from './model.ts';

/**
 * One lint rule: pure, about the file alone. It yields what is wrong and where; the linter adds id and severity,
 * looks up positions and applies suppressions. One file each, named for what it finds.
 */
export interface Rule {
  /** `HF012`; never reused. Frame rules HF0xx, drivers HF1xx-HF2xx, stacks HF3xx and up. */
  readonly id: string;
  /** = its file's name */
  readonly name: string;
  readonly severity: Severity;
  readonly title: Sentence;
  /** What goes wrong in production if it is ignored, and the mend: what `holdfast explain` prints. */
  readonly explanation: Sentence;
  readonly reasons: ReasonTable;
  check(site: Site): Iterable<RuleHit>;
}

export interface RuleHit {
  readonly path: SitePath;
  readonly because: Reason;
  readonly hint: Reason;
  /** The place in another file, where the hit is about one that the site names (`audit:`). */
  readonly at?: Position;
}

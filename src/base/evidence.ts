import type { Instant } from './clock.ts';

/** What was asked, what came back, when: what a verify or a probe leaves in the journal. Never holds a secret. */
export interface Evidence {
  readonly asked: string;
  readonly got: string;
  readonly expected?: string;
  readonly at: Instant;
  readonly tookMs: number;
}

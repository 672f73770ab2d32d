import type { Severity } from '../base/finding.ts';
import type { Sentence } from '../base/reason.ts';
import { unusedSuppression } from './lint.ts';
import { loadChecks } from './load-checks.ts';

/** What `holdfast explain`, SARIF and the reference page say about a check, whoever makes it. */
export interface Documented {
  readonly id: string;
  readonly name: string;
  readonly severity: Severity;
  readonly title: Sentence;
  readonly explanation: Sentence;
}

/** The checks of the loader and of the linter itself; rules stand beside them. */
export const builtInChecks: readonly Documented[] = [
  ...Object.entries(loadChecks).map(([name, check]) => ({ name, severity: 'error' as const, ...check })),
  unusedSuppression,
].sort((a, b) => (a.id < b.id ? -1 : 1));

import type { Finding } from '../base/finding.ts';
import type { Position } from '../base/position.ts';
import type { Reason } from '../base/reason.ts';
import { dnsReasons } from './reasons.ts';

export type MistakeCode =
  | 'syntax'
  | 'open-quote'
  | 'parenthesis'
  | 'no-owner'
  | 'no-ttl'
  | 'directive'
  | 'include';

/** Ends the reading of one entry of a zone file; the reader catches it and goes on with the next. */
export class Mistake extends Error {
  readonly finding: Finding;

  constructor(code: MistakeCode, params: Reason['params'], position: Position) {
    super(code);
    this.finding = {
      rule: `dns/zone-file-${code}`,
      severity: 'error',
      because: dnsReasons.of(`dns-file-${code}`, params),
      hint: dnsReasons.of(`dns-file-${code}-hint`, params),
      position,
    };
  }
}

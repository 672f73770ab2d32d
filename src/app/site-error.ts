import { HoldfastError } from '../base/errors.ts';
import type { Finding } from '../base/finding.ts';
import type { siteErrors } from './error-codes.ts';

type SiteErrorCode = keyof typeof siteErrors;

/** A site file that cannot be used: every finding at once, for the command line to print with its excerpt. */
export class SiteError extends HoldfastError<SiteErrorCode> {
  readonly findings: readonly Finding[];

  constructor(file: string, findings: readonly Finding[]) {
    const errors = findings.filter((finding) => finding.severity === 'error').length;
    const first = findings[0]?.position;
    super({
      code: 'site/invalid',
      message: `${file} has ${errors} ${errors === 1 ? 'mistake' : 'mistakes'}`,
      ...(first === undefined ? {} : { where: { position: first } }),
      hint: `Mend them, then try again; 'holdfast lint -f ${file}' shows them all.`,
    });
    this.findings = findings;
  }
}

/** A site file that is not there, or may not be read. */
export class SiteUnreadableError extends HoldfastError<SiteErrorCode> {
  constructor(file: string, cause: unknown, got: string) {
    super({
      code: 'site/unreadable',
      message: `cannot read the site file ${file}`,
      expected: 'a site file',
      got,
      hint: "Name it with -f or $HOLDFAST_SITE, or write one with 'holdfast init'.",
      cause,
    });
  }
}

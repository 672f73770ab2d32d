/** Findings as SARIF 2.1.0 (OASIS), which code review tools show beside the line. */
import type { Finding, Severity } from '../base/finding.ts';
import type { Language, Reason } from '../base/reason.ts';
import type { Documented } from './documented.ts';

export interface SarifInput {
  readonly findings: readonly Finding[];
  /** Every check that may have been made; results refer to them by id. */
  readonly checks: readonly Documented[];
  readonly version: string;
  readonly language: Language;
  render(reason: Reason): string;
}

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/** One run with its rules and results, as plain data. Suppressed findings are marked, not left out. */
export function toSarif(input: SarifInput): unknown {
  const { checks, version, language } = input;
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'holdfast',
            version,
            language: language === 'zh' ? 'zh-CN' : 'en',
            rules: checks.map((check) => describe(check, language)),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: input.findings.map((finding) => result(finding, input)),
      },
    ],
  };
}

function describe(check: Documented, language: Language): unknown {
  return {
    id: check.id,
    name: check.name,
    shortDescription: { text: check.title[language] },
    fullDescription: { text: check.explanation[language] },
    help: { text: check.explanation[language] },
    defaultConfiguration: { level: LEVELS[check.severity] },
  };
}

function result(
  { rule, severity, because, hint, position, suppressed }: Finding,
  input: SarifInput,
): unknown {
  const ruleIndex = input.checks.findIndex((check) => check.id === rule);
  return {
    ruleId: rule,
    ...(ruleIndex === -1 ? {} : { ruleIndex }),
    level: LEVELS[severity],
    message: { text: `${input.render(because)} → ${input.render(hint)}` },
    ...(position === undefined
      ? {}
      : {
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(position.file) },
                region: {
                  startLine: position.line,
                  startColumn: position.column,
                  endColumn: position.column + (position.length ?? 1),
                },
              },
            },
          ],
        }),
    ...(suppressed === undefined ? {} : { suppressions: [{ kind: 'inSource', justification: suppressed }] }),
  };
}

/** A relative reference (RFC 3986), or a file URI for an absolute path. */
function uriOf(file: string): string {
  const encoded = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? `file://${encoded}` : encoded;
}

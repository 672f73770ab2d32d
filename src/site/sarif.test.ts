import { expect, test } from 'vitest';
import type { Finding } from '../base/finding.ts';
import { builtInChecks } from './documented.ts';
import { toSarif } from './sarif.ts';

const finding: Finding = {
  rule: 'HF003',
  severity: 'error',
  because: { code: 'bad', params: {} },
  hint: { code: 'mend', params: {} },
  position: { file: 'sites/北京 1/site.yaml', line: 3, column: 5, length: 4 },
};

function sarif(findings: readonly Finding[]) {
  const log = toSarif({
    findings,
    checks: builtInChecks,
    version: '1.2.3',
    language: 'en',
    render: ({ code }) => code,
  });
  return log as {
    version: string;
    runs: { tool: { driver: { rules: { id: string }[] } }; results: Record<string, unknown>[] }[];
  };
}

test('SARIF names the rule, the level, the message and the region, with the end column exclusive', () => {
  const { version, runs } = sarif([finding]);

  expect(version).toBe('2.1.0');
  expect(runs[0]?.results[0]).toEqual({
    ruleId: 'HF003',
    ruleIndex: 2,
    level: 'error',
    message: { text: 'bad → mend' },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'sites/%E5%8C%97%E4%BA%AC%201/site.yaml' },
          region: { startLine: 3, startColumn: 5, endColumn: 9 },
        },
      },
    ],
  });
  expect(runs[0]?.tool.driver.rules[2]?.id).toBe('HF003');
});

test('SARIF keeps a suppressed finding, with the reason, and gives info the level note', () => {
  const [result] = sarif([{ ...finding, severity: 'info', suppressed: 'measured' }]).runs[0]?.results ?? [];

  expect(result).toMatchObject({
    level: 'note',
    suppressions: [{ kind: 'inSource', justification: 'measured' }],
  });
});

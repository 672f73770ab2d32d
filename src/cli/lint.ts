/** `holdfast lint`: what is wrong with the site file and with the vendor files that it names. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Finding, Severity } from '../base/finding.ts';
import { type Reason, renderReason } from '../base/reason.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { siteFileOf } from './open.ts';
import { renderFindings } from './render/findings.ts';
import { VERSION } from './version.ts';

interface LintOptions {
  readonly file?: string;
  readonly json?: boolean;
  readonly sarif?: boolean;
  readonly strict?: boolean;
  readonly verbose?: boolean;
}

/** Adds the options; exit 0 where nothing is wrong, 2 where something is. */
export function configure(command: Command, run: Runner): void {
  command
    .argument('[site.yaml]', 'the site file, like --file; - is standard input')
    .option('-f, --file <site.yaml>', 'the site file (default: $HOLDFAST_SITE, then ./site.yaml)')
    .option('--json', 'findings as JSON')
    .option('--sarif', 'findings as SARIF 2.1.0, for code review')
    .option('--strict', 'warnings count as errors')
    .option('-v, --verbose', 'show accepted (suppressed) findings too')
    .action(
      run(async (io, path: string | undefined, options: LintOptions) =>
        lint(io, path === undefined ? options : { ...options, file: path }),
      ),
    );
}

async function lint(io: Io, options: LintOptions): Promise<ExitCode> {
  const named = siteFileOf(io, options);
  const file = named === '-' ? '/dev/stdin' : named;
  const { findings, checks, render } = await findIn(io, file);
  if (options.sarif) {
    const { toSarif } = await import('../site/sarif.ts');
    const log = toSarif({ findings, checks, version: VERSION, language: io.language, render });
    io.out(`${JSON.stringify(log, null, 2)}\n`);
  } else if (options.json) {
    io.out(`${JSON.stringify(asJson(file, findings, render), null, 2)}\n`);
  } else {
    const shown = findings.filter((finding) => options.verbose || finding.suppressed === undefined);
    if (shown.length > 0)
      io.out(`${renderFindings(io, { findings: shown, render, linesOf: linesOf(io) })}\n`);
    io.out(`${summary(io, file, findings)}\n`);
  }
  const { error, warning } = count(findings);
  return error > 0 || (options.strict && warning > 0) ? exitCodes.usage : exitCodes.done;
}

async function findIn(io: Io, file: string) {
  const [{ makeCatalog }, { readSite }, { lintSite }, { builtInChecks }] = await Promise.all([
    import('../app/catalog.ts'),
    import('../app/read-site.ts'),
    import('../site/lint.ts'),
    import('../site/documented.ts'),
  ]);
  const catalog = makeCatalog();
  const { site, findings: mistakes } = await readSite(file, catalog.siteSchemas);
  const findings = site === undefined ? mistakes : [...mistakes, ...lintSite(site, catalog.rules)];
  const render = (reason: Reason): string => renderReason(reason, catalog.reasonTables, io.language);
  return { findings, checks: [...builtInChecks, ...catalog.rules], render };
}

/** Reads a file once, however many findings it has. */
function linesOf(io: Io): (file: string) => readonly string[] | undefined {
  const read = new Map<string, readonly string[] | undefined>();
  return (file) => {
    if (!read.has(file)) read.set(file, tryLines(resolve(io.cwd, file)));
    return read.get(file);
  };
}

function tryLines(path: string): readonly string[] | undefined {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .split('\n');
  } catch {
    return undefined;
  }
}

function count(findings: readonly Finding[]): Record<Severity | 'suppressed', number> {
  const counts = { error: 0, warning: 0, info: 0, suppressed: 0 };
  for (const { severity, suppressed } of findings)
    counts[suppressed === undefined ? severity : 'suppressed']++;
  return counts;
}

function summary(io: Io, file: string, findings: readonly Finding[]): string {
  const { error, warning, info, suppressed } = count(findings);
  if (io.language === 'zh') {
    return error + warning + info === 0
      ? `${file}：没有问题${suppressed > 0 ? `（已接受 ${suppressed} 项）` : ''}`
      : `${file}：${error} 个错误，${warning} 个警告，${info} 个提示，已接受 ${suppressed} 项`;
  }
  const many = (amount: number, word: string): string => `${amount} ${word}${amount === 1 ? '' : 's'}`;
  const accepted = `${suppressed} accepted`;
  return error + warning + info === 0
    ? `${file}: nothing to mend${suppressed > 0 ? ` (${accepted})` : ''}`
    : `${file}: ${many(error, 'error')}, ${many(warning, 'warning')}, ${info} info, ${accepted}`;
}

function asJson(file: string, findings: readonly Finding[], render: (reason: Reason) => string): unknown {
  return {
    file,
    counts: count(findings),
    findings: findings.map(({ rule, severity, because, hint, position, suppressed }) => ({
      rule,
      severity,
      message: render(because),
      hint: render(hint),
      reason: because,
      ...position,
      ...(suppressed === undefined ? {} : { suppressed }),
    })),
  };
}

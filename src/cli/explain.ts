/** `holdfast explain`: what a check finds or an error means, what goes wrong if it is ignored, and the mend. */
import type { Command } from 'commander';
import type { ErrorText } from '../base/error-table.ts';
import { nearest } from '../base/nearest.ts';
import type { Sentence } from '../base/reason.ts';
import type { Documented } from '../site/documented.ts';
import { displayWidth } from '../site/width.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { paint } from './paint.ts';
import { SEVERITIES } from './render/findings.ts';
import { say } from './say.ts';

/** Adds the options; an unknown rule or code exits 2. */
export function configure(command: Command, run: Runner): void {
  command
    .argument(
      '[what]',
      'a rule (HF012, ttl-over-target) or the code of an error (host/key-changed); without it, the list of rules',
    )
    .option('--json', 'as JSON')
    .action(
      run(async (io, wanted: string | undefined, options: { json?: boolean }) =>
        explain(io, wanted, options.json === true),
      ),
    );
}

async function explain(io: Io, wanted: string | undefined, asJson: boolean): Promise<ExitCode> {
  const [{ makeCatalog }, { builtInChecks }, { allErrorTables }] = await Promise.all([
    import('../app/catalog.ts'),
    import('../site/documented.ts'),
    import('./error-tables.ts'),
  ]);
  const checks = [...builtInChecks, ...makeCatalog().rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  if (wanted === undefined) {
    io.out(asJson ? json(checks.map(plain)) : list(io, checks));
    return exitCodes.done;
  }
  const check = checks.find(({ id, name }) => id === wanted.toUpperCase() || name === wanted);
  if (check !== undefined) {
    io.out(asJson ? json(plain(check)) : describe(io, check));
    return exitCodes.done;
  }
  const errors = new Map(allErrorTables.flatMap((table) => Object.entries(table)));
  const entry = errors.get(wanted);
  if (entry === undefined) {
    return refuse(io, wanted, [...checks.flatMap(({ id, name }) => [id, name]), ...errors.keys()]);
  }
  io.out(asJson ? json({ code: wanted, ...entry }) : describeError(io, wanted, entry[io.language]));
  return exitCodes.done;
}

function refuse(io: Io, wanted: string, known: readonly string[]): ExitCode {
  const meant = nearest(wanted, known);
  io.err(`${say(io, TEXT.unknown, { wanted })}\n`);
  io.err(`→ ${meant === undefined ? TEXT.listed[io.language] : say(io, TEXT.meant, { meant })}\n`);
  return exitCodes.usage;
}

function describeError(io: Io, code: string, { what, mend }: ErrorText): string {
  const width = Math.min(io.columns, 100);
  return `${paint(io, 'bold', code)}\n${wrap(what, width)}\n\n${wrap(`→ ${mend}`, width)}\n`;
}

function list(io: Io, checks: readonly Documented[]): string {
  const width = Math.max(...Object.values(SEVERITIES).map((word) => displayWidth(word[io.language])));
  const lines = checks.map(({ id, severity, title }) => {
    const gap = ' '.repeat(width - displayWidth(SEVERITIES[severity][io.language]) + 2);
    return `${paint(io, 'bold', id)}  ${severityOf(io, severity)}${gap}${title[io.language]}\n`;
  });
  return lines.join('');
}

function severityOf(io: Io, severity: Documented['severity']): string {
  const word = SEVERITIES[severity];
  return paint(io, word.colour, word[io.language]);
}

const TEXT = {
  unknown: {
    en: "there is no rule and no error code '{wanted}'",
    zh: '没有名为“{wanted}”的规则或错误代码',
  },
  meant: { en: "Did you mean '{meant}'?", zh: '是否想写“{meant}”？' },
  listed: {
    en: "'holdfast explain' lists the rules; docs/reference/errors.md has the codes of errors.",
    zh: 'holdfast explain 会列出规则；错误代码见 docs/zh/reference/errors.md。',
  },
  accept: {
    en: 'To accept it, say why in the site file:',
    zh: '若要接受，请在站点文件中说明理由：',
  },
  never: {
    en: 'Cannot be suppressed: nothing is done with a file that has it.',
    zh: '不可抑制：存在此问题的文件不会被执行。',
  },
} satisfies Record<string, Sentence>;

function describe(io: Io, { id, name, severity, title, explanation }: Documented): string {
  const heading = paint(io, 'bold', `${id} ${name}`);
  const isMistake = /^HF00[1-8]$/.test(id);
  const suppress = `\n  lint: { suppress: [{ rule: ${id}, path: …, because: "…" }] }`;
  return [
    `${heading} (${severityOf(io, severity)})`,
    title[io.language],
    '',
    wrap(explanation[io.language], Math.min(io.columns, 100)),
    '',
    isMistake ? TEXT.never[io.language] : TEXT.accept[io.language] + suppress,
    '',
  ].join('\n');
}

/** Breaks at spaces; Chinese has none and is left to the terminal. */
function wrap(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) as string;
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}

function plain({ id, name, severity, title, explanation }: Documented): Documented {
  return { id, name, severity, title, explanation };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** `holdfast explain`: what a check finds, what goes wrong if it is ignored, and the mend. */
import type { Command } from 'commander';
import type { Sentence } from '../base/reason.ts';
import { UnknownNameError } from '../base/registry.ts';
import type { Documented } from '../site/documented.ts';
import { displayWidth } from '../site/width.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { paint } from './paint.ts';
import { SEVERITIES } from './render/findings.ts';

/** Adds the options; an unknown rule exits 2. */
export function configure(command: Command, run: Runner): void {
  command
    .argument('[rule]', 'an id such as HF012, or a name such as ttl-over-target; without it, the list')
    .option('--json', 'as JSON')
    .action(
      run(async (io, wanted: string | undefined, options: { json?: boolean }) =>
        explain(io, wanted, options.json === true),
      ),
    );
}

async function explain(io: Io, wanted: string | undefined, asJson: boolean): Promise<ExitCode> {
  const [{ makeCatalog }, { builtInChecks }] = await Promise.all([
    import('../app/catalog.ts'),
    import('../site/documented.ts'),
  ]);
  const checks = [...builtInChecks, ...makeCatalog().rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  if (wanted === undefined) {
    io.out(asJson ? json(checks.map(plain)) : list(io, checks));
    return exitCodes.done;
  }
  const check = checks.find(({ id, name }) => id === wanted.toUpperCase() || name === wanted);
  if (check === undefined) return refuse(io, wanted, checks);
  io.out(asJson ? json(plain(check)) : describe(io, check));
  return exitCodes.done;
}

function refuse(io: Io, wanted: string, checks: readonly Documented[]): ExitCode {
  const names = checks.flatMap(({ id, name }) => [id, name]);
  const { message, hint } = new UnknownNameError('rule', wanted, names);
  const meant = hint.startsWith('Did you mean') ? hint : "'holdfast explain' lists them.";
  io.err(`${message}\n→ ${meant}\n`);
  return exitCodes.usage;
}

function list(io: Io, checks: readonly Documented[]): string {
  const width = Math.max(...Object.values(SEVERITIES).map((word) => displayWidth(word[io.language])));
  const lines = checks.map(({ id, severity, title }) => {
    const gap = ' '.repeat(width - displayWidth(SEVERITIES[severity][io.language]) + 2);
    return `${paint(io, 1, id)}  ${severityOf(io, severity)}${gap}${title[io.language]}\n`;
  });
  return lines.join('');
}

function severityOf(io: Io, severity: Documented['severity']): string {
  const word = SEVERITIES[severity];
  return paint(io, word.colour, word[io.language]);
}

const TEXT = {
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
  const heading = paint(io, 1, `${id} ${name}`);
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

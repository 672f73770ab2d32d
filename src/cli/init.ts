/** `holdfast init`: writes a commented site file to begin with, and never over an existing one. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type HoldfastError, messageOf, systemCode } from '../base/errors.ts';
import type { Runner } from './command.ts';
import { CliError } from './error.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import type { Layout } from './layouts/layout.ts';
import { layouts } from './layouts.ts';

interface InitOptions {
  readonly file: string;
  readonly list?: boolean;
  readonly stdout?: boolean;
}

/** Adds the options; exits 4 where the file exists, 2 for an unknown layout. */
export function configure(command: Command, run: Runner): void {
  command
    .argument('[layout]', 'which layout, see --list', layouts.names[0])
    .option('-f, --file <site.yaml>', 'where to write it', 'site.yaml')
    .option('--list', 'list the layouts')
    .option('--stdout', 'print it instead of writing it')
    .action(run(async (io, wanted: string, options: InitOptions) => init(io, wanted, options)));
}

async function init(io: Io, wanted: string, options: InitOptions): Promise<ExitCode> {
  if (options.list) {
    const width = Math.max(...layouts.names.map((name) => name.length)) + 2;
    for (const { name, summary } of layouts) io.out(`${name.padEnd(width)}${summary[io.language]}\n`);
    return exitCodes.done;
  }
  const layout = layouts.find(wanted);
  if (layout === undefined) return refuseLayout(io, wanted);
  const text = layout.render((en, zh) => (io.language === 'zh' ? zh : en));
  if (options.stdout) {
    io.out(text);
    return exitCodes.done;
  }
  return write(io, options.file, layout, text);
}

function refuseLayout(io: Io, wanted: string): ExitCode {
  try {
    layouts.get(wanted);
  } catch (error) {
    const hint = (error as HoldfastError).hint;
    io.err(`${messageOf(error)}\n→ ${hint}\n`);
  }
  return exitCodes.usage;
}

async function write(io: Io, file: string, layout: Layout, text: string): Promise<ExitCode> {
  try {
    // 'wx': fails where the file exists, without a moment in which it could appear unseen.
    await writeFile(resolve(io.cwd, file), text, { flag: 'wx' });
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') {
      io.err(
        io.language === 'zh'
          ? `${file} 已存在，未做改动\n→ 请用 -f 指定其他文件名。\n`
          : `${file} exists and was left as it is\n→ Name another file with -f.\n`,
      );
      return exitCodes.refused;
    }
    throw new CliError({
      code: 'cli/init-failed',
      message: `cannot write ${file}`,
      expected: 'a folder that you may write to',
      got: messageOf(cause),
      hint: 'Name a file in another folder with -f.',
      cause,
    });
  }
  io.out(
    io.language === 'zh'
      ? `已写入 ${file}（${layout.name}）\n→ 填写自己的主机和域名，然后运行 holdfast lint -f ${file}\n`
      : `wrote ${file} (${layout.name})\n→ Fill in your hosts and names, then: holdfast lint -f ${file}\n`,
  );
  return exitCodes.done;
}

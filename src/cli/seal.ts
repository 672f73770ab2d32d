/** `holdfast seal <file> <key>`: encrypts one secret into a sealed file, for `sealed:/path#key` in the site file. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type HoldfastError, messageOf, systemCode } from '../base/errors.ts';
import type { Sentence } from '../base/reason.ts';
import { Secret } from '../base/secret.ts';
import { isSealedKey, sealValue } from '../site/sealed-file.ts';
import { sealPassphrase } from '../site/secret-ref.ts';
import { replaceFile } from '../store/durable.ts';
import type { Runner } from './command.ts';
import { CliError } from './error.ts';
import { type HiddenInput, openHiddenInput } from './hidden-input.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { say } from './say.ts';

const WORDS = {
  value: { en: "value of '{key}'", zh: '“{key}”的值' },
  passphrase: { en: 'passphrase of {path}', zh: '{path} 的口令' },
  again: { en: 'once more', zh: '再输入一次' },
  added: { en: "added '{key}' to {path}", zh: '已将“{key}”加入 {path}' },
  replaced: { en: "replaced '{key}' in {path}", zh: '已替换 {path} 中的“{key}”' },
  use: { en: 'in the site file: {reference}', zh: '在站点文件中写：{reference}' },
} satisfies Record<string, Sentence>;

export function configure(command: Command, run: Runner): void {
  command
    .argument('<file>', 'the sealed file; made where there is none')
    .argument('<key>', 'the name of the secret in it')
    .action(
      run((io: Io, file: string, key: string) =>
        seal(io, file, key, openHiddenInput(process.stdin, process.stderr)),
      ),
    );
}

/**
 * Seals one value.
 * @throws CliError, SecretError
 */
export async function seal(io: Io, file: string, key: string, input: HiddenInput): Promise<ExitCode> {
  const path = resolve(io.cwd, file);
  if (!isSealedKey(key)) throw badKey(key);
  const old = await readIfThere(path);
  const passphrase = await passphraseOf(io, path, old === undefined, input);
  const value = await readValue(io, key, input);
  const sealed = await sealValue(path, old, key, value, passphrase);
  await replaceFile(path, sealed).catch((cause: unknown) => {
    throw unusable('write', path, cause);
  });
  // What sealValue took is a sealed file.
  const hadKey = old !== undefined && Object.hasOwn((JSON.parse(old) as { values: object }).values, key);
  io.err(`${say(io, hadKey ? WORDS.replaced : WORDS.added, { key, path })}\n`);
  io.err(`${say(io, WORDS.use, { reference: `sealed:${path}#${key}` })}\n`);
  return exitCodes.done;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw unusable('read', path, cause);
  }
}

/** Asked for on a terminal where the environment gives none; twice for a new file, because nothing can check it. */
async function passphraseOf(io: Io, path: string, isNew: boolean, input: HiddenInput): Promise<Secret> {
  try {
    return await sealPassphrase({
      env: io.env,
      readFile: (file) => readFile(file),
      stat: (file) => stat(file),
    });
  } catch (error) {
    if (input.ask === undefined || (error as HoldfastError).code !== 'secret/no-passphrase') throw error;
  }
  return new Secret('terminal', await askTwice(io, say(io, WORDS.passphrase, { path }), isNew, input.ask));
}

async function readValue(io: Io, key: string, input: HiddenInput): Promise<Secret> {
  const text =
    input.ask === undefined
      ? (await input.readAll()).replace(/\r?\n$/, '')
      : await askTwice(io, say(io, WORDS.value, { key }), true, input.ask);
  if (text !== '') return new Secret('stdin', text);
  throw new CliError({
    code: 'seal/empty',
    message: 'the secret is empty',
    expected: 'a value on standard input',
    hint: 'Pipe it in: `holdfast seal FILE KEY <FILE-WITH-SECRET`.',
  });
}

async function askTwice(
  io: Io,
  question: string,
  twice: boolean,
  ask: (question: string) => Promise<string>,
): Promise<string> {
  const first = await ask(`${question}: `);
  if (!twice || (await ask(`${say(io, WORDS.again)}: `)) === first) return first;
  throw new CliError({
    code: 'seal/typed-differently',
    message: 'the two are not the same',
    expected: 'the same twice',
    hint: 'Try again.',
  });
}

function unusable(verb: 'read' | 'write', path: string, cause: unknown): CliError {
  return new CliError({
    code: verb === 'read' ? 'seal/cannot-read' : 'seal/cannot-write',
    message: `cannot ${verb} ${path}`,
    expected: `a file that can be ${verb === 'read' ? 'read' : 'written'}`,
    got: messageOf(cause),
    hint: 'Check that its folder exists and that you may write there, and that the disk is not full.',
    cause,
  });
}

function badKey(key: string): CliError {
  return new CliError({
    code: 'seal/bad-key',
    message: `'${key}' cannot be the name of a secret`,
    expected: 'letters, digits, dots, dashes, underscores and slashes, beginning with a letter or digit',
    hint: 'Choose a name such as db-root.',
  });
}

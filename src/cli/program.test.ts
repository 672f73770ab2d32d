import { describe, expect, it } from 'vitest';
import { fakeIo } from '../../test/fake-io.ts';
import { HoldfastError } from '../base/errors.ts';
import { commands } from './commands.ts';
import { renderFailure } from './failure.ts';
import { runCli, VERSION } from './program.ts';
import { languageOf } from './terminal.ts';

describe('holdfast', () => {
  it('lists every command in --help, in both languages', async () => {
    const english = fakeIo();
    const chinese = fakeIo({ language: 'zh' });

    expect(await runCli(['--help'], english)).toBe(0);
    expect(await runCli([], chinese)).toBe(0);

    for (const { name, summary } of commands) {
      expect(english.written.out).toContain(`  ${name} `);
      expect(english.written.out).toContain(summary.en);
      expect(chinese.written.out).toContain(summary.zh);
    }
  });

  it('suggests the command that was meant, and exits 2', async () => {
    const io = fakeIo();

    expect(await runCli(['stauts'], io)).toBe(2);

    expect(io.written.err).toContain("did you mean 'holdfast status'?");
    expect(io.written.out).toBe('');
  });

  it('prints its version', async () => {
    const io = fakeIo();

    await runCli(['--version'], io);

    expect(io.written.out).toBe(`holdfast ${VERSION}\n`);
  });

  it.each(commands.map((command) => [command.name]))('%s --help says what it takes', async (name) => {
    const io = fakeIo();

    expect(await runCli([name, '--help'], io)).toBe(0);
    expect(io.written.out).toContain(`Usage: holdfast ${name}`);
  });

  it.each(commands.map((command) => [command.name]))(
    '%s refuses an option it does not know, and exits 2',
    async (name) => {
      const io = fakeIo();

      expect(await runCli([name, '--no-such-option'], io)).toBe(2);
      expect(io.written.err).toContain('--no-such-option');
    },
  );
});

describe('renderFailure', () => {
  const failure = new HoldfastError({
    code: 'host/unreachable',
    message: 'cannot reach the host',
    where: { host: 'db1', step: 'db1/hosts-file', position: { file: 'site.yaml', line: 3, column: 5 } },
    expected: 'an SSH banner',
    got: 'nothing within 10 s',
    evidence: 'debug: connecting',
    hint: 'Check the address.',
  });

  it('says what failed and where, expected against got, and what to do', () => {
    expect(renderFailure(fakeIo(), failure, false)).toBe(
      [
        'error: cannot reach the host (host db1, step db1/hosts-file, site.yaml:3:5)',
        '  expected: an SSH banner',
        '  got: nothing within 10 s',
        '  → Check the address. [host/unreachable]',
        '',
      ].join('\n'),
    );
  });

  it('shows evidence with --verbose only', () => {
    expect(renderFailure(fakeIo(), failure, true)).toContain('  | debug: connecting');
  });

  it('never shows a stack', () => {
    expect(renderFailure(fakeIo(), new TypeError('x is not a function'), true)).not.toContain('    at ');
  });
});

describe('languageOf', () => {
  it.each([
    [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
    [{ LANG: 'en_US.UTF-8' }, 'en'],
    [{ LANG: 'zh_CN.UTF-8', HOLDFAST_LANG: 'en' }, 'en'],
    [{}, 'en'],
  ] as const)('reads %j as %s', (env, language) => {
    expect(languageOf(env)).toBe(language);
  });
});

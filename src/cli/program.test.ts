import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

  it('says so in Chinese to who reads Chinese', async () => {
    const io = fakeIo({ language: 'zh' });

    expect(await runCli(['stauts'], io)).toBe(2);

    expect(io.written.err).toBe(
      '没有命令“stauts”；是否想写“holdfast status”？\n→ holdfast --help 会列出全部命令。\n',
    );
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

describe('a site file with mistakes', () => {
  const MISTAKES = `apiVersion: holdfast/v1
kind: Sight
metadata: { name: test }
hosts:
  here: { adress: 127.0.0.1, transport: local }
`;
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-program-'));
    file = join(folder, 'site.yaml');
    await writeFile(file, MISTAKES);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([['plan'], ['apply'], ['watch'], ['status'], ['verify'], ['facts'], ['runs'], ['switch', 'here']])(
    'is shown by %s as by lint, every mistake with its line, and exits 2',
    async (...command) => {
      const lint = fakeIo();
      const io = fakeIo();
      await runCli(['lint', '-f', file], lint);

      expect(await runCli([...command, '-f', file], io)).toBe(2);

      const blocks = lint.written.out.split('\n\n').slice(0, 2);
      expect(blocks[0]).toContain(`${file}:2:7 error HF004`);
      expect(blocks[1]).toContain(`${file}:5:11 error HF003`);
      for (const block of blocks) expect(io.written.err).toContain(block.trimEnd());
      expect(io.written.out).toBe('');
    },
  );

  it('is data with --json', async () => {
    const io = fakeIo();

    expect(await runCli(['plan', '--json', '-f', file], io)).toBe(2);

    const { refused } = JSON.parse(io.written.out) as { refused: { rule: string }[] };
    expect(refused.map(({ rule }) => rule)).toEqual(['HF004', 'HF003']);
  });
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

  it('says in Chinese what such a failure is and what mends it, around what the error itself says', () => {
    expect(renderFailure(fakeIo({ language: 'zh' }), failure, false)).toBe(
      [
        '错误：主机在其地址和端口上没有应答。（主机 db1，步骤 db1/hosts-file，site.yaml:3:5）',
        '  详情：cannot reach the host',
        '  期望：an SSH banner',
        '  实际：nothing within 10 s',
        '  提示：Check the address.',
        '  → 请检查地址、途经的网络（防火墙、VPN、跳板机）以及机器是否在运行。 [host/unreachable]',
        '',
      ].join('\n'),
    );
  });

  it('says what the error itself says where its code is of another version of Holdfast', () => {
    const newer = new HoldfastError({ code: 'host/newer', message: 'something new', hint: 'Upgrade.' });

    expect(renderFailure(fakeIo({ language: 'zh' }), newer, false)).toBe(
      '错误：something new\n  → Upgrade. [host/newer]\n',
    );
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

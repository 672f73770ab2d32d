import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeIo, fakeIo } from '../../test/fake-io.ts';
import { resolveSecret, type SecretRef } from '../site/secret-ref.ts';
import { type HiddenInput, openHiddenInput } from './hidden-input.ts';
import { seal } from './seal.ts';

let cwd: string;
let io: FakeIo;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'holdfast-seal-'));
  io = fakeIo({ cwd, env: { HOLDFAST_SEAL_PASSPHRASE: 'open sesame' } });
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const piped = (text: string): HiddenInput => ({ readAll: async () => text });
const typed = (...lines: string[]): HiddenInput & { asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    readAll: async () => '',
    ask: async (question) => {
      asked.push(question);
      return lines.shift() ?? '';
    },
  };
};
const open = async (reference: string): Promise<string> =>
  (
    await resolveSecret(reference as SecretRef, {
      env: { HOLDFAST_SEAL_PASSPHRASE: 'open sesame' },
      readFile: (path) => readFile(path),
      stat: (path) => stat(path),
    })
  ).reveal();

describe('holdfast seal', () => {
  it('seals what is piped in, 0600, and says how to refer to it without saying it', async () => {
    expect(await seal(io, 'secrets.json', 'db-root', piped('hush\n'))).toBe(0);

    const path = join(cwd, 'secrets.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await open(`sealed:${path}#db-root`)).toBe('hush');
    expect(io.written.err).toContain(`sealed:${path}#db-root`);
    expect(`${io.written.err}${io.written.out}${await readFile(path, 'utf8')}`).not.toContain('hush');
    expect(await readdir(cwd)).toEqual(['secrets.json']);
  });

  it('adds to a file and replaces in it', async () => {
    await seal(io, 's', 'a', piped('1'));
    await seal(io, 's', 'b', piped('2'));
    await seal(io, 's', 'a', piped('3'));

    expect([await open(`sealed:${join(cwd, 's')}#a`), await open(`sealed:${join(cwd, 's')}#b`)]).toEqual([
      '3',
      '2',
    ]);
    expect(io.written.err).toContain("replaced 'a'");
  });

  it('asks on a terminal: the passphrase of a new file and the value twice each', async () => {
    io = fakeIo({ cwd });
    const input = typed('open sesame', 'open sesame', 'hush', 'hush');
    expect(await seal(io, 's', 'a', input)).toBe(0);
    expect(input.asked).toHaveLength(4);
    expect(await open(`sealed:${join(cwd, 's')}#a`)).toBe('hush');

    const again = typed('open sesame', 'hush', 'hush');
    await seal(io, 's', 'b', again);
    expect(again.asked).toHaveLength(3);
  });

  it('writes nothing where the two lines differ, the value is empty, or the key is none', async () => {
    await expect(seal(io, 's', 'a', typed('one', 'two'))).rejects.toMatchObject({
      code: 'seal/typed-differently',
    });
    await expect(seal(io, 's', 'a', piped('\n'))).rejects.toMatchObject({ code: 'seal/empty' });
    await expect(seal(io, 's', 'a b', piped('x'))).rejects.toMatchObject({ code: 'seal/bad-key' });
    await expect(seal(io, 's', '__proto__', piped('x'))).rejects.toMatchObject({ code: 'seal/bad-key' });
    expect(await readdir(cwd)).toEqual([]);
  });

  it('asks for nothing without a terminal, and says what is missing', async () => {
    await expect(seal(fakeIo({ cwd }), 's', 'a', piped('x'))).rejects.toMatchObject({
      code: 'secret/no-passphrase',
    });
  });

  it('leaves a file alone that it cannot open or did not make', async () => {
    await seal(io, 's', 'a', piped('1'));
    const before = await readFile(join(cwd, 's'), 'utf8');
    const other = fakeIo({ cwd, env: { HOLDFAST_SEAL_PASSPHRASE: 'another' } });
    await expect(seal(other, 's', 'b', piped('2'))).rejects.toMatchObject({
      code: 'secret/wrong-passphrase',
    });
    expect(await readFile(join(cwd, 's'), 'utf8')).toBe(before);

    await writeFile(join(cwd, 'site.yaml'), 'kind: Site');
    await expect(seal(io, 'site.yaml', 'a', piped('1'))).rejects.toMatchObject({
      code: 'secret/broken-file',
    });
    expect(await readFile(join(cwd, 'site.yaml'), 'utf8')).toBe('kind: Site');
    await expect(seal(io, 'no/such/s', 'a', piped('1'))).rejects.toMatchObject({ code: 'seal/cannot-write' });
    await expect(seal(io, '.', 'a', piped('1'))).rejects.toMatchObject({ code: 'seal/cannot-read' });
  });
});

describe('hidden input', () => {
  /** A terminal that is typed on; `raw` shows whether it echoes. */
  function terminal() {
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      raw: false,
      setRawMode(raw: boolean) {
        this.raw = raw;
      },
    });
    const output = new PassThrough().setEncoding('utf8');
    const hidden = openHiddenInput(
      input as unknown as NodeJS.ReadStream,
      output as unknown as NodeJS.WriteStream,
    );
    return { input, output, ask: hidden.ask as (question: string) => Promise<string> };
  }

  it('gives the line that was typed, with what was taken back, and echoes none of it', async () => {
    const { input, output, ask } = terminal();
    const answer = ask('pw: ');
    expect(input.raw).toBe(true);
    input.write('wrong\u0015hux\u007fsh中\u007f\r');
    expect(await answer).toBe('hush');
    expect(input.raw).toBe(false);
    expect(output.read()).toBe('pw: \n');
  });

  it('keeps for the next question what was typed ahead', async () => {
    const { input, ask } = terminal();
    const first = ask('1: ');
    input.write('one\ntwo\n');
    expect([await first, await ask('2: ')]).toEqual(['one', 'two']);
  });

  it('can be left by Ctrl-C, and gives the terminal back', async () => {
    const { input, ask } = terminal();
    const answer = ask('pw: ');
    input.write('abc\u0003');
    await expect(answer).rejects.toMatchObject({ code: 'base/interrupted' });
    expect(input.raw).toBe(false);
  });

  it('reads a pipe to its end, whatever the bytes are cut into', async () => {
    const input = new PassThrough();
    const hidden = openHiddenInput(input as unknown as NodeJS.ReadStream, process.stderr);
    expect(hidden.ask).toBeUndefined();
    const bytes = Buffer.from('密码');
    input.write(bytes.subarray(0, 2));
    input.end(bytes.subarray(2));
    expect(await hidden.readAll()).toBe('密码');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../base/secret.ts';
import { sealValue } from './sealed-file.ts';
import { isSecretRef, resolveSecret, type SecretRef, type SecretSources } from './secret-ref.ts';

interface FakeFile {
  readonly text: string | Uint8Array;
  readonly mode?: number;
}

function sources(
  env: Record<string, string> = {},
  files: Record<string, FakeFile | Error> = {},
): SecretSources {
  const find = (path: string): FakeFile => {
    const file = files[path];
    if (file instanceof Error) throw file;
    if (file === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return file;
  };
  return {
    env,
    readFile: async (path) => Buffer.from(find(path).text as string),
    stat: async (path) => ({ mode: 0o100000 | (find(path).mode ?? 0o600) }),
  };
}
const reveal = async (reference: string, from: SecretSources): Promise<string> =>
  (await resolveSecret(reference as SecretRef, from)).reveal();

const passphrase = new Secret('env:HOLDFAST_SEAL_PASSPHRASE', 'open sesame');
const seal = (text: string | undefined, key: string, value: string): Promise<string> =>
  sealValue('/s', text, key, new Secret('stdin', value), passphrase);

describe('env:', () => {
  it('gives the value of a variable', async () => {
    expect(await reveal('env:DB', sources({ DB: ' p w ' }))).toBe(' p w ');
  });

  it('refuses one that is not set or empty, and names it', async () => {
    await expect(reveal('env:DB', sources())).rejects.toMatchObject({
      code: 'secret/not-set',
      message: expect.stringContaining('DB'),
    });
    await expect(reveal('env:DB', sources({ DB: '' }))).rejects.toMatchObject({ code: 'secret/empty' });
  });
});

describe('file:', () => {
  it('takes one newline off the end, and nothing else', async () => {
    expect(await reveal('file:/s', sources({}, { '/s': { text: 'pw\n' } }))).toBe('pw');
    expect(await reveal('file:/s', sources({}, { '/s': { text: 'pw\r\n' } }))).toBe('pw');
    expect(await reveal('file:/s', sources({}, { '/s': { text: ' pw \n\n' } }))).toBe(' pw \n');
  });

  it('finds a file in the home folder', async () => {
    expect(await reveal('file:~/s', sources({ HOME: '/home/me' }, { '/home/me/s': { text: 'pw' } }))).toBe(
      'pw',
    );
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o610])(
    'refuses a file that others may use (mode %o)',
    async (mode) => {
      const error = await reveal('file:/s', sources({}, { '/s': { text: 'hush', mode } })).catch(
        (caught) => caught,
      );
      expect(error).toMatchObject({ code: 'secret/too-open', hint: expect.stringContaining('chmod 600 /s') });
    },
  );

  it.each([0o600, 0o400, 0o700])('takes a file that only its owner may use (mode %o)', async (mode) => {
    expect(await reveal('file:/s', sources({}, { '/s': { text: 'pw', mode } }))).toBe('pw');
  });

  it('tells a missing file, a forbidden one, an empty one and one that is no text', async () => {
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    const from = sources(
      {},
      { '/no': denied, '/empty': { text: '\n' }, '/bytes': { text: Buffer.from([0xff, 0xfe]) } },
    );
    await expect(reveal('file:/absent', from)).rejects.toMatchObject({
      code: 'secret/unreadable',
      got: 'there is no such file',
    });
    await expect(reveal('file:/no', from)).rejects.toMatchObject({
      code: 'secret/unreadable',
      got: expect.stringContaining('EACCES'),
    });
    await expect(reveal('file:/empty', from)).rejects.toMatchObject({ code: 'secret/empty' });
    await expect(reveal('file:/bytes', from)).rejects.toMatchObject({ code: 'secret/unreadable' });
  });
});

describe('sealed:', () => {
  const env = { HOLDFAST_SEAL_PASSPHRASE: 'open sesame' };

  it('gives back what was sealed, whatever it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (value) => {
        const text = await seal(undefined, 'k', value);
        expect(await reveal('sealed:/s#k', sources(env, { '/s': { text, mode: 0o644 } }))).toBe(value);
        if (value.length > 8) expect(text).not.toContain(value);
      }),
      { numRuns: 5 },
    );
  });

  it('keeps several values in one file, sorted, each replaceable', async () => {
    let text = await seal(undefined, 'zeta', '1');
    text = await seal(text, 'alpha', '2');
    text = await seal(text, 'zeta', '3');
    expect(Object.keys(JSON.parse(text).values)).toEqual(['alpha', 'zeta']);
    const from = sources(env, { '/s': { text } });
    expect(await reveal('sealed:/s#zeta', from)).toBe('3');
    expect(await reveal('sealed:/s#alpha', from)).toBe('2');
  });

  it('never encrypts the same value to the same bytes', async () => {
    const text = await seal(await seal(undefined, 'a', 'same'), 'b', 'same');
    const { a, b } = JSON.parse(text).values;
    expect(a.nonce).not.toBe(b.nonce);
    expect(a.data).not.toBe(b.data);
  });

  it('takes the passphrase from a 0600 file, and not from an open one', async () => {
    const text = await seal(undefined, 'k', 'v');
    const withKey = (mode: number): SecretSources =>
      sources(
        { HOLDFAST_SEAL_KEY_FILE: '/key' },
        { '/s': { text }, '/key': { text: 'open sesame\n', mode } },
      );
    expect(await reveal('sealed:/s#k', withKey(0o400))).toBe('v');
    await expect(reveal('sealed:/s#k', withKey(0o444))).rejects.toMatchObject({ code: 'secret/too-open' });
  });

  it('tells a missing passphrase, a wrong one, and a key that was mistyped', async () => {
    const text = await seal(undefined, 'db-root', 'v');
    const files = { '/s': { text } };
    await expect(reveal('sealed:/s#db-root', sources({}, files))).rejects.toMatchObject({
      code: 'secret/no-passphrase',
    });
    const wrong = sources({ HOLDFAST_SEAL_PASSPHRASE: 'close sesame' }, files);
    const error = await reveal('sealed:/s#db-root', wrong).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'secret/wrong-passphrase' });
    expect(JSON.stringify([error, error.message, error.got, error.hint])).not.toContain('sesame');
    await expect(reveal('sealed:/s#db-rot', sources(env, files))).rejects.toMatchObject({
      code: 'secret/no-such-key',
      hint: "Did you mean 'db-root'?",
    });
    await expect(reveal('sealed:/s#toString', sources(env, files))).rejects.toMatchObject({
      code: 'secret/no-such-key',
    });
  });

  it('will not mix two passphrases in one file', async () => {
    const text = await seal(undefined, 'a', '1');
    await expect(
      sealValue('/s', text, 'b', new Secret('stdin', '2'), new Secret('env:X', 'other')),
    ).rejects.toMatchObject({
      code: 'secret/wrong-passphrase',
    });
  });

  it('notices values that were swapped, and any bit that was changed', async () => {
    const file = JSON.parse(await seal(await seal(undefined, 'a', 'one'), 'b', 'two'));
    const swapped = { ...file, values: { a: file.values.b, b: file.values.a } };
    const open = (json: unknown): Promise<string> =>
      reveal('sealed:/s#a', sources(env, { '/s': { text: JSON.stringify(json) } }));
    await expect(open(swapped)).rejects.toMatchObject({ code: 'secret/wrong-passphrase' });
    for (const field of ['nonce', 'data', 'tag']) {
      const bytes = Buffer.from(file.values.a[field], 'base64');
      bytes[0] = (bytes[0] as number) ^ 1;
      const forged = { ...file, values: { a: { ...file.values.a, [field]: bytes.toString('base64') } } };
      await expect(open(forged)).rejects.toMatchObject({ code: 'secret/wrong-passphrase' });
    }
    const shortTag = {
      ...file.values.a,
      tag: Buffer.from(file.values.a.tag, 'base64').subarray(0, 4).toString('base64'),
    };
    await expect(open({ ...file, values: { a: shortTag } })).rejects.toMatchObject({
      code: 'secret/wrong-passphrase',
    });
  });

  it('refuses what is no sealed file, and costs that a forger would choose', async () => {
    const file = JSON.parse(await seal(undefined, 'a', 'one'));
    for (const text of [
      '',
      'password: x',
      '{}',
      '[]',
      JSON.stringify({ ...file, format: 'holdfast-sealed/v2' }),
      JSON.stringify({ ...file, kdf: { ...file.kdf, N: 2 ** 30 } }),
      JSON.stringify({ ...file, kdf: { ...file.kdf, N: 32_767 } }),
    ]) {
      await expect(reveal('sealed:/s#a', sources(env, { '/s': { text } }))).rejects.toMatchObject({
        code: 'secret/broken-file',
      });
    }
  });
});

describe('a reference', () => {
  it('is told from a password by its form, and a password is not printed in the error', async () => {
    expect(['env:A_1', 'file:/x', 'sealed:/x#y'].every(isSecretRef)).toBe(true);
    expect(['', 'hunter2', 'env:', 'env:1A', 'env:A B', 'sealed:/x', 'file:'].some(isSecretRef)).toBe(false);
    const error = await reveal('hunter2', sources()).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'secret/bad-reference' });
    expect(JSON.stringify([error.message, error.got])).not.toContain('hunter2');
  });

  it('gives a secret that prints as its reference', async () => {
    const secret = await resolveSecret('env:DB', sources({ DB: 'hush' }));
    expect(`${secret} ${JSON.stringify(secret)}`).not.toContain('hush');
    expect(String(secret)).toBe('<env:DB>');
  });
});

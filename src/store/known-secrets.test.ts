import { expect, test } from 'vitest';
import { Secret } from '../base/secret.ts';
import { KnownSecrets } from './known-secrets.ts';

const VALUE = 'p"ss wörd/42';
function known(): KnownSecrets {
  const secrets = new KnownSecrets();
  secrets.add(new Secret('env:DB', `${VALUE}\n`));
  secrets.add(new Secret('env:SHORT', 'admin'));
  return secrets;
}

test('a secret is found raw, as JSON, in base64 and in a URL, also in keys and deep inside', () => {
  const secrets = known();
  for (const text of [
    VALUE,
    JSON.stringify({ inner: VALUE }),
    Buffer.from(VALUE).toString('base64'),
    `https://u:${encodeURIComponent(VALUE)}@x/`,
  ]) {
    expect(secrets.findIn({ a: [{ b: `before ${text} after` }] }), text).toBe('env:DB');
    expect(secrets.findIn({ [`key ${text}`]: 1 }), text).toBe('env:DB');
    expect(secrets.redact(text)).toContain('<env:DB>');
    expect(secrets.redact(text)).not.toContain('42');
  }
});

test('a short secret counts only as a whole string, so that ordinary words stay', () => {
  const secrets = known();
  expect(secrets.findIn({ user: 'administrator' })).toBeUndefined();
  expect(secrets.findIn({ password: 'admin' })).toBe('env:SHORT');
  expect(secrets.redact('admin')).toBe('<env:SHORT>');
});

test('a Secret itself is no find: it prints as its reference', () => {
  const secret = new Secret('env:DB', VALUE);
  expect(known().findIn({ password: secret })).toBeUndefined();
});

test('redacting keeps everything else as it is', () => {
  const data = { code: 1, list: ['fine', `has ${VALUE}`], no: null };
  expect(known().redactIn(data)).toEqual({ code: 1, list: ['fine', 'has <env:DB>'], no: null });
  const clean = { untouched: true };
  expect(known().redactIn(clean)).toBe(clean);
});

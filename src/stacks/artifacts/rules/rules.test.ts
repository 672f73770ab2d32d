import { describe, expect, test } from 'vitest';
import { siteOf } from '../../../../test/site.ts';
import { type Language, renderReason } from '../../../base/reason.ts';
import { lintSite } from '../../../site/lint.ts';
import { artifacts } from '../index.ts';

/** What the stack's rules say of a site, as `HF301 line:column sentence`; the head of the file has three lines. */
function lint(text: string, language: Language = 'en'): string[] {
  return lintSite(siteOf(text.trimStart()), artifacts.rules).map(({ rule, position, because, hint }) => {
    expect(renderReason(hint, [artifacts.reasons], language)).not.toMatch(/\{\w+\}/);
    const sentence = renderReason(because, [artifacts.reasons], language);
    return `${rule} ${(position?.line ?? 0) - 3}:${position?.column} ${sentence}`;
  });
}

const pair = (stack: string, endpoint = 'members: [a, b]') => `
hosts: { a: 10.0.0.1, b: 10.0.0.2 }
endpoints:
  boot: { name: www.tinder.test, driver: dns-embedded, ${endpoint} }
stacks:
  tinder: { kind: artifacts, endpoint: boot, ${stack} }
`;

describe('the rules of the artifacts stack', () => {
  test('have nothing against a pair with all defaults', () => {
    expect(lint(pair(''))).toEqual([]);
  });

  test('find a stack without an endpoint', () => {
    expect(lint('hosts: { a: 10.0.0.1 }\nstacks:\n  tinder: { kind: artifacts }')).toEqual([
      "HF301 3:11 no endpoint stands in front of 'tinder': clients would have to name one of its hosts",
    ]);
  });

  test('find an endpoint with one member', () => {
    expect(lint(pair('', 'members: [a]'))).toEqual([
      "HF301 5:40 'boot' in front of 'tinder' has the one member 'a': when it is down, nothing can be pulled",
    ]);
  });

  test('find a certificate that is held against another name than clients use', () => {
    expect(lint(pair('registry: { serverName: registry.local }'))).toEqual([
      "HF302 5:70 the registry is checked under 'registry.local', but clients call it 'www.tinder.test'",
    ]);
    expect(lint(pair('registry: { serverName: WWW.tinder.test }'))).toEqual([]);
    expect(lint(pair('files: { serverName: plain.local }'))).toEqual([]);
  });

  test('find TLS in front of an endpoint that has no name at all', () => {
    const site = pair('').replace('name: www.tinder.test, ', '');
    expect(lint(site)).toEqual([
      "HF302 5:3 the registry speaks TLS, but 'boot' has neither a name nor an address of its own that certificates could cover",
    ]);
  });

  test('find certificates that nobody checks, and mind credentials more', () => {
    expect(lint(pair('registry: { insecure: true }'))[0]).toMatch(
      /^HF303 5:68 any certificate passes for the registry/,
    );
    const auth = 'auth: { user: ops, password: env:PW }';
    expect(lint(pair(`registry: { insecure: true, ${auth} }`))[0]).toContain(
      'credentials are sent to whoever',
    );
    expect(lint(pair(`registry: { insecure: true, fingerprint: ${'ab'.repeat(32)} }`))).toEqual([]);
    expect(lint(pair('files: { insecure: true }'))).toEqual([]);
  });

  test('find files that are not compared before an automatic failback', () => {
    expect(lint(pair('files: { compare: false }'))).toEqual([
      "HF304 5:64 the files of 'tinder' are served but never compared, and 'boot' fails back by itself",
    ]);
    expect(lint(pair('files: { compare: false }', 'members: [a, b], failback: manual'))).toEqual([]);
    expect(lint(pair('files: false'))).toEqual([]);
  });

  test('find one port with and without TLS', () => {
    expect(lint(pair('files: { port: 443 }'))).toEqual([
      'HF305 5:61 registry and files share port 443, one with TLS and one without',
    ]);
    expect(lint(pair('files: { port: 8081 }'))).toEqual([]);
  });

  test('find members that are answered in turn', () => {
    expect(lint(pair('', 'members: [a, b], policy: all-healthy'))[0]).toMatch(
      /^HF306 3:\d+ 'boot' sends clients to all/,
    );
  });

  test('speak Chinese as well', () => {
    expect(lint(pair('files: { port: 443 }'), 'zh')).toEqual([
      'HF305 5:61 registry 与 files 共用 443 端口，一个使用 TLS，另一个不使用',
    ]);
  });
});

import { createSocket } from 'node:dgram';
import { decode, encode } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { namedMissing, startNamed, type TestNamed } from '../../test/named.ts';
import { probeOnce } from '../../test/probe.ts';
import { answersFit, dns } from './dns.ts';

const zone = `$TTL 1
@ SOA ns hostmaster 1 60 60 60 60
@ NS ns
ns A 127.0.0.1
www A 10.0.0.1
both A 10.0.0.1
both A 10.0.0.2
www AAAA fd00::1
alias CNAME www
`;

describe.skipIf(namedMissing !== undefined)(
  `the dns probe against BIND${namedMissing ? ` (skipped: ${namedMissing})` : ''}`,
  () => {
    let named: TestNamed;
    beforeAll(async () => {
      named = await startNamed({ zones: [{ zone: 'site.test', text: zone }] });
    });
    afterAll(() => named[Symbol.asyncDispose]());
    const ask = (args: object) => probeOnce(dns, { port: named.port, query: 'www.site.test', ...args });

    test('is up where the member answers with any record, and shows the data', async () => {
      expect(await ask({})).toMatchObject({
        status: 'up',
        asked: `www.site.test A at 127.0.0.1:${named.port}/udp`,
        got: 'NOERROR 10.0.0.1 (authoritative)',
        expected: 'NOERROR with at least one record',
      });
    });

    test('compares the answers exactly unless told otherwise', async () => {
      const query = 'both.site.test';
      expect(await ask({ query, answers: ['10.0.0.2', '10.0.0.1'] })).toMatchObject({ status: 'up' });
      expect(await ask({ query, answers: ['10.0.0.1'] })).toMatchObject({
        status: 'down',
        because: { code: 'dns-probe/other-answers' },
      });
      expect(await ask({ query, answers: ['10.0.0.1'], compare: 'contains' })).toMatchObject({
        status: 'up',
      });
      const within = { answers: ['10.0.0.1', '10.0.0.9'], compare: 'within' };
      expect(await ask(within)).toMatchObject({ status: 'up' });
      expect(await ask({ query, ...within })).toMatchObject({ status: 'down' });
    });

    test('asks for other types, over TCP, and takes an IPv6 address in any spelling', async () => {
      const args = { type: 'AAAA', protocol: 'tcp', answers: ['FD00:0:0:0:0:0:0:1'], authoritative: true };
      expect(await ask(args)).toMatchObject({ status: 'up', asked: expect.stringContaining('/tcp') });
    });

    test('is down at a name that does not exist, unless NXDOMAIN is what was wanted', async () => {
      const query = 'none.site.test';
      expect(await ask({ query })).toMatchObject({
        status: 'down',
        got: 'NXDOMAIN (authoritative)',
        because: { code: 'dns-probe/other-rcode' },
      });
      expect(await ask({ query, rcode: 'NXDOMAIN' })).toMatchObject({ status: 'up' });
    });

    test('is down at a name without the type, and at a zone that is not served', async () => {
      expect(await ask({ type: 'TXT' })).toMatchObject({ because: { code: 'dns-probe/no-data' } });
      expect(await ask({ query: 'other.example' })).toMatchObject({ status: 'down', got: 'REFUSED' });
    });
  },
);

describe('the dns probe', () => {
  test('is down where nobody answers, after its deadline and not later', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const args = { port: silent.address().port, query: 'x.test' };
    const result = await probeOnce(dns, args, { timeoutMs: 200 });
    silent.close();
    expect(result).toMatchObject({
      status: 'down',
      because: { code: 'dns-probe/silent', params: { time: '200ms' } },
    });
  });

  test('is down where the answer comes from somebody who is not the authority, if that is asked for', async () => {
    const forwarder = createSocket('udp4');
    forwarder.on('message', (query, { port, address }) => {
      const { id, questions = [] } = decode(query);
      const answers = [{ type: 'A', name: 'a.test', ttl: 1, data: '10.0.0.1' } as const];
      forwarder.send(encode({ type: 'response', id: id ?? 0, questions, answers }), port, address);
    });
    await new Promise<void>((resolve) => forwarder.bind(0, '127.0.0.1', resolve));
    const args = { port: forwarder.address().port, query: 'a.test' };
    const any = await probeOnce(dns, args);
    const only = await probeOnce(dns, { ...args, authoritative: true });
    forwarder.close();
    expect(any).toMatchObject({ status: 'up', got: 'NOERROR 10.0.0.1' });
    expect(only).toMatchObject({ status: 'down', because: { code: 'dns-probe/not-authoritative' } });
  });

  test('is unknown where the question itself cannot be asked', async () => {
    expect(await probeOnce(dns, { query: 'a.test', type: 'NONSENSE' })).toMatchObject({ status: 'unknown' });
    expect(await probeOnce(dns, { query: 'a.test', server: '127.0.0.1', type: 'BOGUS1' })).toMatchObject({
      status: 'unknown',
    });
  });

  test('compares names without case and final dot, and nothing with nothing as no answer', () => {
    expect(answersFit(['WWW.site.test.'], ['www.SITE.test'], 'exact')).toBe(true);
    expect(answersFit([], ['10.0.0.1'], 'within')).toBe(false);
    expect(answersFit(['"Case"'], ['"case"'], 'exact')).toBe(false);
  });

  test('refuses a name that is none, a server that is a name and a type in small letters', () => {
    expect(dns.args.safeParse({ query: 'a..b' }).success).toBe(false);
    expect(dns.args.safeParse({ query: 'a.test', server: 'ns.test' }).success).toBe(false);
    expect(dns.args.safeParse({ query: 'a.test', type: 'aaaa' }).success).toBe(false);
  });
});

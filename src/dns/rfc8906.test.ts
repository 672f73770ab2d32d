/**
 * Every query of RFC 8906 section 8, asked with dig as the RFC writes it, and again byte by byte where dig's own
 * reading of the answer is not enough.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SITE_ZONE, zoneOf, zonesOf } from '../../test/dns/site-zone.ts';
import { SystemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { parseMessage } from './message.ts';
import { rcodeName } from './rcode.ts';
import { Responder } from './responder.ts';
import { type DnsServer, startDnsServer } from './server.ts';

const zone = zoneOf(SITE_ZONE);
const clock = new SystemClock();
const QUESTION = `${Buffer.from('\x04site\x07example\0', 'latin1').toString('hex')}00060001`;
const DNSKEY = `${QUESTION.slice(0, -8)}00300001`;

/** OPT: root, type 41, size, extended rcode 0, version, flags, options. */
function opt(o: { size?: number; version?: number; flags?: number; options?: string } = {}): string {
  const { size = 1232, version = 0, flags = 0, options = '' } = o;
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return `000029${hex(size, 4)}00${hex(version, 2)}${hex(flags, 4)}${hex(options.length / 2, 4)}${options}`;
}

const NSID_ECS_EXPIRE_COOKIE = '00030000' + '000800040001' + '0000' + '00090000' + '000a00080102030405060708';

interface Query {
  readonly section: string;
  readonly what: string;
  readonly dig: string;
  /** Second 16 bits of the header. */
  readonly flags?: number;
  readonly question?: string;
  readonly opt?: string;
  readonly tcp?: boolean;
  readonly expected: {
    rcode: 'NOERROR' | 'NOTIMP' | 'BADVERS';
    soa: boolean;
    aa?: boolean;
    rd?: boolean;
    opt?: boolean;
  };
}

const fine = { rcode: 'NOERROR', soa: true, aa: true } as const;
const badvers = { rcode: 'BADVERS', soa: false, opt: true } as const;

const QUERIES: readonly Query[] = [
  {
    section: '8.1.1',
    what: 'is the server configured for the zone',
    dig: '+noedns +noad +norec soa',
    expected: fine,
  },
  {
    ...{ section: '8.1.2', what: 'unknown type', dig: '+noedns +noad +norec type1000' },
    ...{ question: `${QUESTION.slice(0, -8)}03e80001`, expected: { ...fine, soa: false } },
  },
  { section: '8.1.3.1', what: 'CD=1', dig: '+noedns +noad +norec +cd soa', flags: 0x0010, expected: fine },
  { section: '8.1.3.2', what: 'AD=1', dig: '+noedns +norec +ad soa', flags: 0x0020, expected: fine },
  {
    section: '8.1.3.3',
    what: 'reserved bit',
    dig: '+noedns +noad +norec +zflag soa',
    flags: 0x0040,
    expected: fine,
  },
  {
    ...{ section: '8.1.3.4', what: 'recursive query', dig: '+noedns +noad +rec soa', flags: 0x0100 },
    expected: { ...fine, rd: true },
  },
  {
    ...{ section: '8.1.4', what: 'unknown opcode', dig: '+noedns +noad +opcode=15 +norec +header-only' },
    ...{ flags: 15 << 11, question: '', expected: { rcode: 'NOTIMP', soa: false } },
  },
  { section: '8.1.5', what: 'TCP', dig: '+noedns +noad +norec +tcp soa', tcp: true, expected: fine },
  {
    ...{ section: '8.2.1', what: 'minimal EDNS', dig: '+nocookie +edns=0 +noad +norec soa', opt: opt() },
    expected: { ...fine, opt: true },
  },
  {
    ...{ section: '8.2.2', what: 'EDNS version negotiation', opt: opt({ version: 1 }) },
    ...{ dig: '+nocookie +edns=1 +noednsneg +noad +norec soa', expected: badvers },
  },
  {
    ...{ section: '8.2.3', what: 'unknown EDNS option', opt: opt({ options: '00640000' }) },
    ...{ dig: '+nocookie +edns=0 +noad +norec +ednsopt=100 soa', expected: { ...fine, opt: true } },
  },
  {
    ...{ section: '8.2.4', what: 'unknown EDNS flags', opt: opt({ flags: 0x40 }) },
    ...{ dig: '+nocookie +edns=0 +noad +norec +ednsflags=0x40 soa', expected: { ...fine, opt: true } },
  },
  {
    ...{
      section: '8.2.5',
      what: 'version negotiation with unknown flags',
      opt: opt({ version: 1, flags: 0x40 }),
    },
    ...{ dig: '+nocookie +edns=1 +noednsneg +noad +norec +ednsflags=0x40 soa', expected: badvers },
  },
  {
    section: '8.2.6',
    what: 'version negotiation with unknown options',
    opt: opt({ version: 1, options: '00640000' }),
    dig: '+nocookie +edns=1 +noednsneg +noad +norec +ednsopt=100 soa',
    expected: badvers,
  },
  {
    section: '8.2.7',
    what: 'truncated responses',
    opt: opt({ size: 512, flags: 0x8000 }),
    dig: '+nocookie +norec +dnssec +bufsize=512 +ignore dnskey',
    question: DNSKEY,
    expected: { ...fine, soa: false, opt: true },
  },
  {
    ...{ section: '8.2.8', what: 'DO=1', opt: opt({ flags: 0x8000 }) },
    ...{ dig: '+nocookie +edns=0 +noad +norec +dnssec soa', expected: { ...fine, opt: true } },
  },
  {
    ...{ section: '8.2.9', what: 'version negotiation with DO=1', opt: opt({ version: 1, flags: 0x8000 }) },
    ...{ dig: '+nocookie +edns=1 +noednsneg +noad +norec +dnssec soa', expected: badvers },
  },
  {
    section: '8.2.10',
    what: 'several known EDNS options',
    opt: opt({ options: NSID_ECS_EXPIRE_COOKIE }),
    dig: '+edns=0 +noad +norec +cookie +nsid +expire +subnet=0.0.0.0/0 soa',
    expected: { ...fine, opt: true },
  },
];

describe('RFC 8906 section 8, byte by byte', () => {
  const responder = new Responder({ keys: [], clock, log: silentLogger });
  responder.publish(zonesOf(zone));

  it.each(QUERIES)(
    '$section: $what',
    ({ flags = 0, question = QUESTION, opt: record = '', tcp, expected }) => {
      const count = (text: string): string => (text === '' ? '0000' : '0001');
      const packet = Buffer.from(
        `abcd${flags.toString(16).padStart(4, '0')}${count(question)}00000000${count(record)}${question}${record}`,
        'hex',
      );
      const transport = tcp === true ? 'tcp' : 'udp';
      for (const time of ['first', 'cached']) {
        const response = responder.respond(packet, transport);
        if (!Buffer.isBuffer(response)) throw new Error(`no answer (${time})`);
        const message = parseMessage(response);
        const isHeaderOnly = question === '';
        expect(message.id).toBe(0xabcd);
        expect(rcodeName(message.rcode)).toBe(expected.rcode);
        expect(message.opcode).toBe((flags >> 11) & 0xf);
        // QR, opcode, AA and RD as expected; TC, RA, Z, AD and CD always 0.
        const wanted = 0x8000 | (flags & 0x7800) | (expected.aa ? 0x0400 : 0) | (expected.rd ? 0x0100 : 0);
        expect(message.flags & 0xfff0).toBe(wanted);
        expect(message.questions).toHaveLength(isHeaderOnly ? 0 : 1);
        if (!isHeaderOnly)
          expect(response.subarray(12, 12 + question.length / 2).toString('hex')).toBe(question);
        expect(message.answers.filter(({ type }) => type === 6)).toHaveLength(expected.soa ? 1 : 0);
        expect(message.answers).toHaveLength(expected.soa ? 1 : 0);
        const options = message.additionals.filter(({ type }) => type === 41);
        expect(options).toHaveLength(expected.opt === true ? 1 : 0);
        if (expected.opt !== true) continue;
        // Version 0, no flags (DO and MBZ among them), no options; its size is ours.
        expect((options[0]!.ttl & 0x00ff_ffff) >>> 0).toBe(0);
        expect(options[0]!.rdata).toHaveLength(0);
        expect(options[0]!.class).toBe(1232);
      }
    },
  );
});

const DIG = '/usr/bin/dig';
describe.skipIf(!existsSync(DIG))(
  'RFC 8906 section 8, as dig sees it (skipped where dig is not installed)',
  () => {
    let server: DnsServer;
    beforeAll(async () => {
      const listen = [{ address: '127.0.0.1', port: 0 }];
      server = await startDnsServer({ listen, zones: [zone], clock, log: silentLogger, random: Math.random });
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    it.each(QUERIES)('$section: dig $dig', async ({ dig, expected, question }) => {
      const { port } = server.addresses[0]!;
      const { stdout } = await promisify(execFile)(DIG, [
        ...['@127.0.0.1', '-p', String(port), '+tries=1', '+timeout=5', ...dig.split(' ')],
        ...(question === '' ? [] : ['site.example']),
      ]);
      expect(stdout).toContain(`status: ${expected.rcode}`);
      const flags = /;; flags: ([^;]*);/.exec(stdout)?.[1]?.split(' ') ?? [];
      expect(flags).toEqual(['qr', ...(expected.aa ? ['aa'] : []), ...(expected.rd ? ['rd'] : [])]);
      expect(/^site\.example\.\s+\d+\s+IN\s+SOA\s/m.test(stdout.split('AUTHORITY SECTION')[0]!)).toBe(
        expected.soa,
      );
      expect(stdout.includes('; EDNS: version: 0, flags:; udp: 1232')).toBe(expected.opt === true);
      expect(stdout).not.toMatch(/MBZ|OPT=100|COOKIE|malformed|WARNING: Message/);
    });
  },
);

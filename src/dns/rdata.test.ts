import { decode, encode, type Packet } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { parseMessage } from './message.ts';
import { MessageWriter } from './message-writer.ts';
import { formatRdata, readRdata } from './rdata.ts';
import { dnsRecord, formatRecord } from './record.ts';
import { RR_TYPES, typeCode, typeName } from './rr-type.ts';

const SAMPLES: readonly [type: string, text: string, printed?: string][] = [
  ['A', '192.0.2.1'],
  ['AAAA', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['AAAA', '::', '::'],
  ['AAAA', '::ffff:192.0.2.1', '::ffff:c000:201'],
  ['AAAA', '1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['AAAA', '1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['NS', 'ns.Example.com.'],
  ['CNAME', 'a\\.b.example.'],
  ['PTR', 'host.example.'],
  ['DNAME', 'other.example.'],
  ['SOA', 'ns. mail\\.box.x. 2026030101 1D 1H 1W 3H', 'ns. mail\\.box.x. 2026030101 86400 3600 604800 10800'],
  ['MX', '10 mail.example.'],
  ['TXT', '"one" two "th\\"ree" ""', '"one" "two" "th\\"ree" ""'],
  ['TXT', '"\\000\\255\\\\"', '"\\000\\255\\\\"'],
  ['TXT', '"é"', '"\\195\\169"'],
  ['SRV', '0 65535 443 .'],
  ['CAA', '128 issue "ca.example; policy=ev"'],
  ['HINFO', '"RFC8482" ""'],
  ['RP', 'mail.example. txt.example.'],
  ['AFSDB', '1 afs.example.'],
  ['NAPTR', '100 10 "u" "sip+E2U" "!^.*$!sip:a@b!" .'],
  [
    'DS',
    '60485 5 1 2BB183AF 5F22588179A53B0A98631FAD1A292118',
    '60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118',
  ],
  ['SSHFP', '2 1 123456789ABCDEF67890123456789ABCDEF67890'],
  ['DNSKEY', '256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3'],
  ['TLSA', '3 1 1 D2ABDE240D7CD3EE6B4B28C54DF034B9'],
  ['SPF', '"v=spf1 -all"'],
  ['URI', '10 1 "https://example.com/"'],
  ['TYPE65280', '\\# 3 01abff', '\\# 3 01ABFF'],
  ['TYPE65280', '\\# 0'],
  ['A', '\\# 4 C0000201', '192.0.2.1'],
];

describe('the data of a record', () => {
  it.each(SAMPLES)('of type %s: %s is read, printed, and read again', (type, text, printed = text) => {
    const record = dnsRecord('x.', 1, type, text);
    expect(formatRdata(record.type, record.rdata)).toBe(printed);
    expect(Buffer.from(dnsRecord('x.', 1, type, printed).rdata)).toEqual(Buffer.from(record.rdata));
    const wire = readRdata(record.type, record.rdata, 0, record.rdata.length);
    expect(Buffer.from(wire)).toEqual(Buffer.from(record.rdata));
  });

  it.each([
    ['A', '192.0.2.256', 'an IPv4 address'],
    ['A', '192.0.2.1 192.0.2.2', 'no more than the data of type A'],
    ['A', '', 'an IPv4 address'],
    ['AAAA', '2001:db8::g', 'an IPv6 address'],
    ['AAAA', 'fe80::1%eth0', 'an IPv6 address'],
    ['MX', '65536 mail.', 'a number up to 65535'],
    ['MX', '10', 'a domain name'],
    ['SRV', '1 2 www.', 'a number up to 65535'],
    ['CAA', '0 is-sue "x"', 'a tag of letters and digits'],
    ['TXT', `"${'x'.repeat(256)}"`, 'texts of up to 255 bytes'],
    ['TXT', '"\\256"', 'escapes from'],
    ['TXT', '"unfinished', 'an end to each quotation'],
    ['DS', '1 2 3 ABC', 'hex'],
    ['TYPE65280', 'text', 'the form \\# <length> <hex>'],
    ['TYPE65280', '\\# 2 01', 'twice as many hexadecimal digits'],
    ['A', '\\# 3 010203', 'the data of a A record'],
    ['CNAME', '\\# 2 C000', 'the data of a CNAME record'],
    ['NOPE', 'x', 'a type such as A'],
    ['ANY', 'x', 'a type such as A'],
    ['A ', 'x', 'a type such as A'],
  ])('of type %s is refused when it is %j', (type, text, expected) => {
    expect(() => dnsRecord('x.', 1, type, text)).toThrow(
      expect.objectContaining({ code: 'dns/bad-rdata', expected: expect.stringContaining(expected) }),
    );
  });

  it.each([
    ['A', '0102030405', 'a A record with 1 bytes too many'],
    ['A', '010203', 'too short'],
    ['AAAA', '00', 'too short'],
    ['TXT', '', 'too short'],
    ['TXT', '0361', 'too short'],
    ['MX', '000100ff', 'with 1 bytes too many'],
    ['CNAME', '0161', 'ends inside a name'],
    ['SOA', '00'.repeat(21), 'too short'],
    ['SOA', '00'.repeat(23), 'with 1 bytes too many'],
  ])('of type %s in a packet is refused when its bytes are %s', (type, hex, message) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(() => readRdata(typeCode(type) as number, bytes, 0, bytes.length)).toThrow(message);
  });

  it('has a TTL of 31 bits', () => {
    expect(() => dnsRecord('x.', 2 ** 31, 'A', '192.0.2.1')).toThrow('TTL');
    expect(() => dnsRecord('x.', -1, 'A', '192.0.2.1')).toThrow('TTL');
    expect(formatRecord(dnsRecord('x.', 2 ** 31 - 1, 'A', '192.0.2.1'))).toBe('x. 2147483647 IN A 192.0.2.1');
  });

  it('has a type with a number where it has no name', () => {
    expect(typeName(1)).toBe('A');
    expect(typeName(65280)).toBe('TYPE65280');
    expect(typeCode('type1')).toBe(1);
    expect(typeCode('TYPE65536')).toBeUndefined();
    expect(typeCode('constructor')).toBeUndefined();
  });
});

describe('a message, beside dns-packet', () => {
  const records = SAMPLES.filter(([type]) => !type.startsWith('TYPE')).map(([type, text]) =>
    dnsRecord('Host.example.com.', 60, type, text),
  );

  it('written here is read there, compressed names included', () => {
    const writer = new MessageWriter({ id: 7, flags: 0x8400 }).addQuestion(records[0]!.name, 255);
    expect(writer.addRecords('answer', records)).toBe(true);
    const wire = writer.addEdns({ udpBytes: 1232 }).finish();
    const theirs = decode(wire);
    expect(theirs.id).toBe(7);
    expect(theirs.answers?.map((answer) => answer.type)).toEqual(
      records.map(({ type }) => (type === RR_TYPES.URI ? 'UNKNOWN_256' : typeName(type))),
    );
    expect(theirs.answers?.find(({ type }) => type === 'SOA')).toMatchObject({
      data: { mname: 'ns', serial: 2026030101, minimum: 10800 },
    });
    expect(theirs.answers?.find(({ type }) => type === 'SRV')).toMatchObject({
      data: { port: 443, target: '.' },
    });
    const ours = parseMessage(wire);
    // A compressed name takes the case of the name that it points to.
    const texts = (list: readonly { type: number; rdata: Uint8Array }[]): string[] =>
      list.map(({ type, rdata }) => formatRdata(type, rdata).toLowerCase());
    expect(texts(ours.answers)).toEqual(texts(records));
    expect(ours.edns).toEqual({ version: 0, udpBytes: 1232, dnssecOk: false });
  });

  it('written there is read here', () => {
    const packet: Packet = {
      type: 'response',
      id: 9,
      questions: [{ type: 'MX', name: 'example.com' }],
      answers: [
        { type: 'MX', name: 'example.com', ttl: 5, data: { preference: 1, exchange: 'mail.example.com' } },
        { type: 'CAA', name: 'example.com', ttl: 5, data: { flags: 0, tag: 'issue', value: 'ca' } },
      ],
    };
    const message = parseMessage(encode(packet));
    expect(message.answers.map(({ type, rdata }) => formatRdata(type, rdata))).toEqual([
      '1 mail.example.com.',
      '0 issue "ca"',
    ]);
  });

  it('takes all records of a set or none, and forgets the names of those it did not take', () => {
    const writer = new MessageWriter({ id: 0, flags: 0, limit: 80 }).addQuestion(records[0]!.name, 1);
    const far = dnsRecord('far.away.', 1, 'TXT', `"${'x'.repeat(100)}"`);
    expect(writer.addRecords('answer', [dnsRecord('far.away.', 1, 'A', '192.0.2.1'), far])).toBe(false);
    expect(writer.addRecords('answer', [dnsRecord('far.away.', 1, 'A', '192.0.2.1')])).toBe(true);
    const message = parseMessage(writer.finish());
    expect(message.answers.map(({ name }) => name.toString())).toEqual(['far.away.']);
  });

  it('is refused where bytes are missing or follow, at every length', () => {
    const writer = new MessageWriter({ id: 0, flags: 0 }).addQuestion(records[0]!.name, RR_TYPES.A);
    writer.addRecords('answer', records);
    const wire = writer.finish();
    for (let length = 0; length < wire.length; length++) {
      expect(() => parseMessage(wire.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'dns/malformed' }),
      );
    }
    expect(() => parseMessage(Buffer.concat([wire, Buffer.of(0)]))).toThrow('1 bytes after its end');
  });
});

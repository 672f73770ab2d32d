import { describe, expect, it } from 'vitest';
import { SITE_ZONE, zoneOf, zonesOf } from '../../test/dns/site-zone.ts';
import { answerFrom, findZone } from './answer.ts';
import { parseName } from './name.ts';
import { rcodeName } from './rcode.ts';
import { formatRecord } from './record.ts';
import { typeCode } from './rr-type.ts';
import { recordsOf } from './zone.ts';

const zone = zoneOf(SITE_ZONE);
const SOA = 'site.example. 5 IN SOA ns1.site.example. hostmaster.site.example. 2026030101 3600 600 86400 5';

/** Each section as lines of a zone file, names without the zone's own. */
function ask(name: string, type: string) {
  const { rcode, authoritative, isOwnName, needsGlue, ...sections } = answerFrom(
    zone,
    parseName(`${name}.site.example`.replace('@.', '')),
    typeCode(type) as number,
  );
  const lines = (section: keyof typeof sections): string[] =>
    sections[section]
      .flatMap(recordsOf)
      .map((record) => formatRecord(record).replaceAll('.site.example.', ''));
  return {
    rcode: rcodeName(rcode),
    aa: authoritative,
    isOwnName,
    needsGlue,
    answer: lines('answer'),
    authority: lines('authority'),
    additional: lines('additional'),
  };
}
const soa = SOA.replaceAll('.site.example.', '');
const nodata = { rcode: 'NOERROR', aa: true, answer: [], authority: [soa], additional: [] };
const nxdomain = { ...nodata, rcode: 'NXDOMAIN' };

describe('an authoritative answer', () => {
  it.each([
    ['www', 'A', ['www 1 IN A 192.0.2.193']],
    ['WWW', 'AAAA', ['www 1 IN AAAA 2001:db8::193']],
    ['@', 'TXT', ['site.example. 300 IN TXT "v=spf1 -all"']],
    ['@', 'CAA', ['site.example. 300 IN CAA 0 issue "ca.example"']],
    ['1', 'PTR', ['1 300 IN PTR host-1']],
    ['unknown', 'TYPE65280', ['unknown 300 IN TYPE65280 \\# 2 BEEF']],
    ['alias', 'CNAME', ['alias 300 IN CNAME www']],
  ])('to %s %s is the records, without anything else', (name, type, answer) => {
    expect(ask(name, type)).toMatchObject({
      rcode: 'NOERROR',
      aa: true,
      answer,
      authority: [],
      additional: [],
    });
  });

  it('brings the addresses of the hosts that NS, MX and SRV name', () => {
    expect(ask('@', 'NS').additional).toEqual([
      'ns1 300 IN A 192.0.2.1',
      'ns1 300 IN AAAA 2001:db8::1',
      'ns2 300 IN A 192.0.2.2',
    ]);
    expect(ask('@', 'MX').additional).toEqual(['mail 300 IN A 192.0.2.25']);
    expect(ask('_https._tcp', 'SRV').additional).toEqual([
      'www 1 IN A 192.0.2.193',
      'www 1 IN AAAA 2001:db8::193',
    ]);
  });

  it('is NODATA with the SOA at its short negative TTL where the name has no such type', () => {
    expect(ask('www', 'TXT')).toMatchObject({ ...nodata, isOwnName: true });
    expect(ask('www', 'TYPE1000')).toMatchObject(nodata);
  });

  it('is NODATA, not NXDOMAIN, for a name that is empty but has names below it', () => {
    expect(ask('_tcp', 'A')).toMatchObject(nodata);
    expect(ask('empty.wild', 'A')).toMatchObject(nodata);
    expect(ask('wild', 'A')).toMatchObject(nodata);
    expect(ask('_tcp', 'ANY')).toMatchObject(nodata);
  });

  it('is NXDOMAIN with the SOA where there is nothing', () => {
    expect(ask('nobody', 'A')).toMatchObject({ ...nxdomain, isOwnName: false });
    expect(ask('below.www', 'A')).toMatchObject(nxdomain);
    expect(ask('nobody', 'ANY')).toMatchObject(nxdomain);
  });
});

describe('a chain of aliases', () => {
  it('is followed within the zone', () => {
    const answer = ['alias2 300 IN CNAME alias', 'alias 300 IN CNAME www', 'www 1 IN A 192.0.2.193'];
    expect(ask('alias2', 'A')).toMatchObject({ rcode: 'NOERROR', aa: true, answer, authority: [] });
  });

  it('ends where it leaves the zone', () => {
    const answer = ['outside 300 IN CNAME www.elsewhere.example.'];
    expect(ask('outside', 'A')).toMatchObject({ rcode: 'NOERROR', answer, authority: [] });
  });

  it('says of its end what is true of it: NXDOMAIN (RFC 6604), NODATA, or a referral', () => {
    expect(ask('dangling', 'A')).toMatchObject({ ...nxdomain, answer: ['dangling 300 IN CNAME nobody'] });
    expect(ask('nodata', 'AAAA')).toMatchObject({ ...nodata, answer: ['nodata 300 IN CNAME mail'] });
    expect(ask('to-sub', 'A')).toMatchObject({
      rcode: 'NOERROR',
      aa: true,
      answer: ['to-sub 300 IN CNAME host.sub'],
      authority: ['sub 300 IN NS ns.sub', 'sub 300 IN NS ns.other.example.'],
    });
  });

  it('that is a circle ends once around', () => {
    const answer = ['loop1 300 IN CNAME loop2', 'loop2 300 IN CNAME loop1'];
    expect(ask('loop1', 'A')).toMatchObject({ rcode: 'NOERROR', answer });
  });

  it('ends after sixteen, however long it is', () => {
    const links = Array.from({ length: 40 }, (_, index) => `c${index} CNAME c${index + 1}`);
    const long = zoneOf(`${SITE_ZONE}\n${links.join('\n')}\nc40 A 192.0.2.1\n`);
    expect(answerFrom(long, parseName('c0.site.example'), 1).answer).toHaveLength(16);
  });
});

describe('a wildcard', () => {
  it('answers as the name that was asked, for any depth', () => {
    expect(ask('x.wild', 'A')).toMatchObject({ answer: ['x.wild 300 IN A 192.0.2.50'], isOwnName: false });
    expect(ask('a.b.c.wild', 'TXT').answer).toEqual(['a.b.c.wild 300 IN TXT "from the wildcard"']);
    expect(ask('x.wild', 'MX')).toMatchObject(nodata);
    expect(ask('x.wildalias', 'A').answer).toEqual([
      'x.wildalias 300 IN CNAME www',
      'www 1 IN A 192.0.2.193',
    ]);
  });

  it('does not answer for names that exist, nor below them, nor for empty ones (RFC 4592)', () => {
    expect(ask('host.wild', 'TXT')).toMatchObject(nodata);
    expect(ask('x.host.wild', 'A')).toMatchObject(nxdomain);
    expect(ask('empty.wild', 'TXT')).toMatchObject(nodata);
    expect(ask('x.empty.wild', 'A')).toMatchObject(nxdomain);
  });

  it('answers for itself when asked by its own name', () => {
    expect(ask('*.wild', 'A')).toMatchObject({ answer: ['*.wild 300 IN A 192.0.2.50'], isOwnName: true });
  });
});

describe('a delegation', () => {
  const referral = {
    rcode: 'NOERROR',
    aa: false,
    answer: [],
    authority: ['sub 300 IN NS ns.sub', 'sub 300 IN NS ns.other.example.'],
    additional: ['ns.sub 300 IN A 192.0.2.60'],
    needsGlue: true,
  };

  it.each([
    ['sub', 'A'],
    ['sub', 'NS'],
    ['host.sub', 'A'],
    ['ns.sub', 'A'],
    ['a.b.sub', 'SOA'],
  ])('of %s %s refers to the servers below, with glue, without AA', (name, type) => {
    expect(ask(name, type)).toMatchObject(referral);
  });

  it('without servers of its own needs no glue', () => {
    expect(ask('host.other', 'A')).toMatchObject({ aa: false, additional: [], needsGlue: false });
  });

  it('answers DS itself, since that belongs to the parent', () => {
    expect(ask('sub', 'DS')).toMatchObject({ ...nodata, isOwnName: true });
  });
});

describe('a DNAME', () => {
  it('moves what lies below it, told as an alias too (RFC 6672)', () => {
    expect(ask('a.b.moved', 'A')).toMatchObject({
      rcode: 'NOERROR',
      answer: ['moved 300 IN DNAME new.example.', 'a.b.moved 300 IN CNAME a.b.new.example.'],
    });
    expect(ask('moved', 'DNAME').answer).toEqual(['moved 300 IN DNAME new.example.']);
    expect(ask('moved', 'A')).toMatchObject(nodata);
  });

  it('that makes a name too long is YXDOMAIN', () => {
    const target = Array(4).fill('t'.repeat(61)).join('.');
    const long = zoneOf(SITE_ZONE.replace('new.example.', `${target}.`));
    expect(answerFrom(long, parseName('abcdefghij.moved.site.example'), 1).rcode).toBe(6);
  });
});

describe('ANY', () => {
  it('is answered with one small record (RFC 8482), from a wildcard too; an alias is given as it is', () => {
    expect(ask('www', 'ANY')).toMatchObject({ answer: ['www 1 IN HINFO "RFC8482" ""'], isOwnName: true });
    expect(ask('x.wild', 'ANY').answer).toEqual(['x.wild 300 IN HINFO "RFC8482" ""']);
    expect(ask('alias', 'ANY').answer).toEqual(['alias 300 IN CNAME www']);
    expect(ask('sub', 'ANY').authority).toHaveLength(2);
  });
});

describe('of several zones', () => {
  const child = zoneOf('$TTL 5\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.60\n', 'sub.site.example');
  const lone = zoneOf('$TTL 5\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.60\n', 'a.lone.example');
  const zones = zonesOf(zone, child, lone);
  const find = (name: string, type = 'A') =>
    findZone(zones, parseName(name).key, typeCode(type) as number)?.origin.toString();

  it('the closest one answers, and none for names outside', () => {
    expect(find('x.sub.site.example')).toBe('sub.site.example.');
    expect(find('sub.site.example')).toBe('sub.site.example.');
    expect(find('www.site.example')).toBe('site.example.');
    expect(find('SITE.example')).toBe('site.example.');
    expect(find('example')).toBeUndefined();
    expect(find('.')).toBeUndefined();
  });

  it('the parent answers DS, where we serve it and it delegates', () => {
    expect(find('sub.site.example', 'DS')).toBe('site.example.');
    expect(find('a.lone.example', 'DS')).toBe('a.lone.example.');
    expect(find('x.a.lone.example', 'DS')).toBe('a.lone.example.');
  });

  it('the root zone answers for all', () => {
    const root = zoneOf('$TTL 5\n. SOA ns. h. 1 2 3 4 5\n. NS ns.\nns. A 192.0.2.60\n*. TXT x\n', '.');
    expect(findZone(zonesOf(root), parseName('a.b').key, 1)).toBe(root);
    expect(findZone(zonesOf(root), '\0', 1)).toBe(root);
    expect(answerFrom(root, parseName('ns'), 1).answer).toHaveLength(1);
    expect(answerFrom(root, parseName('a.b'), 16).answer).toHaveLength(1);
    expect(answerFrom(root, parseName('.'), 2).answer).toHaveLength(1);
  });
});

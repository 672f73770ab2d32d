import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SITE_ZONE, zoneOf } from '../../test/dns/site-zone.ts';
import { namedMissing, startNamed, type TestNamed } from '../../test/named.ts';
import { titleOf } from '../../test/title-of.ts';
import { SystemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { type Resolved, resolve } from './resolve.ts';
import { type DnsServer, startDnsServer } from './server.ts';

const clock = new SystemClock();
/** Not the circle of aliases: BIND 9.18 answers SERVFAIL with it, Knot NOERROR as we do. */
const NAMES = [
  ...[
    '',
    'www.',
    'WWW.',
    'many.',
    'alias.',
    'alias2.',
    'outside.',
    'dangling.',
    'nodata.',

    'to-sub.',
  ],
  ...['_tcp.', '_https._tcp.', 'wild.', 'x.wild.', 'a.b.c.wild.', '*.wild.', 'host.wild.', 'x.host.wild.'],
  ...[
    'empty.wild.',
    'x.empty.wild.',
    'below.empty.wild.',
    'x.wildalias.',
    'wildalias.',
    'nobody.',
    'below.www.',
  ],
  ...[
    'sub.',
    'x.sub.',
    'ns.sub.',
    'a.b.sub.',
    'other.',
    'x.other.',
    'moved.',
    'a.b.moved.',
    'unknown.',
    'big.',
    '1.',
  ],
];
const TYPES = [
  'A',
  'AAAA',
  'NS',
  'SOA',
  'TXT',
  'MX',
  'SRV',
  'CAA',
  'PTR',
  'CNAME',
  'DS',
  'DNAME',
  'TYPE65280',
];

describe.skipIf(namedMissing !== undefined)(titleOf('beside BIND with the same zone', namedMissing), () => {
  let bind: TestNamed;
  let ours: DnsServer;
  beforeAll(async () => {
    bind = await startNamed({
      zones: [{ zone: 'site.example', text: SITE_ZONE, statements: 'zero-no-soa-ttl no;' }],
      options: 'minimal-responses yes;',
    });
    const listen = [{ address: '127.0.0.1', port: 0 }];
    const zones = [zoneOf(SITE_ZONE)];
    ours = await startDnsServer({ listen, zones, clock, log: silentLogger, random: Math.random });
  });
  afterAll(async () => {
    await ours?.[Symbol.asyncDispose]();
    await bind?.[Symbol.asyncDispose]();
  });

  const ask = async (port: number, name: string, type: string) => {
    const about = { clock, signal: new AbortController().signal, random: Math.random, timeoutMs: 5_000 };
    return said(await resolve({ ...about, servers: [{ address: '127.0.0.1', port }], name, type }));
  };

  it.each(NAMES)(
    '%ssite.example is answered alike, for every type: code, AA, answers, authorities, transport',
    async (label) => {
      for (const type of TYPES) {
        const name = `${label}site.example`;
        const theirs = await ask(bind.port, name, type);
        expect({ type, ...(await ask(ours.addresses[0]!.port, name, type)) }).toEqual({ type, ...theirs });
      }
    },
  );
});

/** What can be compared: the order within a section says nothing. */
function said({ rcode, authoritative, answers, authorities, protocol }: Resolved) {
  const lines = (section: Resolved['answers']): string[] =>
    section.map(({ name, type, ttl, data }) => `${name} ${ttl} ${type} ${data}`.toLowerCase()).sort();
  return { rcode, authoritative, answers: lines(answers), authorities: lines(authorities), protocol };
}

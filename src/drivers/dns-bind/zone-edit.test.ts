import { describe, expect, test } from 'vitest';
import { RUNBOOK_ZONE } from '../../../test/driver-worlds.ts';
import type { RrsetChange } from './rrset-patches.ts';
import { addressChange, editZone, epochChange, pointerChange, readName, renumber } from './zone-edit.ts';

const ZONE = 'tinder-node-server.com';
const NAME = 'www.tinder-node-server.com';
const NOW = Date.UTC(2026, 2, 1, 12);

function point(text: string, addresses: readonly string[], ttlSeconds = 1): ReturnType<typeof editZone> {
  return editZone(text, ZONE, [change(addresses, ttlSeconds)], NOW);
}

function change(addresses: readonly string[], ttlSeconds = 1): RrsetChange {
  const records = addresses.map((address) => ({
    type: address.includes(':') ? ('AAAA' as const) : ('A' as const),
    address,
  }));
  return addressChange(NAME, records, ttlSeconds);
}

describe('pointing a name of the runbook zone at the standby', () => {
  test('changes the address, the TTL and the serial, and not one byte besides', () => {
    const edited = point(RUNBOOK_ZONE, ['192.0.2.194']);

    expect(edited.text).toBe(
      RUNBOOK_ZONE.replace('0   ; serial', '1   ; serial').replace(
        'www IN A    192.0.2.193',
        'www 1 IN A    192.0.2.194',
      ),
    );
    expect(edited).toMatchObject({ changed: true, serial: 1 });
  });

  test('and back again, with the TTL already there', () => {
    const there = point(RUNBOOK_ZONE, ['192.0.2.194']);
    const back = point(there.text, ['192.0.2.193']);

    expect(back.text).toContain('www 1 IN A    192.0.2.193   ; 火种节点\n');
    expect(back.serial).toBe(2);
  });

  test('changes nothing where the file says it already, not even the serial', () => {
    const there = point(RUNBOOK_ZONE, ['192.0.2.194']);

    const again = point(there.text, ['192.0.2.194']);

    expect(again).toEqual({ text: there.text, changed: false, serial: 1 });
  });

  test('leaves a TTL that the file writes as 1D where that is what is wanted', () => {
    const edited = point(RUNBOOK_ZONE, ['192.0.2.194'], 86_400);

    expect(edited.text).toContain('www IN A    192.0.2.194   ;');
  });

  test('turns an A record into AAAA where the other member has an IPv6 address', () => {
    expect(point(RUNBOOK_ZONE, ['2001:db8::2']).text).toContain('www 1 IN AAAA    2001:db8::2   ;');
  });

  test('adds lines after the first for more members, and takes them out again', () => {
    const three = point(RUNBOOK_ZONE, ['192.0.2.193', '192.0.2.194', '2001:db8::2']);
    expect(three.text).toContain(
      'www 1 IN A    192.0.2.193   ; 火种节点\nwww\t1\tIN\tA\t192.0.2.194\nwww\t1\tIN\tAAAA\t2001:db8::2\nemail ',
    );

    const one = point(three.text, ['2001:db8::2']);
    expect(readName(one.text, ZONE, NAME, `_x.${NAME}`).addresses).toEqual(['2001:db8::2']);
    expect(one.text).not.toContain('192.0.2.194');
  });

  test('appends the name with its full owner where the zone does not have it', () => {
    const edited = editZone(
      RUNBOOK_ZONE,
      ZONE,
      [addressChange(`new.${ZONE}`, [{ type: 'A', address: '192.0.2.1' }], 5)],
      NOW,
    );

    expect(
      edited.text.endsWith('email   IN A    192.0.2.193\nnew.tinder-node-server.com.\t5\tIN\tA\t192.0.2.1\n'),
    ).toBe(true);
  });

  test('keeps an epoch beside it, in one TXT record that other TXT records of the name do not disturb', () => {
    const owner = `_holdfast.${NAME}`;
    const first = editZone(
      `${RUNBOOK_ZONE}_holdfast.www TXT "by hand"\n`,
      ZONE,
      [change(['192.0.2.194']), epochChange(owner, 'v=holdfast1 epoch=3 by=a')],
      NOW,
    );
    const second = editZone(first.text, ZONE, [epochChange(owner, 'v=holdfast1 epoch=4 by=a')], NOW);

    expect(second.text).toContain(
      '_holdfast.www TXT "by hand"\n_holdfast.www\t0\tIN\tTXT\t"v=holdfast1 epoch=4 by=a"\n',
    );
    expect(second.text).not.toContain('epoch=3');
    expect(second.serial).toBe(first.serial + 1);
  });
});

describe('the serial', () => {
  const withSerial = (serial: string): string => RUNBOOK_ZONE.replace('0   ; serial', `${serial} ; serial`);

  test.each([
    ['7', 8],
    ['4294967295', 1],
    ['2026022803', 2_026_030_100],
    ['2026030100', 2_026_030_101],
    ['2026030199', 2_026_030_200],
    ['2031123100', 2_031_123_101],
    ['2026139900', 2_026_139_901],
    ['1767225600', 1_767_225_601],
  ])('after %s comes %i', (before, after) => {
    expect(point(withSerial(before), ['192.0.2.194']).serial).toBe(after);
  });

  test('is raised above the one that was served when old content is put back', () => {
    expect(renumber(RUNBOOK_ZONE, ZONE, 5, NOW)).toBe(RUNBOOK_ZONE.replace('0   ; serial', '6   ; serial'));
  });
});

describe('files as people write them', () => {
  test('an owner of its own line is given to the records that inherited it', () => {
    const text = `$TTL 60
@ SOA a. b. 1 2 3 4 5
www A 192.0.2.1
other A 192.0.2.9
www A 192.0.2.2
    TXT "mine" ; stays
`;

    const edited = point(text, ['192.0.2.1'], 60);

    expect(edited.text).toBe(`$TTL 60
@ SOA a. b. 2 2 3 4 5
www A 192.0.2.1
other A 192.0.2.9
www    TXT "mine" ; stays
`);
  });

  test('names are found whatever their case, their $ORIGIN and their final dot', () => {
    const text = `$ORIGIN com.
$TTL 60
tinder-node-server IN SOA a. b. 1 2 3 4 5
$ORIGIN tinder-node-server.com.
WwW.Tinder-Node-Server.COM. A 192.0.2.1
`;

    expect(point(text, ['192.0.2.2'], 60).text).toContain('WwW.Tinder-Node-Server.COM. A 192.0.2.2\n');
  });

  test('the name of the zone itself is changed where the runbook writes it without an owner', () => {
    const edited = editZone(
      RUNBOOK_ZONE,
      ZONE,
      [addressChange(ZONE, [{ type: 'A', address: '192.0.2.194' }], 86_400)],
      NOW,
    );

    expect(edited.text).toContain('    NS  @\n    A   192.0.2.194\n    NS  ns.');
    expect(edited.text).not.toContain('AAAA');
  });

  test('line ends of CRLF stay, a missing one at the end is given, and a semicolon in quotes is no comment', () => {
    const text = '$TTL 60\r\n@ SOA a. b. 1 2 3 4 5\r\n@ TXT "a;b (" ; c "\r\nwww A 192.0.2.1';

    const edited = point(text, ['192.0.2.1', '192.0.2.2'], 60);

    expect(edited.text).toBe(
      '$TTL 60\r\n@ SOA a. b. 2 2 3 4 5\r\n@ TXT "a;b (" ; c "\r\nwww A 192.0.2.1\r\nwww\t60\tIN\tA\t192.0.2.2',
    );
  });

  test('a record over several lines is changed inside its parentheses', () => {
    const text = '$TTL 60\n@ SOA a. b. 1 2 3 4 5\nwww IN A ( ; which\n  192.0.2.1 ; this\n)\n';

    expect(point(text, ['192.0.2.2'], 60).text).toContain('www IN A ( ; which\n  192.0.2.2 ; this\n)\n');
  });

  test('bytes of another encoding in a comment pass through', () => {
    const gbk = Buffer.from([0xbb, 0xf0, 0xd6, 0xd6, 0x5c, 0xa0]).toString('latin1');
    const text = `$TTL 60\n@ SOA a. b. 1 2 3 4 5 ; ${gbk}\nwww A 192.0.2.1 ; ${gbk}\n`;

    expect(point(text, ['192.0.2.2'], 60).text).toBe(
      text.replace('192.0.2.1', '192.0.2.2').replace(' 1 2 3', ' 2 2 3'),
    );
  });
});

describe('what is refused, with the file untouched', () => {
  test.each([
    ['an alias', `${RUNBOOK_ZONE.replace('www IN A    192.0.2.193', 'www CNAME ns')}`, 'dns-bind/cname'],
    [
      'a name that an included file may hold',
      `${RUNBOOK_ZONE.replace(/^www.*\n/m, '')}$INCLUDE hosts\n`,
      'dns-bind/include',
    ],
    ['a file without SOA', '$TTL 1\nwww A 192.0.2.1\n', 'dns-bind/zone-syntax'],
    ['a parenthesis without its end', `${RUNBOOK_ZONE}x TXT ( "a"\n`, 'dns-bind/zone-syntax'],
    ['a quote without its end', `${RUNBOOK_ZONE}x TXT "a\n`, 'dns-bind/zone-syntax'],
    [
      'a TTL that others inherit because there is no $TTL',
      '@ 60 SOA a. b. 1 2 3 4 5\nwww 60 A 192.0.2.1\nother A 192.0.2.9\n',
      'dns-bind/zone-syntax',
    ],
  ])('%s', (_what, text, code) => {
    expect(() => point(text, ['192.0.2.194'])).toThrow(expect.objectContaining({ code }));
  });
});

describe('the reverse zone of the runbook', () => {
  const reverse = `$TTL 1D
@ IN SOA tinder-node-server.com. rname.invalid. ( 0 1D 1H 1W 3H )
  NS @
ns A 192.0.2.193
193 PTR www.tinder-node-server.com.
193 PTR email.tinder-node-server.com.
`;
  const zone = '2.0.192.in-addr.arpa';

  test('gets the PTR of the active member and loses that of the other, and keeps those of other names', () => {
    const edited = editZone(
      reverse,
      zone,
      [pointerChange(`193.${zone}`, NAME, false, 60), pointerChange(`194.${zone}`, NAME, true, 60)],
      NOW,
    );

    expect(edited.text).toBe(
      `${reverse
        .replace('193 PTR www.tinder-node-server.com.\n', '')
        .replace('( 0 ', '( 1 ')}194.2.0.192.in-addr.arpa.\t60\tIN\tPTR\twww.tinder-node-server.com.\n`,
    );
  });
});

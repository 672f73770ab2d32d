import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Secret } from '../base/secret.ts';
import { checkTsigKey, refuseUnsigned, signMessage, type TsigKey, verifyMessage } from './tsig.ts';

const nowMs = Date.UTC(2026, 2, 1);
const key: TsigKey = {
  name: 'holdfast-key',
  algorithm: 'hmac-sha256',
  secret: new Secret('env:KEY', 'c2VjcmV0IG9mIGhvbGRmYXN0IQ=='),
};
const query = Buffer.from(
  '1234000000010000000000000377777707657861 6d706c6500 0001 0001'.replace(/ /g, ''),
  'hex',
);

describe('a TSIG signature', () => {
  it.each(['hmac-sha256', 'hmac-sha512'] as const)(
    'by %s is accepted, and gives the message back',
    (algorithm) => {
      const signed = signMessage(query, { ...key, algorithm }, { nowMs });
      const verified = verifyMessage(signed.wire, [{ ...key, algorithm }], { nowMs: nowMs + 299_000 });
      expect(verified).toMatchObject({ ok: true, tsigError: 0 });
      expect(verified.ok && Buffer.from(verified.mac)).toEqual(Buffer.from(signed.mac));
      expect(verified.ok && Buffer.from(verified.stripped)).toEqual(query);
    },
  );

  it('survives a forwarder that changes the ID', () => {
    const signed = Buffer.from(signMessage(query, key, { nowMs }).wire);
    signed.writeUInt16BE(0x9999, 0);
    const verified = verifyMessage(signed, [key], { nowMs });
    expect(verified.ok && Buffer.from(verified.stripped)).toEqual(query);
  });

  it('does not survive any other changed bit', () => {
    const { wire } = signMessage(query, key, { nowMs });
    for (let bit = 16; bit < wire.length * 8; bit++) {
      const changed = Buffer.from(wire);
      const at = bit >> 3;
      changed[at] = (changed[at] as number) ^ (1 << (bit & 7));
      const isLetterCase = (bit & 7) === 5 && /[a-z-]/i.test(String.fromCharCode(wire[at] as number));
      const verified = verifyMessage(changed, [key], { nowMs });
      if (verified.ok) expect({ at, bit, isLetterCase }).toMatchObject({ isLetterCase: true });
    }
  });

  it('covers the request in an answer', () => {
    const request = signMessage(query, key, { nowMs });
    const answer = signMessage(query, key, { nowMs, requestMac: request.mac });
    expect(verifyMessage(answer.wire, [key], { nowMs, requestMac: request.mac }).ok).toBe(true);
    expect(verifyMessage(answer.wire, [key], { nowMs })).toMatchObject({ ok: false, error: 'BADSIG' });
    expect(verifyMessage(answer.wire, [key], { nowMs, requestMac: request.mac }).ok).toBe(true);
  });

  it('is told apart: unsigned, unknown key, wrong secret, wrong algorithm, wrong time, short MAC', () => {
    const { wire } = signMessage(query, key, { nowMs });
    const other = { ...key, secret: new Secret('env:OTHER', 'b3RoZXI=') };
    expect(verifyMessage(query, [key], { nowMs })).toMatchObject({ error: 'unsigned' });
    expect(verifyMessage(wire, [], { nowMs })).toMatchObject({ error: 'BADKEY' });
    expect(verifyMessage(wire, [{ ...key, algorithm: 'hmac-sha512' }], { nowMs })).toMatchObject({
      error: 'BADKEY',
    });
    expect(verifyMessage(wire, [other], { nowMs })).toMatchObject({ error: 'BADSIG', key: other });
    expect(verifyMessage(wire, [key], { nowMs: nowMs + 301_000 })).toMatchObject({
      error: 'BADTIME',
      timeSigned: nowMs / 1000,
    });
    expect(verifyMessage(wire, [key], { nowMs: nowMs - 301_000 })).toMatchObject({ error: 'BADTIME' });
    expect(verifyMessage(withMacOf(wire, 16), [key], { nowMs })).toMatchObject({ error: 'BADTRUNC' });
    expect(verifyMessage(withMacOf(wire, 15), [key], { nowMs })).toMatchObject({ error: 'FORMERR' });
    expect(verifyMessage(withMacOf(wire, 0), [key], { nowMs })).toMatchObject({ error: 'BADSIG' });
  });

  it('is refused where the record is not the last one', () => {
    const { wire } = signMessage(query, key, { nowMs });
    const opt = Buffer.from('0000291000000000000000', 'hex');
    const more = Buffer.concat([wire, opt]);
    more.writeUInt16BE(2, 10);
    expect(verifyMessage(more, [key], { nowMs })).toMatchObject({ ok: false, error: 'FORMERR' });
    expect(verifyMessage(Buffer.concat([wire, Buffer.of(0)]), [key], { nowMs })).toMatchObject({
      error: 'FORMERR',
    });
  });

  it('never throws for foreign bytes', () => {
    const { wire } = signMessage(query, key, { nowMs });
    for (let length = 0; length < wire.length; length++) {
      expect(verifyMessage(wire.slice(0, length), [key], { nowMs }).ok).toBe(false);
    }
  });

  it('names the error without a MAC where the key is not known', () => {
    const request = verifyMessage(signMessage(query, key, { nowMs }).wire, [], { nowMs });
    if (request.ok || request.record === undefined) throw new Error('expected a record');
    const answer = refuseUnsigned(query, request.record, 17);
    expect(verifyMessage(answer, [key], { nowMs })).toMatchObject({ error: 'BADSIG', tsigError: 17 });
  });

  it('is not made with a secret that is no base64, which is not shown', () => {
    const bad = { ...key, secret: new Secret('env:KEY', 'not base64!') };
    expect(() => checkTsigKey(bad)).toThrow('(<env:KEY>) is no base64');
    expect(() => checkTsigKey(key)).not.toThrow();
  });
});

const DIG = '/usr/bin/dig';
describe.skipIf(!existsSync(DIG))('beside dig of BIND (skipped where dig is not installed)', () => {
  it.each(['hmac-sha256', 'hmac-sha512'] as const)(
    'a query that dig signed by %s is accepted',
    async (algorithm) => {
      await using socket = createSocket('udp4');
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      const { port } = socket.address() as AddressInfo;
      const dig = spawn(DIG, [
        ...['@127.0.0.1', '-p', String(port), '+tries=1', '+timeout=1'],
        ...['-y', `${algorithm}:${key.name}:${key.secret.reveal()}`, 'www.example'],
      ]);
      const [packet] = (await once(socket, 'message')) as [Buffer];
      dig.kill();
      const verified = verifyMessage(packet, [{ ...key, algorithm }], { nowMs: Date.now() });
      expect(verified).toMatchObject({ ok: true });
    },
  );
});

/** The same message with the MAC cut to `length` bytes. */
function withMacOf(wire: Uint8Array, length: number): Buffer {
  const macAt = query.length + 14 + 10 + 13 + 10;
  const cut = 32 - length;
  const packet = Buffer.concat([wire.slice(0, macAt + length), wire.slice(macAt + 32)]);
  packet.writeUInt16BE(packet.readUInt16BE(query.length + 14 + 8) - cut, query.length + 14 + 8);
  packet.writeUInt16BE(length, macAt - 2);
  return packet;
}

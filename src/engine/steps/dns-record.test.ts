import { describe, expect, it } from 'vitest';
import { namedMissing } from '../../../test/named.ts';
import { Trial } from '../../../test/step-contract.ts';
import { stepWorlds } from '../../../test/step-worlds.ts';
import { dnsRecordStep } from './dns-record.ts';

const suffix = namedMissing === undefined ? '' : ` (${namedMissing})`;
const kind = dnsRecordStep(Math.random);

async function within(work: (trial: Trial, other: (more: object) => Trial) => Promise<void>): Promise<void> {
  await using world = await stepWorlds['dns-record']![0]!.open();
  const other = (more: object): Trial =>
    new Trial(kind, { ...world, args: { ...(world.args as object), ...more } });
  await work(other({}), other);
}

const set = async (trial: Trial): Promise<void> => {
  await trial.capture();
  await trial.apply();
};

describe.skipIf(namedMissing !== undefined)(`a DNS record at a real BIND${suffix}`, () => {
  it('shows the records before and after', () =>
    within(async (trial) => {
      expect(await trial.check()).toEqual({
        state: 'todo',
        diff: {
          summary: expect.stringMatching(/^change www\.site\.example A at /),
          text: '-www.site.example 30 IN A 192.0.2.1\n+www.site.example 5 IN A 192.0.2.2\n+www.site.example 5 IN A 192.0.2.3\n',
        },
      });
    }));

  it('is not overwritten where somebody else changed it since it was captured', () =>
    within(async (trial, other) => {
      await trial.capture();
      await set(other({ data: ['192.0.2.99'] }));
      await expect(trial.apply()).rejects.toMatchObject({
        code: 'step/record-not-set',
        expected: 'www.site.example 30 IN A 192.0.2.1',
        got: 'www.site.example 5 IN A 192.0.2.99',
      });
      expect(await trial.world.snapshot()).toMatchObject({ answers: ['5 192.0.2.99'] });
    }));

  it('is not brought back over somebody else’s change', () =>
    within(async (trial, other) => {
      await set(trial);
      await set(other({ data: ['192.0.2.99'] }));
      await expect(trial.revert()).rejects.toMatchObject({ code: 'step/record-not-set' });
      expect(await trial.world.snapshot()).toMatchObject({ answers: ['5 192.0.2.99'] });
    }));

  it('is told from what somebody else set since; once that is kept, the records before the step come back', () =>
    within(async (trial, other) => {
      await set(trial);
      expect(await trial.drift()).toEqual([]);
      await set(other({ data: ['192.0.2.99'] }));
      expect(await trial.drift()).toEqual([
        {
          name: expect.stringMatching(/^www\.site\.example A at /),
          diff: {
            summary: expect.stringMatching(/^www\.site\.example A at /),
            text: '-www.site.example 5 IN A 192.0.2.2\n-www.site.example 5 IN A 192.0.2.3\n+www.site.example 5 IN A 192.0.2.99\n',
          },
        },
      ]);
      const kept = await trial.reversible?.content?.keep(trial.context(), '', trial.args);
      expect(kept).toBe('www.site.example 5 IN A 192.0.2.99');
      expect(trial.memory.undo).toMatchObject({ discarded: { data: ['192.0.2.99'] } });
      await trial.revert();
      expect(await trial.world.snapshot()).toMatchObject({ answers: ['30 192.0.2.1'] });
    }));

  it('can be removed and comes back with its TTL', () =>
    within(async (_trial, other) => {
      const removal = other({ data: [] });
      await set(removal);
      expect(await removal.verify()).toMatchObject({ got: 'no such records' });
      expect(await removal.world.snapshot()).toEqual({ rcode: 'NXDOMAIN', answers: [] });
      await removal.revert();
      expect(await removal.world.snapshot()).toMatchObject({ answers: ['30 192.0.2.1'] });
    }));

  it('is refused at a server that is not the zone’s', () =>
    within(async (_trial, other) => {
      const elsewhere = other({ zone: 'other.example', name: 'www.other.example' });
      expect(await elsewhere.check()).toMatchObject({
        state: 'refused',
        because: { code: 'dns-record/not-authoritative', params: { rcode: 'REFUSED' } },
      });
    }));

  it('is refused beside a CNAME', () =>
    within(async (_trial, other) => {
      await set(other({ name: 'alias.site.example', type: 'CNAME', data: ['www.site.example.'] }));
      expect(await other({ name: 'alias.site.example' }).check()).toMatchObject({
        state: 'refused',
        because: { code: 'dns-record/is-cname' },
      });
    }));

  it('says what the server complains of where the key is missing', () =>
    within(async (_trial, other) => {
      const unsigned = other({ key: undefined });
      await unsigned.capture();
      await expect(unsigned.apply()).rejects.toMatchObject({ code: 'dns/update-refused' });
    }));
});

describe('arguments of a DNS record', () => {
  const base = { server: '192.0.2.53', zone: 'site.example', name: 'www.site.example', type: 'A' };

  it('must be data of their type, in the zone', () => {
    expect(kind.args.safeParse({ ...base, data: ['192.0.2.1'] }).success).toBe(true);
    expect(kind.args.safeParse({ ...base, data: ['192.0.2.256'] }).error?.issues[0]?.message).toBe(
      "'192.0.2.256' is no data for the type A",
    );
    expect(kind.args.safeParse({ ...base, name: 'www.other.example', data: [] }).success).toBe(false);
    expect(kind.args.safeParse({ ...base, data: [], key: { name: 'k', secret: 'plain text' } }).success).toBe(
      false,
    );
  });
});

/**
 * What every driver keeps (src/drivers/driver.ts), as tests. A driver brings a world: whatever real daemon it needs,
 * an endpoint in it, and a way to kill and start again what keeps the answer.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Answer, DriverContext, EndpointDriver, Observed } from '../src/drivers/driver.ts';
import type { Endpoint } from '../src/site/model.ts';
import { cutAt, makeAnswer } from './driver-world.ts';

export interface DriverWorld extends AsyncDisposable {
  /** Its members are those of {@link MEMBERS}. */
  readonly endpoint: Endpoint;
  readonly context: DriverContext;
  /** SIGKILL and start again: of the server, or of Holdfast where it serves itself. */
  restart(): Promise<void>;
}

/** Why a driver cannot be tested here; printed in the title. */
export type WorldMaker = { readonly missing: string | undefined; make(): Promise<DriverWorld> };

/** Epochs grow over all tests of one world, as they do in life. */
let epoch = 1_000;

/** Declares the tests of one driver. */
// biome-ignore lint/suspicious/noExplicitAny: a family's members have different configurations
export function testDriver(driver: EndpointDriver<any>, maker: WorldMaker): void {
  const title = `driver ${driver.name}${maker.missing === undefined ? '' : ` (skipped: ${maker.missing})`}`;
  const keepsTtl = driver.supports.keepsTtl ?? true;
  describe.skipIf(maker.missing !== undefined)(title, () => {
    let world: DriverWorld;
    beforeAll(async () => {
      world = await maker.make();
    });
    afterAll(async () => {
      await world?.[Symbol.asyncDispose]();
    });
    const publish = (answer: Answer) => driver.publish(world.context, world.endpoint, answer);
    const observe = (): Promise<Observed> => driver.observe(world.context, world.endpoint);
    beforeEach(async () => {
      await publish(makeAnswer(['active'], ++epoch));
    });

    describe('publish', () => {
      test('gives clients the answer, with its TTL, and says what it saw', async () => {
        const published = await publish(makeAnswer(['standby'], ++epoch, 7_000));

        expect(published.changed).toBe(true);
        expect(published.evidence.got).toContain('192.0.2.194');
        const observed = await observe();
        expect(observed).toMatchObject({ members: ['standby'], strangers: [] });
        expect(observed.ttlMs).toBe(keepsTtl ? 7_000 : undefined);
      });

      test('changes nothing the second time, and says so', async () => {
        const answer = makeAnswer(['standby'], ++epoch);
        await publish(answer);

        expect((await publish(answer)).changed).toBe(false);
        expect((await observe()).members).toEqual(['standby']);
      });

      test('takes a newer epoch for the same members, and refuses the older one from then on', async () => {
        await publish(makeAnswer(['active'], ++epoch));

        expect((await observe()).members).toEqual(['active']);
        await expect(publish(makeAnswer(['standby'], epoch - 1))).rejects.toMatchObject({
          code: 'driver/older-epoch',
        });
      });

      test.runIf(keepsTtl)('changes the TTL alone', async () => {
        await publish(makeAnswer(['active'], ++epoch, 60_000));

        expect((await observe()).ttlMs).toBe(60_000);
      });

      test('goes from IPv4 to IPv6 and back, without a rest of the other', async () => {
        await publish(makeAnswer(['six'], ++epoch));
        expect(await observe()).toMatchObject({ members: ['six'], strangers: [] });

        await publish(makeAnswer(['active'], ++epoch));
        expect(await observe()).toMatchObject({ members: ['active'], strangers: [] });
      });

      test.runIf(driver.supports.manyMembers)('gives many members, and fewer again', async () => {
        await publish(makeAnswer(['active', 'standby', 'six'], ++epoch));
        expect((await observe()).members).toEqual(['active', 'standby', 'six']);

        await publish(makeAnswer(['six', 'active'], ++epoch));
        expect((await observe()).members).toEqual(['active', 'six']);
      });
    });

    describe('publish refuses, and clients keep what they had', () => {
      test.each([
        [
          'an epoch older than the published one',
          () => makeAnswer(['standby'], epoch - 1),
          'driver/older-epoch',
        ],
        ['the same epoch with other members', () => makeAnswer(['standby'], epoch), 'driver/epoch-reused'],
        ['an answer without members', () => makeAnswer([], ++epoch), 'driver/empty-answer'],
        [
          'a member that the endpoint does not have',
          () => makeAnswer(['nobody'], ++epoch),
          'driver/unknown-member',
        ],
      ])('%s', async (_what, answer, code) => {
        await expect(publish(answer())).rejects.toMatchObject({ code });

        expect((await observe()).members).toEqual(['active']);
      });
    });

    test('the answer and its epoch survive a restart, before anything is published again', async () => {
      await publish(makeAnswer(['standby'], ++epoch));

      await world.restart();

      // Where the hosts decide, the one that is back first holds the address, and keeps it: the watcher follows them.
      const { members } = await observe();
      if (driver.supports.hostsDecide === true) expect(members).toHaveLength(1);
      else expect(members).toEqual(['standby']);
      await expect(publish(makeAnswer(['active'], epoch - 1))).rejects.toMatchObject({
        code: 'driver/older-epoch',
      });
    });

    test('an abort is honoured wherever it comes, and the next publish makes it whole', async () => {
      let members = ['active'];
      for (let n = 1, wasCut = true; wasCut; n += n < 12 ? 1 : 5) {
        members = members[0] === 'active' ? ['standby'] : ['active'];
        const answer = makeAnswer(members, ++epoch);
        const cut = cutAt(world.context, n);

        const outcome = await driver.publish(cut.context, world.endpoint, answer).then(
          () => 'published',
          (error: unknown) => (error as Error).message,
        );

        wasCut = cut.wasCut();
        if (wasCut && outcome !== 'published') expect(outcome).toBe(`cut at call ${n}`);
        await publish(answer);
        expect((await observe()).members).toEqual(members);
      }
    }, 120_000);

    test('an abort before it begins changes nothing', async () => {
      const signal = AbortSignal.abort(new Error('stopped'));

      const cut = driver.publish(
        { ...world.context, signal },
        world.endpoint,
        makeAnswer(['standby'], ++epoch),
      );

      await expect(cut).rejects.toThrow('stopped');
      expect((await observe()).members).toEqual(['active']);
    });
  });
}

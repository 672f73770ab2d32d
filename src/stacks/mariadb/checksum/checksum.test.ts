import { describe, expect, test } from 'vitest';
import { SimClock } from '../../../../test/sim-clock.ts';
import { type Row, ServerComplaint, type Session } from '../wire/client.ts';
import { keyLiteral, nextKey, sumOf, type Table } from './chunk.ts';
import { compareTable, findTables } from './compare.ts';

const ORDERS: Table = {
  schema: 'shop',
  name: 'orders',
  columns: [
    { name: 'id', type: 'int' },
    { name: 'what', type: 'text' },
  ],
  key: { name: 'id', type: 'int' },
};

/** A server that answers by the first pattern that fits; every question is kept. */
function server(...answers: readonly [RegExp, () => Row[]][]): Session & { asked: string[] } {
  const asked: string[] = [];
  return {
    version: '10.11',
    asked,
    async query(statement) {
      asked.push(statement);
      const answer = answers.find(([pattern]) => pattern.test(statement));
      if (answer === undefined) throw new Error(`nobody answers: ${statement}`);
      return answer[1]();
    },
    [Symbol.dispose]() {},
  };
}

const always = (row: Row) => (): Row[] => [row];
/** One answer after the other, the last again and again. */
function oneByOne(...rows: Row[]): () => Row[] {
  return () => [(rows.length > 1 ? rows.shift() : rows[0]) as Row];
}

const position: [RegExp, () => Row[]] = [/gtid_binlog_pos/, always({ position: '0-1-9' })];
const onePiece: [RegExp, () => Row[]] = [/LIMIT 1/, () => []];
const waited = (answer = '0'): [RegExp, () => Row[]] => [/MASTER_GTID_WAIT/, always({ waited: answer })];
const sums = (...rows: Row[]): [RegExp, () => Row[]] => [/SUM\(CRC32/, oneByOne(...rows)];

async function compare(primary: Session, standby: Session, leftMs = 10_000) {
  const clock = new SimClock();
  const signal = new AbortController().signal;
  const done = compareTable({ primary, standby, clock, signal, endMs: clock.monotonicMs() + leftMs }, ORDERS);
  await clock.advance(60_000);
  return await done;
}

describe('a table of two servers in use', () => {
  test('is the same where every piece is, after the standby has applied what the primary had', async () => {
    const primary = server(
      [
        /LIMIT 1/,
        (() => {
          const keys: Row[][] = [[{ last: '7' }], []];
          return () => keys.shift() ?? [];
        })(),
      ],
      position,
      sums({ n: '7', sum: '1' }, { n: '2', sum: '5' }),
    );
    const standby = server(waited(), sums({ n: '7', sum: '1' }, { n: '2', sum: '5' }));
    expect(await compare(primary, standby)).toEqual({ rows: 9, isWhole: true, unsettled: 0 });
    expect(standby.asked[0]).toContain("MASTER_GTID_WAIT('0-1-9'");
    expect(standby.asked.at(-1)).toContain('WHERE `id` > 7');
  });

  test('differs where a piece that stands still on the primary is another one on the standby', async () => {
    const primary = server(onePiece, position, sums({ n: '7', sum: '1' }));
    const standby = server(waited(), sums({ n: '6', sum: '4' }));
    const { difference } = await compare(primary, standby);
    expect(difference).toEqual({ where: '*', primaryRows: 7, standbyRows: 6 });
  });

  test('does not differ because somebody writes between two looks', async () => {
    const primary = server(onePiece, position, sums({ n: '7', sum: '1' }, { n: '8', sum: '2' }));
    const standby = server(waited(), sums({ n: '8', sum: '2' }));
    expect(await compare(primary, standby)).toEqual({ rows: 8, isWhole: true, unsettled: 0 });
  });

  test('is not judged where the standby is behind, or the piece changes at every look', async () => {
    const still = server(onePiece, position, sums({ n: '7', sum: '1' }));
    const behind = server(waited('-1'), sums({ n: '6', sum: '4' }));
    expect(await compare(still, behind)).toMatchObject({ unsettled: 1 });
    let n = 0;
    const busy = server(onePiece, position, [/SUM\(CRC32/, () => [{ n: String(n++), sum: '' }]]);
    const standby = server(waited(), sums({ n: '-1', sum: '' }));
    expect(await compare(busy, standby)).toMatchObject({ unsettled: 1 });
  });

  test('differs where the standby has no such table', async () => {
    const primary = server(onePiece, position, sums({ n: '7', sum: '1' }));
    const standby = server(waited(), [
      /SUM\(CRC32/,
      () => {
        throw new ServerComplaint({ number: 1146, message: 'no such table' });
      },
    ]);
    expect(await compare(primary, standby)).toMatchObject({ difference: { standbyRows: undefined } });
  });

  test('is compared as far as the time goes', async () => {
    expect(await compare(server(), server(), 0)).toEqual({ rows: 0, isWhole: false, unsettled: 0 });
  });
});

describe('pieces', () => {
  test('are cut by the first column of the primary key, as the server orders it', () => {
    expect(nextKey(ORDERS, '5')).toContain('WHERE `id` > 5 ORDER BY `id` LIMIT 1 OFFSET 9999');
    expect(sumOf(ORDERS, { after: '5', upTo: '9' })).toMatch(/WHERE `id` > 5 AND `id` <= 9$/);
  });

  test('of text and bytes have keys that cannot be read as something else', () => {
    const text: Table = { ...ORDERS, key: { name: 'id', type: 'varchar' } };
    const bytes: Table = { ...ORDERS, key: { name: 'id', type: 'varbinary' } };
    expect(keyLiteral(text, "it's")).toBe("'it\\'s'");
    expect(keyLiteral(bytes, '00FF')).toBe("x'00FF'");
    expect(nextKey(bytes, undefined)).toContain('HEX(');
  });

  test('tell NULL from an empty text', () => {
    expect(sumOf(ORDERS, { after: undefined, upTo: undefined })).toContain('ISNULL(`what`)');
  });
});

test('all tables of a database are found, each with its columns and key', async () => {
  const primary = server(
    [/information_schema.TABLES/, () => [{ name: 'a' }, { name: 'b' }]],
    [/COLUMNS/, () => [{ name: 'x', type: 'int' }]],
    [/STATISTICS.*'a'/, () => [{ name: 'x' }]],
    [/STATISTICS/, () => []],
  );
  const found = await findTables(primary, 'shop.*');
  expect(found.map(({ name, key }) => [name, key?.name])).toEqual([
    ['a', 'x'],
    ['b', undefined],
  ]);
  expect(primary.asked[0]).not.toContain('TABLE_NAME =');
});

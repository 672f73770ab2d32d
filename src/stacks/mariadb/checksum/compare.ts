/**
 * Whether a standby has the same rows as its primary, while both are in use. No lock, no snapshot, no pause of the
 * replication: a piece is summed on the primary, then on the standby once that has applied all that the primary had
 * committed by then. Where the two differ, the primary is asked once more: only if the piece has not changed there
 * meanwhile is it a difference, because what the standby saw lay between the two looks.
 */
import type { Clock } from '../../../base/clock.ts';
import { literal } from '../sql.ts';
import { ServerComplaint, type Session } from '../wire/client.ts';
import { type Column, keyLiteral, nextKey, type Range, sumOf, type Table } from './chunk.ts';

export interface Pairing {
  readonly primary: Session;
  readonly standby: Session;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** On the monotonic clock: no piece is begun after it. */
  readonly endMs: number;
}

export interface Compared {
  readonly rows: number;
  /** False where time was up before the end. */
  readonly isWhole: boolean;
  /** Pieces that changed at every look. */
  readonly unsettled: number;
  /** The first piece that differs. */
  readonly difference?: Difference;
}

export interface Difference {
  /** `id > 5 … ≤ 9`, or all of it. */
  readonly where: string;
  readonly primaryRows: number;
  /** Undefined where the table is not there. */
  readonly standbyRows: number | undefined;
}

interface Sum {
  readonly n: number;
  readonly sum: string;
}

const MOST_LOOKS = 8;
const BETWEEN_LOOKS_MS = 100;
const WAIT_S = 5;
const NO_SUCH_TABLE = 1146;

/** All tables of that name (`shop.orders`) or of that database (`shop.*`) that the primary has. */
export async function findTables(primary: Session, name: string): Promise<Table[]> {
  const [schema = '', table = ''] = name.split('.');
  const of = `TABLE_SCHEMA = ${literal(schema)}${table === '*' ? '' : ` AND TABLE_NAME = ${literal(table)}`}`;
  const rows = await primary.query(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND ${of} ORDER BY 1`,
  );
  const tables: Table[] = [];
  // One after the other: a session answers one question at a time.
  for (const row of rows) tables.push(await describe(primary, schema, row.name as string));
  return tables;
}

async function describe(primary: Session, schema: string, name: string): Promise<Table> {
  const of = `TABLE_SCHEMA = ${literal(schema)} AND TABLE_NAME = ${literal(name)}`;
  const found = await primary.query(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS type FROM information_schema.COLUMNS WHERE ${of} ORDER BY ORDINAL_POSITION`,
  );
  const columns = found.map((row): Column => ({ name: row.name as string, type: row.type as string }));
  const [first] = await primary.query(
    `SELECT COLUMN_NAME AS name FROM information_schema.STATISTICS WHERE ${of} AND INDEX_NAME = 'PRIMARY' AND SEQ_IN_INDEX = 1`,
  );
  return { schema, name, columns, key: columns.find((column) => column.name === first?.name) };
}

/** A table, piece after piece, up to the first that differs. @throws ServerComplaint where a server refuses */
export async function compareTable(pairing: Pairing, table: Table): Promise<Compared> {
  let rows = 0;
  let unsettled = 0;
  let after: string | undefined;
  for (;;) {
    if (pairing.clock.monotonicMs() >= pairing.endMs) return { rows, isWhole: false, unsettled };
    const upTo = await endOfPiece(pairing, table, after);
    const found = await comparePiece(pairing, table, { after, upTo });
    if (found === 'unsettled') unsettled++;
    else if ('where' in found) return { rows, isWhole: true, unsettled, difference: found };
    else rows += found.n;
    if (upTo === undefined) return { rows, isWhole: true, unsettled };
    after = upTo;
  }
}

async function endOfPiece(
  { primary }: Pairing,
  table: Table,
  after: string | undefined,
): Promise<string | undefined> {
  if (table.key === undefined) return undefined;
  const [row] = await primary.query(nextKey(table, after));
  return row?.last === undefined ? undefined : keyLiteral(table, row.last);
}

async function comparePiece(
  { primary, standby, clock, signal }: Pairing,
  table: Table,
  range: Range,
): Promise<Sum | Difference | 'unsettled'> {
  const question = sumOf(table, range);
  for (let look = 1; look <= MOST_LOOKS; look++) {
    const before = await ask(primary, question);
    const [at] = await primary.query('SELECT @@gtid_binlog_pos AS position');
    const wait = `SELECT MASTER_GTID_WAIT(${literal(at?.position ?? '')}, ${WAIT_S}) AS waited`;
    const [{ waited } = {}] = await standby.query(wait);
    const there = await ask(standby, question).catch(unlessMissing);
    if (there !== undefined && isSame(before, there)) return before;
    const again = await ask(primary, question);
    if (waited === '0' && isSame(before, again))
      return { where: shown(table, range), primaryRows: before.n, standbyRows: there?.n };
    await clock.sleep(BETWEEN_LOOKS_MS * look, signal);
  }
  return 'unsettled';
}

async function ask(session: Session, question: string): Promise<Sum> {
  const [row] = await session.query(question);
  return { n: Number(row?.n ?? 0), sum: row?.sum ?? '' };
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof ServerComplaint) || error.number !== NO_SUCH_TABLE) throw error;
}

function isSame(one: Sum, other: Sum): boolean {
  return one.n === other.n && one.sum === other.sum;
}

function shown({ key }: Table, { after, upTo }: Range): string {
  const bounds = [
    ...(after === undefined ? [] : [`> ${after}`]),
    ...(upTo === undefined ? [] : [`≤ ${upTo}`]),
  ];
  return bounds.length === 0 ? '*' : `${key?.name} ${bounds.join(', ')}`;
}

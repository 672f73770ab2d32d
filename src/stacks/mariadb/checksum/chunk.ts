/** The SQL by which a table is compared a piece at a time. Pure. */
import { literal } from '../sql.ts';

export interface Column {
  readonly name: string;
  /** As `information_schema.COLUMNS.DATA_TYPE` has it: `int`, `varchar` … */
  readonly type: string;
}

export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
  /** First column of the primary key; undefined where there is none: then the table is one piece. */
  readonly key: Column | undefined;
}

/** Keys from `after` (not included) to `upTo` (included), as SQL literals; undefined: from the first, to the last. */
export interface Range {
  readonly after: string | undefined;
  readonly upTo: string | undefined;
}

const ROWS_AT_ONCE = 10_000;
const BINARY = /^(binary|varbinary|tinyblob|blob|mediumblob|longblob|bit|uuid|inet6|inet4)$/;
const NUMBER = /^(tinyint|smallint|mediumint|int|bigint|decimal)$/;

/** Asks for the last key of the next piece, as `last`; no row: the rest is one piece. */
export function nextKey(table: Table, after: string | undefined): string {
  const key = quoted(table.key?.name ?? '');
  const value = isBinary(table.key) ? `HEX(CAST(${key} AS BINARY))` : key;
  const where = after === undefined ? '' : ` WHERE ${key} > ${after}`;
  return `SELECT ${value} AS last FROM ${nameOf(table)}${where} ORDER BY ${key} LIMIT 1 OFFSET ${ROWS_AT_ONCE - 1}`;
}

/** A key as `nextKey` gave it, for a `Range`. */
export function keyLiteral(table: Table, last: string): string {
  if (isBinary(table.key)) return `x'${last}'`;
  return NUMBER.test(table.key?.type ?? '') ? last : literal(last);
}

/**
 * Asks for the rows of a piece, as `n`, and a sum over all their columns, as `sum`: 32 bits of each row. NULL and an empty
 * text differ; bytes count, whatever the collation.
 */
export function sumOf(table: Table, { after, upTo }: Range): string {
  const key = quoted(table.key?.name ?? '');
  const bounds = [
    ...(after === undefined ? [] : [`${key} > ${after}`]),
    ...(upTo === undefined ? [] : [`${key} <= ${upTo}`]),
  ];
  const where = bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`;
  const names = table.columns.map(({ name }) => quoted(name));
  const values = names.map((name) => `CAST(${name} AS BINARY)`).join(', ');
  const nulls = names.map((name) => `ISNULL(${name})`).join(', ');
  return `SELECT COUNT(*) AS n, COALESCE(SUM(CRC32(CONCAT_WS('#', ${values}, ${nulls}))), 0) AS sum FROM ${nameOf(table)}${where}`;
}

/** `shop.orders` */
export function shownName({ schema, name }: Pick<Table, 'schema' | 'name'>): string {
  return `${schema}.${name}`;
}

function nameOf({ schema, name }: Table): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function isBinary(column: Column | undefined): boolean {
  return BINARY.test(column?.type ?? '');
}

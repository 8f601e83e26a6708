/**
 * Tables through DuckDB. Every CSV column is read as text under a name of our own (c0, c1, …), so that DuckDB guesses
 * neither types nor names; numbers are made inside DuckDB, in one place, and arrive as float64 buffers.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { DuckDBConnection } from '@duckdb/node-api';
import { inRowMemory } from '../host/row-memory.js';
import { alignedZeros, allFinite, rowsOfMatrix } from '../linear-algebra/columns.js';
import type { Cell, NameColumn, NumericColumn, Table } from './types.js';

export interface Database {
  readonly connection: DuckDBConnection;
  /** DuckDB keeps what it has read until its instance is closed: as much again as a table is large. */
  readonly close: () => void;
}

export async function connect(): Promise<Database> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** How a column's cells become numbers. */
export interface SqlColumn {
  readonly name: string;
  /** the cell as text, NULL where missing */
  readonly text: string;
  /** the cell as DOUBLE, NULL where it is missing or no number */
  readonly number: string;
  /** every cell that is there is a number: a column of a number type */
  readonly isNumber?: boolean;
}

/** A cell as text: blanks around it left out; NULL for the empty cell and the words that stand for a missing one. */
export function textCell(column: string, missing: readonly string[]): string {
  const trimmed = `trim(${column}, ' \t\r')`;
  const words = ['', ...missing].map(quoteText).join(', ');
  return `(CASE WHEN ${trimmed} IN (${words}) THEN NULL ELSE ${trimmed} END)`;
}

/** Text as a number. DuckDB takes 1_000 for one; we do not. */
export function numberOf(text: string, decimal: string): string {
  const pointed = decimal === '.' ? text : `replace(${text}, ${quoteText(decimal)}, '.')`;
  return `(CASE WHEN contains(${text}, '_') THEN NULL ELSE TRY_CAST(${pointed} AS DOUBLE) END)`;
}

export interface SqlTable {
  readonly connection: DuckDBConnection;
  readonly source: string;
  readonly columns: readonly SqlColumn[];
  /** name of a view that gives the rows in order */
  readonly view: string;
  readonly rows: number;
  /** called once */
  readonly close: () => void;
}

const SHOWN = 5;

export function sqlTable(t: SqlTable): Table {
  const column = (name: string): SqlColumn => {
    const found = t.columns.find((c) => c.name === name);
    if (found === undefined) throw new Error(`no column ${name}`);
    return found;
  };
  let isOpen = true;
  return {
    names: t.columns.map((c) => c.name),
    rows: t.rows,
    source: t.source,
    isNumeric: async (name) => {
      const c = column(name);
      // numbers need not be written out to be counted
      const there = c.isNumber === true ? c.number : c.text;
      const [counts] = await values(
        t.connection,
        `SELECT count(${there}), count(${c.number}) FROM ${t.view}`,
      );
      return Number(counts[0]) > 0 && Number(counts[1]) * 2 > Number(counts[0]);
    },
    numeric: (names) => numericColumns(t, names.map(column)),
    byName: (name) => nameColumn(t, column(name)),
    close: () => {
      if (isOpen) t.close();
      isOpen = false;
    },
  };
}

type Row = readonly (string | number | bigint | boolean | null)[];

const values = async (connection: DuckDBConnection, sql: string): Promise<readonly Row[]> =>
  (await (await connection.run(sql)).getRows()) as unknown as readonly Row[];

/** Names get their numbers inside DuckDB, as an ENUM: a string for every row would take seconds, and memory. */
async function nameColumn(t: SqlTable, c: SqlColumn): Promise<NameColumn> {
  const cells = `(SELECT ${c.text} AS cell FROM ${t.view})`;
  const different = `SELECT DISTINCT cell FROM ${cells} WHERE cell IS NOT NULL ORDER BY cell`;
  await t.connection.run(`CREATE OR REPLACE TYPE names AS ENUM (${different})`);
  const found = await values(t.connection, 'SELECT unnest(enum_range(NULL::names))');
  const names = found.map(([name]) => String(name));
  const code = `coalesce(enum_code(CAST(cell AS names)) + 1, 0)::DOUBLE`;
  const [codes] = await float64Columns(t, `SELECT ${code} FROM ${cells}`, 1);
  return { names, codes: Int32Array.from(codes) };
}

/** NaN marks a cell without a number, infinity one that is not finite; which of them it is, is asked only then. */
async function numericColumns(t: SqlTable, columns: readonly SqlColumn[]): Promise<readonly NumericColumn[]> {
  if (columns.length === 0) return [];
  const select = columns.map(
    (c) =>
      `CASE WHEN ${c.number} IS NULL THEN 'nan'::DOUBLE WHEN isfinite(${c.number}) THEN ${c.number} ELSE 'inf'::DOUBLE END`,
  );
  const arrays = await float64Columns(t, `SELECT ${select.join(', ')} FROM ${t.view}`, columns.length);
  const done: NumericColumn[] = [];
  for (const [n, c] of columns.entries()) {
    const array = arrays[n];
    done.push(
      allFinite(array)
        ? { values: array, missing: 0, bad: [], badCount: 0, notFinite: [], notFiniteCount: 0 }
        : await described(t, c, array),
    );
  }
  return done;
}

async function described(t: SqlTable, c: SqlColumn, array: Float64Array): Promise<NumericColumn> {
  const numbered = `(SELECT row_number() OVER () AS row, ${c.text} AS text, ${c.number} AS number FROM ${t.view})`;
  const [counts] = await values(
    t.connection,
    `SELECT count(*) FILTER (text IS NULL), count(*) FILTER (text IS NOT NULL AND number IS NULL), count(*) FILTER (NOT isfinite(number)) FROM ${numbered}`,
  );
  const cells = async (condition: string): Promise<readonly Cell[]> =>
    (
      await values(
        t.connection,
        `SELECT row, text FROM ${numbered} WHERE ${condition} ORDER BY row LIMIT ${SHOWN}`,
      )
    ).map(([row, text]) => ({ row: Number(row), text: String(text) }));
  return {
    values: array,
    missing: Number(counts[0]),
    bad: await cells('text IS NOT NULL AND number IS NULL'),
    badCount: Number(counts[1]),
    notFinite: await cells('NOT isfinite(number)'),
    notFiniteCount: Number(counts[2]),
  };
}

/**
 * Runs a query of DOUBLE columns without NULLs and copies its chunks into one array per column. The arrays lie side by side
 * in one buffer, [C, N], which an engine can take as it is.
 */
async function float64Columns(t: SqlTable, sql: string, width: number): Promise<readonly Float64Array[]> {
  const length = width * t.rows;
  const arrays = rowsOfMatrix(inRowMemory(length) ?? alignedZeros(length), width);
  const result = await t.connection.stream(sql);
  const collect = width * t.rows > 1 << 20 ? collector() : undefined;
  let row = 0;
  let chunks = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return arrays;
    for (let c = 0; c < width; c++) {
      // the vector's own buffer: its class keeps it private, and copying cell by cell takes ten times as long
      const { items } = chunk.getColumnVector(c) as unknown as { readonly items: Float64Array };
      arrays[c].set(items, row);
    }
    row += chunk.rowCount;
    if (++chunks % 16 === 0) collect?.();
  }
}

/**
 * Frees what is garbage already. A chunk's memory is DuckDB's and its JavaScript object small, so that the heap, left alone,
 * sees no reason to let go of any of them: all chunks together are the table once more.
 */
function collector(): (() => void) | undefined {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('globalThis.gc') as ((how: { type: 'minor' }) => void) | undefined;
  return (
    gc &&
    (() => {
      gc({ type: 'minor' });
    })
  );
}

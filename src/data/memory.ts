/** Tables that are already in memory: columns or rows of a program, or JSON. */
import { allFinite } from '../linear-algebra/columns.js';
import type { Cell, DataProblem, NumericColumn, Table, TableOptions } from './types.js';

export type ColumnData = ArrayLike<number> | readonly (string | number | boolean | null | undefined)[];

export type MemorySource =
  | { readonly kind: 'columns'; readonly columns: Readonly<Record<string, ColumnData>> }
  | { readonly kind: 'rows'; readonly rows: readonly Readonly<Record<string, unknown>>[] };

export interface Opened {
  readonly value: Table | undefined;
  readonly problems: readonly DataProblem[];
}

export const opened = (value: Table): Opened => ({ value, problems: [] });
export const failed = (...problems: readonly DataProblem[]): Opened => ({ value: undefined, problems });

/** How cells are read that are text, and what the table is called in messages. */
export interface Cells {
  readonly missing: readonly string[];
  readonly decimal: string;
  readonly source: string;
}

export const cellsOf = ({ missing = ['NA'], decimal = '.' }: TableOptions): Cells => ({
  missing,
  decimal,
  source: 'the table',
});

export function openMemory(source: MemorySource, options: TableOptions): Opened {
  const cells = cellsOf(options);
  if (source.kind === 'rows') return notEmpty(memoryTable(columnsOfRows(source.rows), cells));
  const lengths = Object.entries(source.columns).map(([name, c]) => ({ name, length: c.length }));
  const odd = lengths.find((l) => l.length !== lengths[0].length);
  if (odd === undefined) return notEmpty(memoryTable(source.columns, cells));
  return failed({
    kind: 'malformed-table',
    source: cells.source,
    line: undefined,
    reason: `column ${odd.name} has ${String(odd.length)} cells and ${lengths[0].name} ${String(lengths[0].length)}`,
  });
}

export const notEmpty = (table: Table): Opened =>
  table.rows > 0
    ? opened(table)
    : failed({ kind: 'no-rows', source: table.source, hasHeader: table.names.length > 0 });

type RawCell = string | number | boolean | null | undefined;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const WORDS = /^[+-]?(nan|inf|infinity)$/i;
const SHOWN = 5;

export function memoryTable(columns: Readonly<Record<string, ColumnData>>, options: Cells): Table {
  const names = Object.keys(columns);
  const rows = names.length === 0 ? 0 : columns[names[0]].length;
  const text = (cell: RawCell): string | undefined => {
    if (cell === null || cell === undefined) return undefined;
    const trimmed = String(cell).trim();
    return trimmed === '' || options.missing.includes(trimmed) ? undefined : trimmed;
  };
  const number = (cell: RawCell): number | undefined => {
    if (typeof cell === 'number') return cell;
    if (typeof cell === 'boolean') return cell ? 1 : 0;
    const t = text(cell);
    if (t === undefined) return undefined;
    if (WORDS.test(t)) return NaN;
    const pointed = options.decimal === '.' ? t : t.replace(options.decimal, '.');
    return NUMBER.test(pointed) ? Number(pointed) : undefined;
  };
  const read = (name: string): NumericColumn => {
    const column = columns[name];
    if (column instanceof Float64Array && allFinite(column))
      return { values: column, missing: 0, bad: [], badCount: 0, notFinite: [], notFiniteCount: 0 };
    const values = new Float64Array(rows).fill(NaN);
    const bad: Cell[] = [];
    const notFinite: Cell[] = [];
    let missing = 0;
    let badCount = 0;
    let notFiniteCount = 0;
    for (let row = 0; row < rows; row++) {
      const cell = column[row];
      const value = number(cell);
      if (value === undefined) {
        if (text(cell) === undefined) missing++;
        else if (++badCount <= SHOWN) bad.push({ row: row + 1, text: String(cell) });
      } else if (!Number.isFinite(value)) {
        values[row] = Infinity;
        if (++notFiniteCount <= SHOWN) notFinite.push({ row: row + 1, text: String(cell) });
      } else values[row] = value;
    }
    return { values, missing, bad, badCount, notFinite, notFiniteCount };
  };
  return {
    names,
    rows,
    source: options.source,
    isNumeric: (name) => {
      const column = read(name);
      const numbers = rows - column.missing - column.badCount;
      return Promise.resolve(rows > column.missing && numbers * 2 > rows - column.missing);
    },
    numeric: (wanted) => Promise.resolve(wanted.map(read)),
    byName: (name) => {
      const numbers = new Map<string, number>();
      const codes = Int32Array.from({ length: rows }, (_, row) => {
        const cell = text(columns[name][row]);
        if (cell === undefined) return 0;
        const known = numbers.get(cell) ?? numbers.size + 1;
        numbers.set(cell, known);
        return known;
      });
      return Promise.resolve({ names: [...numbers.keys()], codes });
    },
    close: () => undefined,
  };
}

/** Rows as columns; a key that a row lacks is a missing cell. */
export function columnsOfRows(
  rows: readonly Readonly<Record<string, unknown>>[],
): Readonly<Record<string, ColumnData>> {
  const names = [...new Set(rows.flatMap(Object.keys))];
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] as RawCell)]));
}

/** Tables that are already in memory: columns or rows of a program, or JSON. */
import { allFinite } from '../linear-algebra/columns.js';
import type { Cell, NumericColumn, Table } from './types.js';

export type ColumnData = ArrayLike<number> | readonly (string | number | boolean | null | undefined)[];

type RawCell = string | number | boolean | null | undefined;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const WORDS = /^[+-]?(nan|inf|infinity)$/i;
const SHOWN = 5;

export function memoryTable(
  columns: Readonly<Record<string, ColumnData>>,
  options: { readonly missing: readonly string[]; readonly decimal: string; readonly source: string },
): Table {
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
    text: (name) => Promise.resolve(Array.from({ length: rows }, (_, row) => text(columns[name][row]))),
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

/** What the library takes for a table: columns, rows, or the path of a file. */
import { openTable } from '../data/read.js';
import type { ColumnData } from '../data/memory.js';
import type { Table, TableOptions } from '../data/types.js';
import { FitError } from './errors.js';

/** Columns by name (`Float64Array` is not copied), an array of rows, or, in Node, the path of a CSV, Parquet or JSON file. */
export type TableInput =
  string | Readonly<Record<string, ColumnData>> | readonly Readonly<Record<string, unknown>>[];

export async function openInput(input: TableInput, options: TableOptions): Promise<Table> {
  const source =
    typeof input === 'string'
      ? ({ kind: 'file', path: input } as const)
      : Array.isArray(input)
        ? ({ kind: 'rows', rows: input as readonly Readonly<Record<string, unknown>>[] } as const)
        : ({ kind: 'columns', columns: input as Readonly<Record<string, ColumnData>> } as const);
  const { value, problems } = await openTable(source, options);
  if (value === undefined) throw new FitError(problems);
  return value;
}

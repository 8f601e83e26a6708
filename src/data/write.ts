/** Writes a table of named columns as CSV, JSON or Parquet. Numbers at full precision. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { connect, quoteText } from './duckdb.js';

export type OutputColumn = { readonly name: string; readonly values: ArrayLike<number> | readonly string[] };

const cell = (value: number | string): string =>
  typeof value === 'number'
    ? String(value)
    : /[",\n\r]/.test(value)
      ? `"${value.replaceAll('"', '""')}"`
      : value;

export function toCsv(columns: readonly OutputColumn[]): string {
  const rows = columns[0]?.values.length ?? 0;
  const lines = [columns.map((c) => cell(c.name)).join(',')];
  for (let row = 0; row < rows; row++) lines.push(columns.map((c) => cell(c.values[row])).join(','));
  return `${lines.join('\n')}\n`;
}

/** An array of rows. */
export function toJson(columns: readonly OutputColumn[]): string {
  const rows = columns[0]?.values.length ?? 0;
  const list = Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map((c) => [c.name, c.values[row]])),
  );
  return `${JSON.stringify(list, null, 1)}\n`;
}

/** Writes by the file's extension: .csv, .json or .parquet. */
export async function writeTable(path: string, columns: readonly OutputColumn[]): Promise<void> {
  const extension = extname(path).toLowerCase();
  if (extension === '.json') writeFileSync(path, toJson(columns));
  else if (extension === '.parquet') await writeParquet(path, columns);
  else writeFileSync(path, toCsv(columns));
}

async function writeParquet(path: string, columns: readonly OutputColumn[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gmm-'));
  const { connection, close } = await connect();
  try {
    const csv = join(folder, 'table.csv');
    writeFileSync(csv, toCsv(columns));
    const types = columns.map(
      (c) =>
        `${quoteText(c.name)}: '${typeof c.values[0] === 'string' ? 'VARCHAR' : Number.isInteger(c.values[0]) && Array.from(c.values as ArrayLike<number>).every(Number.isInteger) ? 'BIGINT' : 'DOUBLE'}'`,
    );
    await connection.run(
      `COPY (SELECT * FROM read_csv(${quoteText(csv)}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {${types.join(', ')}})) TO ${quoteText(path)} (FORMAT parquet)`,
    );
  } finally {
    close();
    rmSync(folder, { recursive: true, force: true });
  }
}

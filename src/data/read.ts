/**
 * Opens a table: a CSV, Parquet or JSON file, text from standard input, or data in memory. Browsers get `read.browser.ts`.
 */
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import type { Database } from './duckdb.js';
import { connect, numberOf, quoteText, sqlTable, textCell } from './duckdb.js';
import { readHeader } from './header.js';
import { cellsOf, columnsOfRows, failed, memoryTable, notEmpty, opened, openMemory } from './memory.js';
import type { Cells, ColumnData, MemorySource, Opened } from './memory.js';
import { plainColumns } from './plain-csv.js';
import { nearest } from '../model/nearest.js';
import type { TableOptions } from './types.js';

export type TableSource =
  | MemorySource
  | { readonly kind: 'file'; readonly path: string }
  /** CSV or JSON text, such as standard input */
  | { readonly kind: 'text'; readonly text: string; readonly name: string };

export async function openTable(source: TableSource, options: TableOptions = {}): Promise<Opened> {
  switch (source.kind) {
    case 'columns':
    case 'rows':
      return openMemory(source, options);
    case 'text':
      return openText(source.text, source.name, options, cellsOf(options));
    case 'file':
      return openFile(source.path, options, cellsOf(options));
  }
}

async function openFile(path: string, options: TableOptions, memory: Cells): Promise<Opened> {
  const unreadable = whyUnreadable(path);
  if (unreadable !== undefined)
    return failed({ kind: 'file-unreadable', file: path, reason: unreadable, near: filesNear(path) });
  const name = basename(path);
  const extension = extname(path).toLowerCase();
  if (extension === '.parquet') return openParquet(path, name, options);
  if (extension === '.json' || extension === '.ndjson' || extension === '.jsonl')
    return openJson(readFileSync(path, 'utf8'), name, memory);
  return openCsv(path, name, options, () => undefined);
}

async function openText(text: string, name: string, options: TableOptions, memory: Cells): Promise<Opened> {
  if (/^\s*[[{]/.test(text.replace(/^\uFEFF/, ''))) return openJson(text, name, memory);
  // DuckDB reads files: the text goes into one of our own, which goes with the table
  const folder = mkdtempSync(join(tmpdir(), 'gmm-'));
  const path = join(folder, 'table.csv');
  writeFileSync(path, text);
  const result = await openCsv(path, name, options, () => {
    rmSync(folder, { recursive: true, force: true });
  });
  if (result.value === undefined) rmSync(folder, { recursive: true, force: true });
  return result;
}

function whyUnreadable(path: string): string | undefined {
  try {
    if (statSync(path).isDirectory()) return 'it is a folder';
    closeSync(openSync(path, 'r'));
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT'
      ? 'there is no such file'
      : code === 'EACCES'
        ? 'permission denied'
        : String(code);
  }
}

function filesNear(path: string): readonly string[] {
  try {
    const near = nearest(basename(path), readdirSync(dirname(path)));
    return near === undefined ? [] : [join(dirname(path), near)];
  } catch {
    return [];
  }
}

// ------------------------------------------------------------------------------------------------ CSV

const HEAD = 1 << 20;

async function openCsv(
  path: string,
  name: string,
  options: TableOptions,
  cleanUp: () => void,
): Promise<Opened> {
  const head = readHead(path);
  const header = readHeader(head, options.delimiter);
  if (header === undefined) return failed({ kind: 'no-rows', source: name, hasHeader: false });
  const isSmall = statSync(path).size < HEAD && (options.decimal ?? '.') === '.';
  const plain = isSmall
    ? plainColumns(head.replace(/^\uFEFF/, ''), header.names, header.delimiter)
    : undefined;
  if (plain !== undefined) {
    cleanUp();
    return notEmpty(memoryTable(plain, { missing: options.missing ?? ['NA'], decimal: '.', source: name }));
  }
  const skip = leadingLines(head) + 1;
  const { connection, close } = await connect();
  // one column more, so that a row longer than the header is seen and not cut
  const types = [...header.names.map((_, n) => `c${String(n)}`), 'beyond']
    .map((column) => `'${column}': 'VARCHAR'`)
    .join(', ');
  const scan = `read_csv(${quoteText(path)}, header = false, skip = ${String(skip)}, auto_detect = false, delim = ${quoteText(header.delimiter)}, quote = '"', escape = '"', nullstr = '', null_padding = true, strict_mode = false, max_line_size = 16777216, parallel = ${String(statSync(path).size > HEAD)}, columns = {${types}})`;
  const columns = header.names.map((_, n) => `c${String(n)}`);
  // a line without any text is no row; DuckDB gives one for it where there is a single column
  const filter = columns.length === 1 ? ` WHERE c0 IS NOT NULL` : '';
  const missing = options.missing ?? ['NA'];
  try {
    await connection.run(`CREATE VIEW data AS SELECT * FROM ${scan}${filter}`);
    const isLarge = statSync(path).size > 64 * HEAD;
    // small files are kept, so that each question does not read the text again
    if (!isLarge) await connection.run('CREATE TABLE kept AS SELECT * FROM data');
    const view = isLarge ? 'data' : 'kept';
    const query = async (sql: string): Promise<readonly (readonly bigint[])[]> =>
      (await (await connection.run(sql)).getRows()) as unknown as readonly (readonly bigint[])[];
    const [[count, beyond]] = await query(`SELECT count(*), count(nullif(trim(beyond), '')) FROM ${view}`);
    const rows = Number(count);
    if (rows === 0) {
      close();
      return failed({ kind: 'no-rows', source: name, hasHeader: true });
    }
    if (beyond > 0n) {
      const numbered = `SELECT row_number() OVER () AS row, beyond FROM ${view}`;
      const [[row]] = await query(
        `SELECT row FROM (${numbered}) WHERE trim(beyond) <> '' ORDER BY row LIMIT 1`,
      );
      close();
      return failed({
        kind: 'malformed-table',
        source: name,
        line: undefined,
        reason: `row ${String(row)} has more cells than the header has names (${String(header.names.length)})`,
      });
    }
    const all = header.names.map((column, n) => {
      const text = textCell(`c${String(n)}`, missing);
      return { name: column, text, number: numberOf(text, options.decimal ?? '.') };
    });
    const last = all[all.length - 1];
    const kept =
      last.name === '' && (await isEmptyColumn(connection, view, last.text)) ? all.slice(0, -1) : all;
    const closeAll = (): void => {
      close();
      cleanUp();
    };
    return opened(sqlTable({ connection, source: name, columns: kept, view, rows, close: closeAll }));
  } catch (error) {
    close();
    return failed({ kind: 'malformed-table', source: name, line: lineOf(error), reason: firstLine(error) });
  }
}

async function isEmptyColumn(
  connection: Database['connection'],
  view: string,
  text: string,
): Promise<boolean> {
  const [count] = (await (
    await connection.run(`SELECT count(${text}) FROM ${view}`)
  ).getRows()) as unknown as readonly (readonly bigint[])[];
  return count[0] === 0n;
}

function readHead(path: string): string {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(HEAD);
    const length = readSync(file, buffer, 0, HEAD, 0);
    return buffer.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}

/** Empty lines before the header. */
const leadingLines = (head: string): number =>
  /^\uFEFF?((?:[ \t]*\r?\n)*)/.exec(head)![1].split('\n').length - 1;

const firstLine = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n')[0] : String(error);
const lineOf = (error: unknown): number | undefined => {
  const found = /[Ll]ine:? (\d+)/.exec(error instanceof Error ? error.message : '');
  return found === null ? undefined : Number(found[1]);
};

// ------------------------------------------------------------------------------------------------ Parquet and JSON

const NUMBER_TYPE = /^(DOUBLE|FLOAT|DECIMAL|U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER)\b/;

async function openParquet(path: string, name: string, options: TableOptions): Promise<Opened> {
  const { connection, close } = await connect();
  const missing = options.missing ?? ['NA'];
  try {
    const query = async (sql: string): Promise<readonly (readonly (string | bigint)[])[]> =>
      (await (await connection.run(sql)).getRows()) as unknown as readonly (readonly (string | bigint)[])[];
    // names from the file itself: DuckDB's own would lose the case of letters where two differ only in it
    const names = (
      await query(`SELECT name FROM parquet_schema(${quoteText(path)}) WHERE num_children IS NULL`)
    ).map(([n]) => String(n));
    const aliases = names.map((_, n) => `c${String(n)}`);
    await connection.run(
      `CREATE VIEW data AS SELECT * FROM read_parquet(${quoteText(path)}) AS t(${aliases.join(', ')})`,
    );
    const types = (await query('SELECT column_name, column_type FROM (DESCRIBE data)')).map(([, type]) =>
      String(type),
    );
    const rows = Number((await query('SELECT count(*) FROM data'))[0][0]);
    if (rows === 0) {
      close();
      return failed({ kind: 'no-rows', source: name, hasHeader: true });
    }
    const columns = names.map((column, n) => {
      const alias = aliases[n];
      if (/^VARCHAR/.test(types[n])) {
        const text = textCell(alias, missing);
        return { name: column, text, number: numberOf(text, options.decimal ?? '.') };
      }
      return {
        name: column,
        text: `CAST(${alias} AS VARCHAR)`,
        number: types[n] === 'DOUBLE' ? alias : `TRY_CAST(${alias} AS DOUBLE)`,
        isNumber: NUMBER_TYPE.test(types[n]),
      };
    });
    return opened(sqlTable({ connection, source: name, columns, view: 'data', rows, close }));
  } catch (error) {
    close();
    return failed({ kind: 'malformed-table', source: name, line: undefined, reason: firstLine(error) });
  }
}

/** An array of rows, an object of columns, or one row a line. */
function openJson(text: string, name: string, memory: Cells): Opened {
  const options = { ...memory, source: name };
  const malformed = (reason: string): Opened =>
    failed({ kind: 'malformed-table', source: name, line: undefined, reason });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    const lines = text.split('\n').filter((l) => l.trim() !== '');
    try {
      parsed = lines.map((l): unknown => JSON.parse(l));
    } catch (error) {
      return lines.length === 0
        ? failed({ kind: 'no-rows', source: name, hasHeader: false })
        : malformed(firstLine(error));
    }
  }
  if (Array.isArray(parsed)) {
    if (parsed.some((row) => typeof row !== 'object' || row === null))
      return malformed('its rows are not objects');
    return notEmpty(memoryTable(columnsOfRows(parsed as Readonly<Record<string, unknown>>[]), options));
  }
  if (typeof parsed === 'object' && parsed !== null) {
    const record = parsed as Readonly<Record<string, unknown>>;
    const columns =
      'columns' in record && typeof record['columns'] === 'object'
        ? (record['columns'] as Readonly<Record<string, unknown>>)
        : record;
    if (Object.values(columns).every(Array.isArray))
      return notEmpty(memoryTable(columns as Readonly<Record<string, ColumnData>>, options));
    return notEmpty(memoryTable(columnsOfRows([record]), options));
  }
  return malformed('it is neither an array of rows nor an object of columns');
}

/**
 * Small CSV files of plain cells, without DuckDB, whose loading takes longer than the whole fit. Plain means that there is one
 * way to read it: no quotes, no rows longer than the header, numbers and words in ASCII. All else is DuckDB's.
 */

const PLAIN = /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|[A-Za-z][A-Za-z0-9 .-]*|)$/;
const WORDS = /^(nan|inf|infinity)$/i;

/** Cells by column; undefined where a cell or a line is not plain. `text` begins with its header. */
export function plainColumns(
  text: string,
  names: readonly string[],
  delimiter: string,
): Readonly<Record<string, readonly string[]>> | undefined {
  // an object puts names that are whole numbers first
  const isOdd = names.some((name) => name === '' || /^\d+$/.test(name)) || new Set(names).size < names.length;
  if (isOdd || /["\0\uFFFD]/.test(text)) return undefined;
  const columns = names.map((): string[] => []);
  let isHeader = true;
  for (const line of text.split('\n')) {
    const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
    // a line without any text is no row
    if (whole === '' || (isHeader && whole.trim() === '')) continue;
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const cells = whole.split(delimiter);
    if (cells.length > names.length || whole.includes('\r') || whole.trim() === '') return undefined;
    for (const [n, column] of columns.entries()) {
      // a row that ends early has nothing in the columns after it
      const cell = (cells[n] ?? '').replaceAll(/^[ \t]+|[ \t]+$/g, '');
      if (!PLAIN.test(cell) || WORDS.test(cell)) return undefined;
      column.push(cell);
    }
  }
  return Object.fromEntries(names.map((name, n) => [name, columns[n]]));
}

/** The first line of a CSV file: its delimiter and the names of the columns. Everything else is DuckDB's. */

const DELIMITERS = [',', ';', '\t', '|'] as const;

export interface Header {
  readonly delimiter: string;
  /** as written, blanks around them left out; an unnamed last column is '' */
  readonly names: readonly string[];
}

/** Reads the header from the beginning of a text; undefined for an empty text. */
export function readHeader(text: string, delimiter: string | undefined): Header | undefined {
  const line = firstRecord(text.replace(/^\uFEFF/, ''));
  if (line.trim() === '') return undefined;
  const used = delimiter ?? mostFrequent(line);
  return { delimiter: used, names: splitRecord(line, used).map((name) => name.trim()) };
}

/** The first line that is not empty; a line end inside quotes does not end it. */
function firstRecord(text: string): string {
  let start = 0;
  let quoted = false;
  for (let at = 0; at <= text.length; at++) {
    const c = text[at];
    if (c === '"') quoted = !quoted;
    if (at < text.length && (quoted || (c !== '\n' && c !== '\r'))) continue;
    const line = text.slice(start, at);
    if (line.trim() !== '') return line;
    start = at + 1;
  }
  return '';
}

/** The delimiter that stands most often outside quotes; a comma where there is none. */
function mostFrequent(line: string): string {
  const counts = new Map<string, number>(DELIMITERS.map((d) => [d, 0]));
  let quoted = false;
  for (const c of line) {
    if (c === '"') quoted = !quoted;
    else if (!quoted && counts.has(c)) counts.set(c, counts.get(c)! + 1);
  }
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

function splitRecord(line: string, delimiter: string): readonly string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const c = line[at];
    if (c === '"') {
      if (quoted && line[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = !quoted;
    } else if (c === delimiter && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += c;
  }
  return [...cells, cell];
}

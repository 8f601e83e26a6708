/**
 * Diagnostics for a terminal, with the lines that they speak of:
 *
 *     error[GMM0203]: sizes differ: `mu[z[i]]` is real[3] but `x[i]` is real[2]
 *       --> models/bad.gmm:9:32
 *        |
 *      6 | param  mu[k]    : real[3]
 *        |                   ------- declared with 3 coordinates here
 *      9 | data   x[i] : real[2] ~ Normal(mu[z[i]], Sigma[z[i]])
 *        |                                ^^^^^^^^ expected real[2]
 *        = help: write `real[D]` in both places and let the data decide
 */
import type { Span } from '../../grammar/types.js';
import { lineAt, linesOf, lineText, positionOf } from './places.js';
import type { Lines } from './places.js';
import type { Diagnostic, Report } from './types.js';

/** The part of picocolors that is used; its `createColors(false)` gives plain text. */
export interface Colors {
  readonly bold: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly blue: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const same = (text: string): string => text;
export const NO_COLORS: Colors = { bold: same, red: same, yellow: same, blue: same, cyan: same };

export function renderText(reports: readonly Report[], colors: Colors = NO_COLORS): string {
  return reports
    .flatMap(({ file, text, diagnostics }) => {
      const lines = linesOf(text);
      return diagnostics.map((d) => renderDiagnostic(d, file, lines, colors));
    })
    .join('\n');
}

/** `2 errors, 1 warning`; empty when there are none. */
export function summary(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity']): string[] => {
    const n = diagnostics.filter((d) => d.severity === severity).length;
    return n === 0 ? [] : [`${n} ${severity}${n === 1 ? '' : 's'}`];
  };
  return [...count('error'), ...count('warning')].join(', ');
}

interface Mark {
  readonly span: Span;
  readonly message: string;
  readonly isPrimary: boolean;
}

function renderDiagnostic(d: Diagnostic, file: string, lines: Lines, colors: Colors): string {
  const paint = d.severity === 'error' ? colors.red : colors.yellow;
  const marks: readonly Mark[] = [
    { span: d.span, message: d.label, isPrimary: true },
    ...d.labels.map((l) => ({ ...l, isPrimary: false })),
  ];
  const { line, column } = positionOf(lines, d.span.start);
  const shown = [...new Set(marks.map((m) => lineAt(lines, m.span.start)))].sort((a, b) => a - b);
  const width = String(shown.at(-1)! + 1).length;
  const gutter = (text: string): string => colors.blue(` ${text.padStart(width)} |`);
  const body = shown.flatMap((n) => [
    `${gutter(String(n + 1))} ${display(lineText(lines, n)).text}`.trimEnd(),
    ...underlines(
      marks.filter((m) => lineAt(lines, m.span.start) === n),
      lines,
      n,
      paint,
      colors,
    ).map((u) => `${gutter('')} ${u}`),
  ]);
  return [
    `${paint(colors.bold(`${d.severity}[${d.code}]`))}${colors.bold(`: ${d.message}`)}`,
    `${' '.repeat(width + 1)}${colors.blue('-->')} ${file}:${line}:${column}`,
    gutter(''),
    ...body,
    ...d.helps.map((help) => `${' '.repeat(width + 2)}${colors.blue('=')} ${colors.cyan('help')}: ${help}`),
    '',
  ].join('\n');
}

/**
 * The rows under a line. The first has all underlines and the message of the rightmost; the others hang below:
 *
 *     Normal(s + v)
 *            -   ^ this is a variance
 *            |
 *            this is an sd
 */
function underlines(
  marks: readonly Mark[],
  lines: Lines,
  line: number,
  paint: (t: string) => string,
  colors: Colors,
): readonly string[] {
  const start = lines.starts[line];
  const { columns } = display(lineText(lines, line));
  const at = (offset: number): number => columns[Math.min(Math.max(offset - start, 0), columns.length - 1)];
  const placed = marks
    .map((m) => {
      const from = at(m.span.start);
      const isOneLine = lineAt(lines, Math.max(m.span.start, m.span.end - 1)) === line;
      return { ...m, from, to: Math.max(from + 1, isOneLine ? at(m.span.end) : columns.at(-1)!) };
    })
    .sort((a, b) => a.from - b.from || Number(a.isPrimary) - Number(b.isPrimary));
  const tint = (m: Mark): ((text: string) => string) => (m.isPrimary ? paint : colors.blue);

  // One cell per column, the primary mark on top.
  const cells: { readonly text: string; readonly mark: Mark }[] = [];
  for (const m of [...placed].sort((a, b) => Number(a.isPrimary) - Number(b.isPrimary)))
    for (let c = m.from; c < m.to; c++) cells[c] = { text: m.isPrimary ? '^' : '-', mark: m };
  const row = Array.from(cells, (cell) => (cell === undefined ? ' ' : tint(cell.mark)(cell.text))).join('');

  const speaking = placed.filter((m) => m.message !== '');
  const last = speaking.at(-1);
  const covers = last !== undefined && placed.every((m) => m === last || m.to <= last.from);
  const first = last === undefined || !covers ? row : `${row} ${tint(last)(last.message)}`;
  const hanging = covers ? speaking.slice(0, -1) : speaking;
  const rows = hanging.map((m, n) => {
    const bars = hanging.slice(0, n).filter((other) => other.from < m.from);
    return { bars, m };
  });
  return [
    first,
    ...rows.reverse().map(
      ({ bars, m }) =>
        `${pipes(
          bars.map((b) => b.from),
          m.from,
        )}${tint(m)(m.message)}`,
    ),
  ];
}

/** `|` at some columns, blanks up to another. */
function pipes(columns: readonly number[], until: number): string {
  return Array.from({ length: until }, (_, c) => (columns.includes(c) ? '|' : ' ')).join('');
}

const TAB = 4;

/** A line as it is shown, and the screen column of every UTF-16 offset in it. */
export function display(text: string): { readonly text: string; readonly columns: readonly number[] } {
  const columns: number[] = [];
  let [shown, column] = ['', 0];
  for (const character of text) {
    for (let n = 0; n < character.length; n++) columns.push(column);
    const width = character === '\t' ? TAB - (column % TAB) : widthOf(character);
    shown += character === '\t' ? ' '.repeat(width) : character === '\ufeff' ? '' : character;
    column += width;
  }
  return { text: shown, columns: [...columns, column] };
}

/** Columns that a character takes on a screen: none for combining marks, two for East Asian ones and pictures. */
function widthOf(character: string): number {
  if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u;

/** Small matrices, side by side as many as fit. */
import type { TextStyle } from './derivation-text.js';
import { alignPoints, clipped, padEnd, padStart, shortNumber, widthOf } from './numbers-text.js';

export interface Matrices {
  /** of the rows; square matrices have them for their columns too */
  readonly labels: readonly string[];
  readonly matrices: readonly { readonly title: string; readonly rows: readonly (readonly number[])[] }[];
  readonly note: string | undefined;
}

const GAP = 5;
const LABEL = 16;
const HEADING = 10;

export function matricesText(
  given: Matrices,
  layout: { readonly width: number; readonly style: TextStyle },
): readonly string[] {
  const blocks = given.matrices.map((m) => {
    const block = blockOf(m.title, given.labels, m.rows, LABEL);
    return block.width <= layout.width ? block : blockOf(m.title, given.labels, m.rows, HEADING);
  });
  const lines: string[] = [];
  let row: (typeof blocks)[number][] = [];
  const close = (): void => {
    if (row.length === 0) return;
    if (lines.length > 0) lines.push('');
    for (let n = 0; n < row[0].lines.length; n++) {
      const line = row
        .map((block) => padEnd(block.lines[n], block.width))
        .join(' '.repeat(GAP))
        .trimEnd();
      lines.push(n === 0 ? layout.style.label(line) : line);
    }
    row = [];
  };
  for (const block of blocks) {
    const used = row.reduce((sum, b) => sum + b.width + GAP, 0);
    if (row.length > 0 && used + block.width > layout.width) close();
    row.push(block);
  }
  close();
  return given.note === undefined ? lines : [layout.style.note(clipped(given.note, layout.width)), ...lines];
}

function blockOf(
  title: string,
  labels: readonly string[],
  rows: readonly (readonly number[])[],
  headingWidth: number,
) {
  const columns = rows[0]?.length ?? 0;
  const isSquare = columns === rows.length;
  const short = labels.map((label) => clipped(label, LABEL));
  const nameWidth = Math.max(widthOf(title), ...short.map((label) => widthOf(label) + 2));
  const cells = Array.from({ length: columns }, (_, c) => {
    const heading = isSquare ? clipped(labels[c], headingWidth) : String(c + 1);
    const texts = alignPoints(rows.map((row) => shortNumber(row[c])));
    const width = Math.max(widthOf(heading), ...texts.map(widthOf));
    return [heading, ...texts].map((text) => `   ${padStart(text, width)}`);
  });
  const lines = ['', ...rows].map(
    (_, n) =>
      padEnd(n === 0 ? title : `  ${short[n - 1]}`, nameWidth) + cells.map((column) => column[n]).join(''),
  );
  return { lines, width: Math.max(...lines.map(widthOf)) };
}

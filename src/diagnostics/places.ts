/** From offsets to lines and columns. Columns count characters as a reader does, from 1. */
import type { Span } from '../../grammar/types.js';

export interface Position {
  /** from 1 */
  readonly line: number;
  /** from 1, in code points */
  readonly column: number;
}

export interface Lines {
  readonly text: string;
  /** offset at which each line begins */
  readonly starts: readonly number[];
}

export function linesOf(text: string): Lines {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return { text, starts };
}

/** The index of the line that holds an offset, from 0. */
export function lineAt(lines: Lines, offset: number): number {
  let [low, high] = [0, lines.starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (lines.starts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A line without its end. */
export const lineText = (lines: Lines, line: number): string =>
  lines.text.slice(lines.starts[line], lines.starts[line + 1] ?? lines.text.length).replace(/[\r\n]+$/, '');

export function positionOf(lines: Lines, offset: number): Position {
  const line = lineAt(lines, offset);
  const before = lines.text.slice(lines.starts[line], offset).replace('\ufeff', '');
  return { line: line + 1, column: [...before].length + 1 };
}

/** Where a span begins and ends; an empty one is a character wide. */
export const rangeOf = (lines: Lines, span: Span): { readonly start: Position; readonly end: Position } => ({
  start: positionOf(lines, span.start),
  end: positionOf(lines, Math.max(span.end, span.start)),
});

/** LaTeX of the pieces of a derivation, shared by Markdown, LaTeX and HTML. */
import { printLatexLines } from '../algebra/print-lines.js';
import { printLatex, printLatexInline } from '../algebra/print.js';
import type { Expr } from '../algebra/types.js';
import type { Equation, Notation, Step } from '../derive/types.js';

const SIGNS: Readonly<Record<Equation['relation'], string>> = {
  '=': '=',
  '≥': '\\ge',
  '←': '\\leftarrow',
  '⇒': '\\Rightarrow',
  '→': '\\to',
};

export const sideLatex = (side: Expr | Notation): string =>
  side.kind === 'notation' ? side.latex : printLatex(side);

/** Mathematics in a line of prose. */
export const inlineLatex = (part: Expr | Notation): string =>
  part.kind === 'notation' ? part.latex : printLatexInline(part);

/** `left sign right`, a row of an `aligned` that may go on over further rows. */
export interface Row {
  readonly left: string;
  readonly sign: string;
  readonly right: Expr | Notation;
}

export const equationRow = (e: Equation): Row => ({
  left: sideLatex(e.left),
  sign: SIGNS[e.relation],
  right: e.right,
});

/** The rows of a step: what it gives, and the meaning of the name that stands for a part of it. */
export function stepRows(step: Step): readonly Row[] {
  const main: Row = {
    left: step.left === undefined ? '' : sideLatex(step.left.expr),
    sign: step.left === undefined ? '' : SIGNS[step.left.sign],
    right: step.shown?.expr ?? step.after,
  };
  return step.shown === undefined
    ? [main]
    : [main, { left: printLatex(step.shown.name), sign: '=', right: step.shown.meaning }];
}

/** Mathematics of one display: aligned at the signs where it has several lines. */
export function displayLatex(rows: readonly Row[], width: number): string {
  const lines = rows.flatMap((row) => rowLines(row, width));
  const only = lines[0];
  if (lines.length === 1 && only !== undefined)
    return [only.left, only.right].filter((part) => part !== '').join(' ');
  return `\\begin{aligned}\n${lines.map((l) => `${l.left} & ${l.right}`.trim()).join(' \\\\\n')}\n\\end{aligned}`;
}

function rowLines({ left, sign, right }: Row, width: number): readonly { left: string; right: string }[] {
  const room = width - Math.min(20, left.replaceAll(/\\[A-Za-z]+|[{}\\_^]/g, '').length);
  const lines =
    right.kind === 'notation' ? [{ latex: right.latex, depth: 0 }] : printLatexLines(right, width - 4, room);
  return lines.map((l, n) =>
    n === 0
      ? { left, right: sign === '' ? l.latex : `${sign} ${l.latex}` }
      : { left: '', right: `${'\\quad '.repeat(l.depth + 1)}{} ${l.latex}` },
  );
}

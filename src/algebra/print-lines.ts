/**
 * Long expressions over several lines of LaTeX: broken at + and − where that is outermost, else inside the sum, the
 * logarithm or the parentheses that hold the sum of terms.
 */
import { multiply, power } from './build.js';
import { printLatex, printText, signOf } from './print.js';
import type { Expr, FunctionName } from './types.js';

/** As wide as the plain text is, in characters; LaTeX and MathML come out a little narrower. */
const widthOf = (e: Expr): number => [...printText(e)].length;

/** Lines of mathematics; from the second on each begins with a sign, and `deeper` ones stand inside a parenthesis. */
export interface LatexLine {
  readonly latex: string;
  readonly depth: number;
}

/** `room` is the width of the first line, `width` of the others. */
export function printLatexLines(e: Expr, width: number, room = width): readonly LatexLine[] {
  if (widthOf(e) <= room) return [{ latex: printLatex(e), depth: 0 }];
  if (e.kind === 'add') return packed(e.terms, width, room);
  return opened(e, width, room) ?? [{ latex: printLatex(e), depth: 0 }];
}

/** As many terms on a line as fit; a term that is longer than a line is broken itself. */
function packed(terms: readonly Expr[], width: number, room: number): readonly LatexLine[] {
  const lines: LatexLine[] = [];
  let group: Expr[] = [];
  const isFirst = (): boolean => lines.length === 0;
  const flush = (): void => {
    if (group.length === 0) return;
    const text = printLatex({ kind: 'add', terms: group });
    lines.push({ latex: isFirst() || text.startsWith('-') ? text : `+ ${text}`, depth: 0 });
    group = [];
  };
  for (const term of terms) {
    const space = isFirst() ? room : width;
    if (group.length > 0 && widthOf({ kind: 'add', terms: [...group, term] }) > space) flush();
    const alone = isFirst() ? room : width;
    const broken = group.length === 0 && widthOf(term) > alone ? opened(term, width, alone - 2) : undefined;
    if (broken === undefined) group.push(term);
    else
      lines.push(
        ...broken.map((l, n) =>
          n > 0 || isFirst() || l.latex.startsWith('-') ? l : { ...l, latex: `+ ${l.latex}` },
        ),
      );
  }
  flush();
  return lines;
}

/** The lines of an expression that holds a sum of terms, its brackets drawn on the first and the last line. */
function opened(e: Expr, width: number, room: number): readonly LatexLine[] | undefined {
  const { negative, body } = signOf(e);
  if (negative) {
    const inner = opened(body, width, room - 2);
    return inner?.map((l, n) => (n === 0 ? { ...l, latex: `-${l.latex}` } : l));
  }
  const inside = innerSum(body);
  if (inside === undefined) return stacked(body, width - 4);
  const inner = packed(inside.terms, width - 4, Math.max(room - widthOfPrefix(inside.prefix), width / 2));
  if (inner.length < 2) return undefined;
  return inner.map((l, n) => ({
    latex: `${n === 0 ? `${inside.prefix}\\Bigl(` : ''}${l.latex}${n === inner.length - 1 ? `\\Bigr)` : ''}`,
    depth: n === 0 ? 0 : l.depth + 1,
  }));
}

/** A fraction whose numerator or denominator is longer than a line: that over lines of its own, within the bar. */
function stacked(e: Expr, width: number): readonly LatexLine[] | undefined {
  const isBelow = (f: Expr): boolean => f.kind === 'power' && f.exponent < 0;
  if (e.kind !== 'multiply' || !e.factors.some(isBelow)) return undefined;
  const top = multiply(...e.factors.filter((f) => !isBelow(f)));
  const bottom = multiply(
    ...e.factors.flatMap((f) => (f.kind === 'power' && isBelow(f) ? [power(f.base, -f.exponent)] : [])),
  );
  const [above, below] = [top, bottom].map((part) => printLatexLines(part, width));
  if (above.length === 1 && below.length === 1) return undefined;
  const block = (lines: readonly LatexLine[]): string =>
    lines.length === 1
      ? lines[0].latex
      : `\\begin{aligned} ${lines.map((l, n) => `& ${n === 0 ? '' : '\\quad {} '}${l.latex}`).join(' \\\\ ')} \\end{aligned}`;
  return [{ latex: `\\frac{${block(above)}}{${block(below)}}`, depth: 0 }];
}

const widthOfPrefix = (latex: string): number => latex.replaceAll(/\\[A-Za-z]+|[{}\\,]/g, 'x').length / 1.5;

/** What stands before the sum of terms that an expression ends in, and what closes behind it. */
function innerSum(e: Expr): { readonly prefix: string; readonly terms: readonly Expr[] } | undefined {
  const within = (body: Expr, prefix: string): ReturnType<typeof innerSum> => {
    const inner = innerSum(body);
    return inner && { ...inner, prefix: `${prefix}${inner.prefix}` };
  };
  if (e.kind === 'add') return { prefix: '', terms: e.terms };
  if (e.kind === 'sum') return within(e.body, `\\sum_{${index(e.range.index)}} `);
  if (e.kind === 'function') return within(e.argument, functionName(e.name));
  if (e.kind === 'logsumexp') return within(e.body, `\\log \\sum_{${index(e.range.index)}} \\exp`);
  if (e.kind !== 'multiply') return undefined;
  const rest = e.factors.slice(0, -1);
  const isPlain = rest.every((f) => f.kind !== 'add' && !(f.kind === 'power' && f.exponent < 0));
  const front = printLatex(rest.length === 1 ? rest[0] : { kind: 'multiply', factors: rest });
  return isPlain ? within(e.factors[e.factors.length - 1], `${front}\\,`) : undefined;
}

const functionName = (name: FunctionName): string =>
  printLatex({ kind: 'function', name, argument: HOLE }).split(' ')[0];
const HOLE: Expr = { kind: 'number', value: 0 };
const index = (name: string): string => printLatex({ kind: 'position', index: name });

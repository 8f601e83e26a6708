/** Expressions of the parameter stage written out for one value of each index: the meaning of `evaluate-float64.ts`. */
import { holds } from '../../algebra/build.js';
import { sizeOf } from '../../algebra/evaluate.js';
import type { Expr, Index, Range } from '../../algebra/types.js';
import type { Program } from '../../plan/types.js';
import {
  elementwise,
  entriesAt,
  inverseOf,
  known,
  literal,
  logDeterminantOf,
  matrixProduct,
  NotWritten,
  productOf,
  scalar,
  solutionOf,
  sumOf,
  total,
} from './scalars.js';
import type { Atom, ScalarCode, Scalars } from './scalars.js';

/** A symbol's array in code: its shape, plates first, and an entry of it. */
export interface SymbolCode {
  readonly shape: readonly number[];
  readonly entry: (at: number) => Atom;
}

export interface Written {
  readonly code: ScalarCode;
  readonly program: Program;
  /** values of running indices, from 0 */
  readonly indices: Readonly<Record<string, number>>;
  /** a parameter, a constant */
  readonly symbol: (name: string) => SymbolCode | undefined;
  /** a statistic at values of its indices, from 0 */
  readonly statistic: (name: string, at: readonly number[]) => Scalars | undefined;
}

/** Throws `NotWritten` for what has no such form: eigenvectors, what depends on the rows. */
export function written(e: Expr, at: Written): Scalars {
  const { code, program } = at;
  const go = (part: Expr): Scalars => written(part, at);
  const only = (part: Expr): Atom => go(part).entries[0];
  const over = (range: Range, body: Expr): readonly Scalars[] =>
    Array.from({ length: sizeOf(range.dim, program.sizes) }, (_, n) =>
      written(body, { ...at, indices: { ...at.indices, [range.index]: n } }),
    );
  const times = (a: Scalars, b: Scalars): Scalars => elementwise(a, b, (x, y) => productOf(code, x, y));
  const plus = (a: Scalars, b: Scalars): Scalars => elementwise(a, b, (x, y) => sumOf(code, x, y));
  const each = (a: Scalars, f: (x: Atom) => Atom): Scalars => ({ shape: a.shape, entries: a.entries.map(f) });
  const diagonal = (values: readonly Atom[]): Scalars => {
    const n = values.length;
    const entries = Array.from({ length: n * n }, (_, p) => (p % (n + 1) === 0 ? values[p / (n + 1)] : '0'));
    return { shape: [n, n], entries };
  };
  switch (e.kind) {
    case 'number':
      return scalar(literal(e.value));
    case 'circle':
      return scalar(literal(Math.PI));
    case 'position':
      return scalar(literal(at.indices[e.index] + 1));
    case 'size':
      return scalar(literal(sizeOf(e.dim, program.sizes)));
    case 'symbol':
      return symbolAt(e, at);
    case 'element':
      return sliced(go(e.of), e.coordinates, at);
    case 'add':
      return e.terms.map(go).reduce(plus);
    case 'multiply':
      if (e.factors.some((f) => f.kind === 'condition' && known(only(f)) === 0)) return scalar('0');
      return e.factors.map(go).reduce(times);
    case 'condition': {
      const [l, r] = [known(only(e.left)), known(only(e.right))];
      if (l === undefined || r === undefined) throw new NotWritten('a condition on parameters');
      return scalar(holds(e.relation, l, r) ? '1' : '0');
    }
    case 'power':
      return each(go(e.base), (x) => powerOf(code, x, e.exponent));
    case 'function':
      return each(go(e.argument), (x) => code.put(`functions.${e.name}(${x})`));
    case 'sum': {
      const parts = over(e.range, e.body);
      return parts.length === 0 ? scalar('0') : parts.reduce(plus);
    }
    case 'maximum':
      return elementwise(go(e.left), go(e.right), (x, y) => code.put(`Math.max(${x}, ${y})`));
    case 'minimum':
      return elementwise(go(e.left), go(e.right), (x, y) => code.put(`Math.min(${x}, ${y})`));
    case 'vector':
      return { shape: [e.elements.length], entries: e.elements.map(only) };
    case 'family': {
      const entries = over(e.range, e.body).flatMap((p) => p.entries);
      return { shape: [entries.length], entries };
    }
    case 'fill': {
      const n = sizeOf(e.dim, program.sizes);
      return { shape: [n], entries: new Array<Atom>(n).fill(only(e.value)) };
    }
    case 'identity':
      return diagonal(new Array<Atom>(sizeOf(e.dim, program.sizes)).fill('1'));
    case 'diag':
      return diagonal(go(e.of).entries);
    case 'diagonal': {
      const { shape, entries } = go(e.of);
      return {
        shape: [shape[0]],
        entries: Array.from({ length: shape[0] }, (_, i) => entries[i * shape[0] + i]),
      };
    }
    case 'product':
      return e.factors.map(go).reduce((a, b) => matrixProduct(code, a, b));
    case 'transpose': {
      const { shape, entries } = go(e.of);
      const [rows = 1, columns = 1] = shape;
      return {
        shape: [columns, rows],
        entries: entries.map((_, p) => entries[(p % rows) * columns + Math.floor(p / rows)]),
      };
    }
    case 'inverse': {
      const m = go(e.of);
      return { shape: m.shape, entries: inverseOf(code, m.entries, m.shape[0]) };
    }
    case 'logdet': {
      const m = go(e.of);
      return scalar(logDeterminantOf(code, m.entries, m.shape[0]));
    }
    case 'trace': {
      const { shape, entries } = go(e.of);
      return scalar(
        total(
          code,
          Array.from({ length: shape[0] }, (_, i) => entries[i * shape[0] + i]),
        ),
      );
    }
    case 'dot': {
      const [left, right] = [go(e.left).entries, go(e.right).entries];
      return scalar(
        total(
          code,
          left.map((x, i) => productOf(code, x, right[i])),
        ),
      );
    }
    case 'outer': {
      const [left, right] = [go(e.left).entries, go(e.right).entries];
      return {
        shape: [left.length, right.length],
        entries: left.flatMap((x) => right.map((y) => productOf(code, x, y))),
      };
    }
    case 'quadratic': {
      const [v, m] = [go(e.vector), go(e.matrix)];
      if (v.shape.length === 0)
        return scalar(productOf(code, productOf(code, v.entries[0], v.entries[0]), m.entries[0]));
      const mv = matrixProduct(code, m, v).entries;
      return scalar(
        total(
          code,
          v.entries.map((x, i) => productOf(code, x, mv[i])),
        ),
      );
    }
    case 'solve': {
      const [m, b] = [go(e.matrix), go(e.right)];
      return { shape: b.shape, entries: solutionOf(code, m.entries, m.shape[0], b.entries, b.shape[1] ?? 1) };
    }
    case 'axes':
    case 'indicator':
    case 'largest':
    case 'logsumexp':
    case 'median':
      throw new NotWritten(`no written form of ${e.kind}`);
  }
}

function powerOf(code: ScalarCode, x: Atom, exponent: number): Atom {
  if (exponent === -1) return code.put(`1 / ${x}`);
  return code.put(exponent === 0.5 ? `Math.sqrt(${x})` : `${x} ** ${literal(exponent)}`);
}

/** From 0. */
function positionOf(index: Index, { indices }: Written): number {
  if (index.kind === 'fixed') return index.value - 1;
  if (index.kind === 'data') throw new NotWritten('an index that the data say');
  return indices[index.index];
}

function symbolAt(e: Extract<Expr, { kind: 'symbol' }>, at: Written): Scalars {
  const found = at.symbol(e.name);
  if (found === undefined) {
    const statistic = at.statistic(
      e.name,
      e.indices.map((index) => positionOf(index, at)),
    );
    if (statistic === undefined) throw new NotWritten(`${e.name} has no place in code`);
    return statistic;
  }
  const { shape, entry } = found;
  const length = shape.reduce((a, b) => a * b, 1);
  return sliced({ shape, entries: Array.from({ length }, (_, n) => entry(n)) }, e.indices, at);
}

const sliced = (whole: Scalars, indices: readonly Index[], at: Written): Scalars =>
  entriesAt(
    whole,
    indices.map((index) => positionOf(index, at)),
  );

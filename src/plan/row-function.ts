/**
 * Expressions of a row as functions of its number, for what no moment of the columns gives: a term that is no polynomial,
 * a sum inside Newton's method. What does not vary with the row is evaluated once, when the function is made.
 */
import { element, fixed, holds, shapeOf } from '../algebra/build.js';
import { sizeOf } from '../algebra/evaluate.js';
import { functions } from '../algebra/functions.js';
import { dependsOn } from '../algebra/traverse.js';
import { printText } from '../algebra/print.js';
import type { Expr, Range } from '../algebra/types.js';
import { evaluateFloat64 } from './evaluate-float64.js';
import type { Frame } from './evaluate-float64.js';
import type { Program } from './types.js';

export type RowFunction = (row: number) => number;

/** The rows of a program, and the values of everything else. */
export interface RowFrame {
  readonly program: Program;
  readonly frame: Frame;
  readonly columns: readonly Float64Array[];
}

/** A number per row. The frame's indices must have values for all that is free in `e` but the rows. */
export function rowFunction(e: Expr, at: RowFrame): RowFunction {
  const go = (part: Expr): RowFunction => rowFunction(part, at);
  if (!varies(e, at.program.plan.rows?.index ?? '')) {
    const value = evaluateFloat64(e, at.frame).data[0];
    return () => value;
  }
  const found = fromParts(e, at, go);
  if (found === undefined) throw new Error(`no function of the row for ${printText(e)}`);
  return found;
}

/** Whether an expression varies with the row: asked again and again of the same ones. */
const asked = new WeakMap<Expr, boolean>();
function varies(e: Expr, rows: string): boolean {
  const known = asked.get(e);
  if (known !== undefined) return known;
  const found = dependsOn(e, rows);
  asked.set(e, found);
  return found;
}

function fromParts(e: Expr, at: RowFrame, go: (part: Expr) => RowFunction): RowFunction | undefined {
  switch (e.kind) {
    case 'symbol': {
      const [column] = columnsOf(e.name, at);
      return (row) => column[row];
    }
    case 'element': {
      const [coordinate] = e.coordinates;
      if (e.of.kind !== 'symbol' || e.coordinates.length > 1) return undefined;
      const position =
        coordinate.kind === 'fixed'
          ? coordinate.value - 1
          : at.frame.indices[coordinate.kind === 'running' ? coordinate.index : ''];
      const column = columnsOf(e.of.name, at)[position];
      return (row) => column[row];
    }
    case 'add':
      return e.terms.map(go).reduce((f, g) => (row) => f(row) + g(row));
    case 'multiply':
      // what is zero leaves nothing, whatever the others are
      return e.factors.map(go).reduce((f, g) => (row) => {
        const x = f(row);
        return x === 0 ? 0 : x * g(row);
      });
    case 'power': {
      const [base, exponent] = [go(e.base), e.exponent];
      if (exponent === 2) return (row) => base(row) ** 2;
      return exponent === -1 ? (row) => 1 / base(row) : (row) => base(row) ** exponent;
    }
    case 'function': {
      const [f, argument] = [functions[e.name].value, go(e.argument)];
      return (row) => f(argument(row));
    }
    case 'condition': {
      const [left, right, relation] = [go(e.left), go(e.right), e.relation];
      return (row) => (holds(relation, left(row), right(row)) ? 1 : 0);
    }
    case 'maximum': {
      const [left, right] = [go(e.left), go(e.right)];
      return (row) => Math.max(left(row), right(row));
    }
    case 'minimum': {
      const [left, right] = [go(e.left), go(e.right)];
      return (row) => Math.min(left(row), right(row));
    }
    case 'sum': {
      const parts = over(e.range, at, () => go(e.body));
      return (row) => parts.reduce((s, f) => s + f(row), 0);
    }
    case 'largest':
    case 'logsumexp': {
      const parts = over(e.range, at, () => go(e.body));
      return (row) => {
        let top = -Infinity;
        for (const f of parts) top = Math.max(top, f(row));
        if (e.kind === 'largest' || top === -Infinity) return top;
        let s = 0;
        for (const f of parts) s += Math.exp(f(row) - top);
        return top + Math.log(s);
      };
    }
    case 'dot': {
      const n = lengthOf(e.left, e.right, at);
      const parts = Array.from({ length: n }, (_, d) => [
        go(element(e.left, [fixed(d + 1)])),
        go(element(e.right, [fixed(d + 1)])),
      ]);
      return (row) => parts.reduce((s, [f, g]) => s + f(row) * g(row), 0);
    }
    case 'quadratic':
      return quadraticFunction(e.vector, e.matrix, at);
    case 'median':
    case 'number':
    case 'circle':
    case 'size':
    case 'position':
    case 'indicator':
    case 'vector':
    case 'family':
    case 'fill':
    case 'identity':
    case 'diag':
    case 'diagonal':
    case 'product':
    case 'transpose':
    case 'inverse':
    case 'logdet':
    case 'trace':
    case 'outer':
    case 'solve':
    case 'axes':
      return undefined;
  }
}

function quadraticFunction(vector: Expr, matrix: Expr, at: RowFrame): RowFunction {
  if (shapeOf(vector).length === 0) {
    const [e, m] = [rowFunction(vector, at), rowFunction(matrix, at)];
    return (row) => e(row) ** 2 * m(row);
  }
  const weights = evaluateFloat64(matrix, at.frame).data;
  const n = Math.round(Math.sqrt(weights.length));
  const entries = Array.from({ length: n }, (_, d) => rowFunction(element(vector, [fixed(d + 1)]), at));
  const x = new Float64Array(n);
  return (row) => {
    for (let d = 0; d < n; d++) x[d] = entries[d](row);
    let s = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) s += x[i] * weights[i * n + j] * x[j];
    return s;
  };
}

/** The columns of a data symbol, or of a definition. */
function columnsOf(name: string, { program, columns }: RowFrame): readonly Float64Array[] {
  const group = program.plan.groups.findIndex((g) =>
    g.kind === 'symbol' ? g.symbol === name : g.name === name,
  );
  if (group < 0) throw new Error(`${name} has no columns`);
  const start = program.groupStart[group];
  return columns.slice(start, start + program.groupLength[group]);
}

function lengthOf(left: Expr, right: Expr, { program }: RowFrame): number {
  const dim = shapeOf(left)[0] ?? shapeOf(right)[0];
  return sizeOf(dim, program.sizes);
}

/** One function for each value of a range. */
function over(range: Range, at: RowFrame, make: () => RowFunction): readonly RowFunction[] {
  const { indices } = at.frame;
  const before = indices[range.index];
  const parts = Array.from({ length: sizeOf(range.dim, at.program.sizes) }, (_, value) => {
    indices[range.index] = value;
    return make();
  });
  indices[range.index] = before;
  return parts;
}

/**
 * The entries of a number, vector or matrix of the row, row-major: a number that all entries share, times entries that
 * are functions of their own.
 */
export function rowEntries(
  e: Expr,
  at: RowFrame,
): { readonly shared: RowFunction; readonly entries: readonly RowFunction[]; readonly symmetric: boolean } {
  const factors = e.kind === 'multiply' ? e.factors : [e];
  const scalars = factors.filter((f) => shapeOf(f).length === 0);
  const tensors = factors.filter((f) => shapeOf(f).length > 0);
  const shared = scalars
    .map((f) => rowFunction(f, at))
    .reduce<RowFunction>(
      (f, g) => (row) => f(row) * g(row),
      () => 1,
    );
  const [tensor] = tensors;
  if (tensors.length === 0) return { shared, entries: [() => 1], symmetric: false };
  if (tensors.length > 1) throw new Error(`two tensors in ${printText(e)}`);
  const vectorOf = (v: Expr): readonly RowFunction[] => {
    const n = sizeOf(shapeOf(v)[0], at.program.sizes);
    return Array.from({ length: n }, (_, d) => rowFunction(element(v, [fixed(d + 1)]), at));
  };
  if (tensor.kind === 'outer') {
    const [left, right] = [vectorOf(tensor.left), vectorOf(tensor.right)];
    const symmetric = printText(tensor.left) === printText(tensor.right);
    return {
      shared,
      entries: left.flatMap((f) => right.map((g) => (row: number) => f(row) * g(row))),
      symmetric,
    };
  }
  return { shared, entries: vectorOf(tensor), symmetric: false };
}

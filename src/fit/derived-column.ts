/**
 * Columns that a model computes of its data, such as a power of a covariate. What is made of numbers alone becomes a function
 * of the row, as of a million rows each expression is looked at once; all else is evaluated row by row as it stands.
 */
import { holds, shapeOf } from '../algebra/build.js';
import { functions } from '../algebra/functions.js';
import { dependsOn } from '../algebra/traverse.js';
import type { Expr } from '../algebra/types.js';
import type { Dataset } from '../data/types.js';
import type { SymbolName } from '../model/types.js';
import { evaluateFloat64 } from '../plan/evaluate-float64.js';
import type { Frame } from '../plan/evaluate-float64.js';
import type { Program } from '../plan/types.js';

/** One number per row, from an expression of the data. */
export function derivedColumn(expression: Expr, joined: Program, dataset: Dataset): Float64Array {
  const column = new Float64Array(dataset.rows);
  if (expression.kind === 'number') return column.fill(expression.value);
  const at = rowFrame(joined, dataset);
  const value =
    functionOfRow(expression, at) ??
    ((row) => {
      at.goTo(row);
      return evaluateFloat64(expression, at.frame).data[0];
    });
  for (let row = 0; row < column.length; row++) column[row] = value(row);
  return column;
}

interface RowFrame {
  readonly rows: string;
  readonly dataset: Dataset;
  /** the values of one row, to which it can go */
  readonly frame: Frame;
  readonly goTo: (row: number) => void;
}

function rowFrame(joined: Program, dataset: Dataset): RowFrame {
  const rows = joined.plan.rows!.index;
  let row = 0;
  // a row's own values, behind an axis of one row, so that the index of the rows may stay 0
  const own = new Map(
    [...dataset.symbols].map(([name, { values }]) => {
      const shape = values.length === 1 && isScalar(name, joined) ? [1] : [1, values.length];
      return [String(name), { values, of: { shape, data: new Float64Array(values.length) } }];
    }),
  );
  const frame: Frame = {
    sizes: joined.sizes,
    indices: { [rows]: 0 },
    fail: () => undefined,
    value: (name) => {
      const found = own.get(name);
      if (found === undefined) return definitionOrConstant(name, joined, frame);
      found.values.forEach((v, n) => (found.of.data[n] = v[row]));
      return found.of;
    },
  };
  return {
    rows,
    dataset,
    frame,
    goTo: (to) => {
      row = to;
    },
  };
}

type RowFunction = (row: number) => number;

/** With the roundings of `evaluateFloat64`; undefined where the expression has a part that is no number, or another index. */
function functionOfRow(e: Expr, at: RowFrame): RowFunction | undefined {
  if (shapeOf(e).length > 0) return undefined;
  if (!dependsOn(e, at.rows)) {
    const value = evaluateFloat64(e, at.frame).data[0];
    return () => value;
  }
  const all = (parts: readonly Expr[]): readonly RowFunction[] | undefined => {
    const found = parts.map((part) => functionOfRow(part, at));
    return found.every((f) => f !== undefined) ? found : undefined;
  };
  switch (e.kind) {
    case 'symbol':
    case 'element': {
      const column = columnOf(e, at);
      return column && ((row) => column[row]);
    }
    case 'add':
      return all(e.terms)?.reduce((f, g) => (row) => f(row) + g(row));
    case 'multiply': {
      const product = all(e.factors)?.reduce((f, g) => (row) => f(row) * g(row));
      const conditions = all(e.factors.filter((f) => f.kind === 'condition'));
      if (product === undefined || conditions === undefined || conditions.length === 0) return product;
      return (row) => (conditions.some((f) => f(row) === 0) ? 0 : product(row));
    }
    case 'power': {
      const [base, exponent] = [functionOfRow(e.base, at), e.exponent];
      if (base === undefined || exponent === 0.5) return base && ((row) => Math.sqrt(base(row)));
      return exponent === -1 ? (row) => 1 / base(row) : (row) => base(row) ** exponent;
    }
    case 'function': {
      const [f, argument] = [functions[e.name].value, functionOfRow(e.argument, at)];
      return argument && ((row) => f(argument(row)));
    }
    case 'condition': {
      const { relation } = e;
      const [left, right] = [functionOfRow(e.left, at), functionOfRow(e.right, at)];
      return left && right && ((row) => (holds(relation, left(row), right(row)) ? 1 : 0));
    }
    case 'axes':
    case 'circle':
    case 'diag':
    case 'diagonal':
    case 'dot':
    case 'family':
    case 'fill':
    case 'identity':
    case 'indicator':
    case 'inverse':
    case 'largest':
    case 'logdet':
    case 'logsumexp':
    case 'maximum':
    case 'median':
    case 'minimum':
    case 'number':
    case 'outer':
    case 'position':
    case 'product':
    case 'quadratic':
    case 'size':
    case 'solve':
    case 'sum':
    case 'trace':
    case 'transpose':
    case 'vector':
      return undefined;
  }
}

/** x[i], or a coordinate x[i][d] that is written as a number, of data. */
function columnOf(e: Expr, { rows, dataset }: RowFrame): Float64Array | undefined {
  if (e.kind === 'element') {
    const [coordinate] = e.coordinates;
    if (e.coordinates.length > 1 || coordinate.kind !== 'fixed' || e.of.kind !== 'symbol') return undefined;
    return columnsOf(e.of)?.[coordinate.value - 1];
  }
  return e.kind === 'symbol' ? columnsOf(e)?.[0] : undefined;

  function columnsOf({ name, indices }: Expr & { readonly kind: 'symbol' }) {
    const [index] = indices;
    const isRow = indices.length === 1 && index.kind === 'running' && index.index === rows;
    return isRow ? dataset.symbols.get(name as SymbolName)?.values : undefined;
  }
}

const isScalar = (name: string, joined: Program): boolean =>
  joined.plan.model.data.find((d) => d.name === name)?.type.shape.length === 0;

function definitionOrConstant(name: string, joined: Program, frame: Frame) {
  const constant = joined.constants.get(name);
  if (constant !== undefined) return constant;
  const group = joined.plan.groups.find((g) => g.kind === 'derived' && g.name === name);
  if (group?.kind !== 'derived') throw new Error(`${name} has no value`);
  const values = group.elements.map((e) => evaluateFloat64(e, frame).data[0]);
  return { shape: group.isVector ? [1, values.length] : [1], data: Float64Array.from(values) };
}

/**
 * The parameter stage's arithmetic: expressions of small matrices in float64, by Cholesky where something is inverted.
 * Same meaning as `algebra/evaluate.ts`, which is the judge; this one is fast and refuses what is not positive definite.
 */
import { sizeOf } from '../algebra/evaluate.js';
import { holds } from '../algebra/build.js';
import { functions } from '../algebra/functions.js';
import type { Expr, Index } from '../algebra/types.js';
import { axes } from '../linear-algebra/axes.js';
import { cholesky, inverseCholesky, logDeterminant } from '../linear-algebra/cholesky.js';
import { solveSymmetric as solvePacked } from '../linear-algebra/symmetric.js';

/** A number (shape []), a vector or a row-major matrix. */
export interface Value {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface Frame {
  readonly sizes: Readonly<Record<string, number>>;
  /** a symbol's whole array, plates first */
  readonly value: (name: string) => Value;
  /** values of running indices, from 0 */
  readonly indices: Record<string, number>;
  /** where a matrix is not positive definite, or a division is by zero: the expression it happened in */
  readonly fail: (e: Expr) => void;
}

const scalar = (x: number): Value => ({ shape: [], data: Float64Array.of(x) });

export function evaluateFloat64(e: Expr, frame: Frame): Value {
  const go = (part: Expr): Value => evaluateFloat64(part, frame);
  switch (e.kind) {
    case 'number':
      return scalar(e.value);
    case 'circle':
      return scalar(Math.PI);
    case 'position':
      return scalar(frame.indices[e.index] + 1);
    case 'size':
      return scalar(sizeOf(e.dim, frame.sizes));
    case 'symbol':
      return slice(frame.value(e.name), e.indices, frame);
    case 'element':
      return slice(go(e.of), e.coordinates, frame);
    case 'add':
      return e.terms.map(go).reduce((a, b) => elementwise(a, b, (x, y) => x + y));
    case 'multiply':
      // a condition that does not hold leaves nothing, whatever the others are: [k = 1] log 0 is 0 where k is not 1
      if (e.factors.some((f) => f.kind === 'condition' && go(f).data[0] === 0)) return scalar(0);
      return e.factors.map(go).reduce((a, b) => elementwise(a, b, (x, y) => x * y));
    case 'condition':
      return scalar(holds(e.relation, go(e.left).data[0], go(e.right).data[0]) ? 1 : 0);
    case 'power': {
      const base = go(e.base);
      return {
        shape: base.shape,
        data: base.data.map(
          e.exponent === -1 ? (x) => 1 / x : e.exponent === 0.5 ? Math.sqrt : (x) => x ** e.exponent,
        ),
      };
    }
    case 'function': {
      const argument = go(e.argument);
      return { shape: argument.shape, data: argument.data.map(functions[e.name].value) };
    }
    case 'sum': {
      const n = sizeOf(e.range.dim, frame.sizes);
      let total: Value | undefined;
      over(frame, e.range.index, n, () => {
        const value = go(e.body);
        total = total === undefined ? value : elementwise(total, value, (x, y) => x + y);
      });
      return total ?? scalar(0);
    }
    case 'logsumexp':
    case 'largest': {
      const values: number[] = [];
      over(frame, e.range.index, sizeOf(e.range.dim, frame.sizes), () => values.push(go(e.body).data[0]));
      const top = Math.max(...values);
      return scalar(
        e.kind === 'largest' || top === -Infinity
          ? top
          : top + Math.log(values.reduce((s, v) => s + Math.exp(v - top), 0)),
      );
    }
    case 'maximum':
      return elementwise(go(e.left), go(e.right), Math.max);
    case 'minimum':
      return elementwise(go(e.left), go(e.right), Math.min);
    case 'vector':
      return { shape: [e.elements.length], data: Float64Array.from(e.elements, (x) => go(x).data[0]) };
    case 'family': {
      const parts: number[] = [];
      over(frame, e.range.index, sizeOf(e.range.dim, frame.sizes), () => parts.push(...go(e.body).data));
      return { shape: [parts.length], data: Float64Array.from(parts) };
    }
    case 'fill': {
      const n = sizeOf(e.dim, frame.sizes);
      return { shape: [n], data: new Float64Array(n).fill(go(e.value).data[0]) };
    }
    case 'identity': {
      const n = sizeOf(e.dim, frame.sizes);
      return diagonalMatrix(new Float64Array(n).fill(1));
    }
    case 'diag':
      return diagonalMatrix(go(e.of).data);
    case 'diagonal': {
      const m = go(e.of);
      const n = m.shape[0];
      return { shape: [n], data: Float64Array.from({ length: n }, (_, i) => m.data[i * n + i]) };
    }
    case 'product':
      return e.factors.map(go).reduce(matrixProduct);
    case 'transpose': {
      const m = go(e.of);
      const [rows = 1, columns = 1] = m.shape;
      return {
        shape: [columns, rows],
        data: Float64Array.from(
          { length: rows * columns },
          (_, at) => m.data[(at % rows) * columns + Math.floor(at / rows)],
        ),
      };
    }
    case 'inverse': {
      const m = go(e.of);
      const n = m.shape[0];
      const l = cholesky(m.data, n);
      if (l === undefined) return failed(e, m, frame);
      return { shape: m.shape, data: inverseCholesky(l, n) };
    }
    case 'logdet': {
      const m = go(e.of);
      const l = cholesky(m.data, m.shape[0]);
      if (l === undefined) return failed(e, scalar(0), frame);
      return scalar(logDeterminant(l, m.shape[0]));
    }
    case 'trace': {
      const m = go(e.of);
      const n = m.shape[0];
      let s = 0;
      for (let i = 0; i < n; i++) s += m.data[i * n + i];
      return scalar(s);
    }
    case 'dot': {
      const left = go(e.left).data;
      const right = go(e.right).data;
      return scalar(left.reduce((s, x, i) => s + x * right[i], 0));
    }
    case 'outer': {
      const left = go(e.left).data;
      const right = go(e.right).data;
      const m = right.length;
      return {
        shape: [left.length, m],
        data: Float64Array.from(
          { length: left.length * m },
          (_, at) => left[Math.floor(at / m)] * right[at % m],
        ),
      };
    }
    case 'quadratic': {
      const v = go(e.vector);
      const m = go(e.matrix);
      if (v.shape.length === 0) return scalar(v.data[0] * v.data[0] * m.data[0]);
      const mv = matrixProduct(m, v).data;
      return scalar(v.data.reduce((s, x, i) => s + x * mv[i], 0));
    }
    case 'axes': {
      const start = go(e.start);
      const list: { weights: Float64Array; matrix: Float64Array }[] = [];
      const read = (): void => {
        list.push({ weights: go(e.weights).data, matrix: go(e.matrix).data });
      };
      if (e.range === undefined) read();
      else over(frame, e.range.index, sizeOf(e.range.dim, frame.sizes), read);
      return { shape: start.shape, data: axes(list, start.shape[0], start.data) };
    }
    case 'solve': {
      const m = go(e.matrix);
      const b = go(e.right);
      return solveSymmetric(m, b) ?? failed(e, b, frame);
    }
    case 'indicator':
    case 'median':
      throw new Error('an indicator has no place in the parameter stage');
  }
}

/** A x = b with A scaled to a unit diagonal first; undefined where A is singular to working precision. */
export function solveSymmetric(a: Value, b: Value): Value | undefined {
  const data = solvePacked(a.data, a.shape[0], b.data, b.shape[1] ?? 1);
  return data === undefined ? undefined : { shape: b.shape, data };
}

function failed(e: Expr, like: Value, frame: Frame): Value {
  frame.fail(e);
  return { shape: like.shape, data: new Float64Array(like.data.length).fill(NaN) };
}

function over(frame: Frame, index: string, n: number, body: () => void): void {
  const before = frame.indices[index];
  for (let at = 0; at < n; at++) {
    frame.indices[index] = at;
    body();
  }
  if (before === undefined) delete frame.indices[index];
  else frame.indices[index] = before;
}

/** From 0; a category of the data is its number from 1. */
function positionOf(index: Index, frame: Frame): number | undefined {
  if (index.kind === 'fixed') return index.value - 1;
  if (index.kind === 'running') return frame.indices[index.index];
  const codes = frame.value(index.name);
  return codes.data[frame.indices[index.at]] - 1;
}

function slice(whole: Value, indices: readonly Index[], frame: Frame): Value {
  if (indices.length === 0) return whole;
  let offset = 0;
  let length = whole.data.length;
  for (const [axis, index] of indices.entries()) {
    length /= whole.shape[axis];
    const at = positionOf(index, frame);
    if (at === undefined)
      throw new Error(`the index ${index.kind === 'running' ? index.index : ''} has no value`);
    offset += at * length;
  }
  const isAll = length === whole.data.length;
  return {
    shape: whole.shape.slice(indices.length),
    data: isAll ? whole.data : whole.data.subarray(offset, offset + length),
  };
}

function elementwise(a: Value, b: Value, f: (x: number, y: number) => number): Value {
  if (a.shape.length === 0 && b.shape.length > 0)
    return { shape: b.shape, data: b.data.map((y) => f(a.data[0], y)) };
  if (b.shape.length === 0) return { shape: a.shape, data: a.data.map((x) => f(x, b.data[0])) };
  return { shape: a.shape, data: a.data.map((x, i) => f(x, b.data[i])) };
}

function diagonalMatrix(values: Float64Array): Value {
  const n = values.length;
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = values[i]!;
  return { shape: [n, n], data };
}

function matrixProduct(a: Value, b: Value): Value {
  if (a.shape.length === 0 || b.shape.length === 0) return elementwise(a, b, (x, y) => x * y);
  const [rows = 1, inner = 1] = a.shape;
  const columns = b.shape[1] ?? 1;
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let t = 0; t < inner; t++) {
      const x = a.data[i * inner + t];
      if (x !== 0)
        for (let j = 0; j < columns; j++)
          data[i * columns + j] = data[i * columns + j] + x * b.data[t * columns + j];
    }
  return b.shape.length === 1 ? { shape: [rows], data } : { shape: [rows, columns], data };
}

/**
 * The value of an expression at given symbols, in any field: float64 numbers, or dual numbers, whose second part is an
 * exact derivative (forward-mode automatic differentiation). Slow and plain on purpose: it is the judge of the rules.
 */
import { axes } from '../linear-algebra/axes.js';
import { holds, shapeOf } from './build.js';
import { medianPlaces } from './median.js';
import type { Dim, Expr, FunctionName, Index } from './types.js';

/** Arithmetic of one kind of number. */
export interface Field<S> {
  readonly of: (value: number) => S;
  /** the real part, for comparisons */
  readonly real: (a: S) => number;
  readonly add: (a: S, b: S) => S;
  readonly multiply: (a: S, b: S) => S;
  readonly divide: (a: S, b: S) => S;
  readonly power: (a: S, exponent: number) => S;
  readonly apply: (name: FunctionName, a: S) => S;
}

/** A number (shape []), vector or matrix, row by row. */
export interface Tensor<S> {
  readonly shape: readonly number[];
  readonly data: readonly S[];
}

export interface Environment<S> {
  readonly field: Field<S>;
  readonly sizes: Readonly<Record<string, number>>;
  /** a symbol's whole array, plates first: `mu` of [K, D] */
  readonly values: (name: string) => Tensor<S>;
  /** values of the running indices, from 0 */
  readonly indices: Readonly<Record<string, number>>;
  /** the value of Π [z = k] over latents, all numbers from 0: one or zero, or the probability of it */
  readonly indicators: (latents: readonly LatentValue[]) => number;
}

/** `[z[i] = k]` with numbers from 0 for i and k. */
export interface LatentValue {
  readonly latent: string;
  readonly at: readonly number[];
  readonly value: number;
}

export function sizeOf(dim: Dim, sizes: Readonly<Record<string, number>>): number {
  if (typeof dim === 'number') return dim;
  const value = sizes[dim];
  if (value === undefined) throw new Error(`the size ${dim} has no value`);
  return value;
}

export function evaluate<S>(e: Expr, env: Environment<S>): Tensor<S> {
  const f = env.field;
  const scalar = (value: S): Tensor<S> => ({ shape: [], data: [value] });
  const one = (part: Expr): S => evaluate(part, env).data[0];
  switch (e.kind) {
    case 'number':
      return scalar(f.of(e.value));
    case 'circle':
      return scalar(f.of(Math.PI));
    case 'position':
      return scalar(f.of(position({ kind: 'running', index: e.index }, env) + 1));
    case 'size':
      return scalar(f.of(sizeOf(e.dim, env.sizes)));
    case 'symbol':
      return slice(env.values(e.name), e.indices, env);
    case 'element':
      return slice(evaluate(e.of, env), e.coordinates, env);
    case 'indicator':
      return scalar(f.of(indicatorValue([e], env)));
    case 'condition':
      return scalar(f.of(holds(e.relation, f.real(one(e.left)), f.real(one(e.right))) ? 1 : 0));
    case 'add':
      return sumOf(
        e.terms.map((t) => evaluate(t, env)),
        f,
      );
    case 'multiply':
      return product(e.factors, env);
    case 'power':
      return map(evaluate(e.base, env), (a) => f.power(a, e.exponent));
    case 'function':
      return map(evaluate(e.argument, env), (a) => f.apply(e.name, a));
    case 'sum': {
      let total: Tensor<S> | undefined;
      for (const inner of over(e.range, env)) {
        const value = evaluate(e.body, inner);
        total = total === undefined ? value : elementwise(total, value, f.add);
      }
      return total ?? scalar(f.of(0));
    }
    case 'logsumexp': {
      const values = over(e.range, env).map((inner) => evaluate(e.body, inner).data[0]);
      const largest = Math.max(...values.map(f.real));
      const top = f.of(largest);
      // densities that are all zero
      if (largest === -Infinity) return scalar(top);
      const minus = f.multiply(f.of(-1), top);
      const total = values.reduce((sum: S, v) => f.add(sum, f.apply('exp', f.add(v, minus))), f.of(0));
      return scalar(f.add(top, f.apply('log', total)));
    }
    case 'largest': {
      const values = over(e.range, env).map((inner) => evaluate(e.body, inner).data[0]);
      return scalar(values.reduce<S>((a, b) => (f.real(b) > f.real(a) ? b : a), values[0]));
    }
    case 'median': {
      const points = e.ranges.reduce((places, r) => places.flatMap((place) => over(r, place)), [env]);
      const values = points.map((at) => evaluate(e.value, at).data[0]);
      const weights = points.map((at) => f.real(evaluate(e.weight, at).data[0]));
      const [low, high] = medianPlaces(values.map(f.real), weights);
      return scalar(f.multiply(f.of(0.5), f.add(values[low], values[high])));
    }
    case 'maximum':
      return elementwise(evaluate(e.left, env), evaluate(e.right, env), (a, b) =>
        f.real(a) >= f.real(b) ? a : b,
      );
    case 'minimum':
      return elementwise(evaluate(e.left, env), evaluate(e.right, env), (a, b) =>
        f.real(a) <= f.real(b) ? a : b,
      );
    case 'vector':
      return { shape: [e.elements.length], data: e.elements.map(one) };
    case 'family': {
      const parts = over(e.range, env).map((inner) => evaluate(e.body, inner));
      return { shape: [parts.length, ...parts[0].shape], data: parts.flatMap((p) => p.data) };
    }
    case 'fill': {
      const value = one(e.value);
      const n = sizeOf(e.dim, env.sizes);
      return { shape: [n], data: Array.from({ length: n }, () => value) };
    }
    case 'identity':
      return diagonalMatrix(
        Array.from({ length: sizeOf(e.dim, env.sizes) }, () => f.of(1)),
        f,
      );
    case 'diag':
      return diagonalMatrix(evaluate(e.of, env).data, f);
    case 'diagonal': {
      const m = evaluate(e.of, env);
      const n = m.shape[0];
      return { shape: [n], data: Array.from({ length: n }, (_, i) => m.data[i * n + i]) };
    }
    case 'product':
      return e.factors.map((t) => evaluate(t, env)).reduce((a, b) => matrixProduct(a, b, f));
    case 'transpose': {
      const m = evaluate(e.of, env);
      const [rows = 1, columns = 1] = m.shape;
      return build([columns, rows], (i, j) => m.data[j * columns + i]);
    }
    case 'inverse': {
      const m = evaluate(e.of, env);
      const n = m.shape[0];
      return gauss(
        m,
        diagonalMatrix(
          Array.from({ length: n }, () => f.of(1)),
          f,
        ),
        f,
      ).solution;
    }
    case 'logdet': {
      const m = evaluate(e.of, env);
      return scalar(gauss(m, { shape: [m.shape[0], 0], data: [] }, f).logDeterminant);
    }
    case 'trace': {
      const m = evaluate(e.of, env);
      const n = m.shape[0];
      return scalar(Array.from({ length: n }, (_, i) => m.data[i * n + i]).reduce<S>(f.add, f.of(0)));
    }
    case 'dot':
      return scalar(dotProduct(evaluate(e.left, env).data, evaluate(e.right, env).data, f));
    case 'outer': {
      const left = evaluate(e.left, env).data;
      const right = evaluate(e.right, env).data;
      return build([left.length, right.length], (i, j) => f.multiply(left[i], right[j]));
    }
    case 'quadratic': {
      const v = evaluate(e.vector, env);
      const m = evaluate(e.matrix, env);
      if (v.shape.length === 0) return scalar(f.multiply(f.multiply(v.data[0], v.data[0]), m.data[0]));
      return scalar(dotProduct(v.data, matrixProduct(m, v, f).data, f));
    }
    case 'axes': {
      // axes are a maximiser: no derivative is taken through them
      const places = e.range === undefined ? [env] : over(e.range, env);
      const reals = (part: Expr, at: Environment<S>): number[] => evaluate(part, at).data.map(f.real);
      const start = evaluate(e.start, env);
      const list = places.map((at) => ({ weights: reals(e.weights, at), matrix: reals(e.matrix, at) }));
      return {
        shape: start.shape,
        data: Array.from(axes(list, start.shape[0], start.data.map(f.real)), f.of),
      };
    }
    case 'solve': {
      const m = evaluate(e.matrix, env);
      const b = evaluate(e.right, env);
      if (m.shape.length === 0) return map(b, (x) => f.divide(x, m.data[0]));
      const columns = b.shape[1] ?? 1;
      const x = gauss(m, { shape: [b.shape[0], columns], data: b.data }, f).solution;
      return { shape: b.shape, data: x.data };
    }
  }
}

const position = <S>(index: Index, env: Environment<S>): number => {
  if (index.kind === 'fixed') return index.value - 1;
  // a category of the data is its number from 1
  if (index.kind === 'data') return codeOf(index.name, [{ kind: 'running', index: index.at }], env);
  const value = env.indices[index.index];
  if (value === undefined) throw new Error(`the index ${index.index} has no value`);
  return value;
};

/** Outside of what a distribution gives nothing else counts: −∞ and any other number, +∞ too, is −∞. */
function sumOf<S>(terms: readonly Tensor<S>[], f: Field<S>): Tensor<S> {
  const total = terms.reduce((a, b) => elementwise(a, b, f.add));
  const isNothing = (t: Tensor<S>): boolean => t.shape.length === 0 && f.real(t.data[0]) === -Infinity;
  return total.shape.length === 0 && Number.isNaN(f.real(total.data[0])) && terms.some(isNothing)
    ? { shape: [], data: [f.of(-Infinity)] }
    : total;
}

type Indicator = Extract<Expr, { kind: 'indicator' }>;

/** What a data symbol of categories says in a row, from 0. */
const codeOf = <S>(name: string, at: readonly Index[], env: Environment<S>): number =>
  env.field.real(slice(env.values(name), at, env).data[0]) - 1;

/** Indicators of latents are asked for together: the expectation of a product is not the product of expectations. */
function indicatorValue<S>(factors: readonly Indicator[], env: Environment<S>): number {
  const observed = factors.filter((e) => e.role === 'data');
  if (observed.some((e) => codeOf(e.symbol, e.at, env) !== position(e.value, env))) return 0;
  const hidden = factors.filter((e) => e.role === 'latent');
  if (hidden.length === 0) return 1;
  return env.indicators(
    hidden.map((e) => ({
      latent: e.symbol,
      at: e.at.map((i) => position(i, env)),
      value: position(e.value, env),
    })),
  );
}

/** Never a function of parameters: conditions and responsibilities. */
const isWeight = (e: Expr): boolean =>
  e.kind === 'condition' || (e.kind === 'symbol' && e.role === 'responsibility');

/** A factor that is exactly zero leaves nothing, whatever the others are: [z = 1] log 0 is 0 where z is not 1. */
function product<S>(factors: readonly Expr[], env: Environment<S>): Tensor<S> {
  const f = env.field;
  const indicators = factors.filter((e) => e.kind === 'indicator');
  const weights = factors.filter(isWeight);
  const others = factors.filter((e) => e.kind !== 'indicator' && !isWeight(e));
  let switches = indicators.length === 0 ? 1 : indicatorValue(indicators, env);
  for (const w of weights) if (switches !== 0) switches *= f.real(evaluate(w, env).data[0]);
  const first: Tensor<S> = { shape: [], data: [f.of(switches)] };
  const isScalar = factors.every((e) => shapeOf(e).length === 0);
  if (switches === 0 && isScalar) return first;
  // 0 log 0 = 0
  const isZero = (t: Tensor<S>): boolean => f.real(t.data[0]) === 0;
  const values = others.map((t) => evaluate(t, env));
  if (isScalar && values.some(isZero) && values.some((t) => f.real(t.data[0]) === -Infinity))
    return { shape: [], data: [f.of(0)] };
  return values.reduce((a, b) => elementwise(a, b, f.multiply), first);
}

function slice<S>(whole: Tensor<S>, indices: readonly Index[], env: Environment<S>): Tensor<S> {
  let offset = 0;
  let length = whole.data.length;
  indices.forEach((index, axis) => {
    length /= whole.shape[axis];
    offset += position(index, env) * length;
  });
  if (indices.length === 0) return whole;
  return { shape: whole.shape.slice(indices.length), data: whole.data.slice(offset, offset + length) };
}

const over = <S>(
  range: { readonly index: string; readonly dim: Dim },
  env: Environment<S>,
): readonly Environment<S>[] =>
  Array.from({ length: sizeOf(range.dim, env.sizes) }, (_, value) => ({
    ...env,
    indices: { ...env.indices, [range.index]: value },
  }));

const map = <S>(a: Tensor<S>, f: (x: S) => S): Tensor<S> => ({ shape: a.shape, data: a.data.map(f) });

function elementwise<S>(a: Tensor<S>, b: Tensor<S>, f: (x: S, y: S) => S): Tensor<S> {
  if (a.shape.length === 0) return map(b, (y) => f(a.data[0], y));
  if (b.shape.length === 0) return map(a, (x) => f(x, b.data[0]));
  if (a.data.length !== b.data.length)
    throw new Error(`sizes differ: ${a.shape.join('×')} and ${b.shape.join('×')}`);
  return { shape: a.shape, data: a.data.map((x, i) => f(x, b.data[i])) };
}

const build = <S>(shape: readonly [number, number], entry: (i: number, j: number) => S): Tensor<S> => ({
  shape,
  data: Array.from({ length: shape[0] * shape[1] }, (_, at) =>
    entry(Math.floor(at / shape[1]), at % shape[1]),
  ),
});

const diagonalMatrix = <S>(values: readonly S[], f: Field<S>): Tensor<S> =>
  build([values.length, values.length], (i, j) => (i === j ? values[i] : f.of(0)));

const dotProduct = <S>(a: readonly S[], b: readonly S[], f: Field<S>): S =>
  a.map((x, i) => f.multiply(x, b[i])).reduce<S>(f.add, f.of(0));

function matrixProduct<S>(a: Tensor<S>, b: Tensor<S>, f: Field<S>): Tensor<S> {
  if (a.shape.length === 0 || b.shape.length === 0) return elementwise(a, b, f.multiply);
  const [rows = 1, inner = 1] = a.shape;
  const columns = b.shape[1] ?? 1;
  const result = build([rows, columns], (i, j) => {
    let total = f.of(0);
    for (let t = 0; t < inner; t++)
      total = f.add(total, f.multiply(a.data[i * inner + t], b.data[t * columns + j]));
    return total;
  });
  return b.shape.length === 1 ? { shape: [rows], data: result.data } : result;
}

/** Gaussian elimination with pivoting: A⁻¹B and log|det A|. */
function gauss<S>(
  a: Tensor<S>,
  b: Tensor<S>,
  f: Field<S>,
): { readonly solution: Tensor<S>; readonly logDeterminant: S } {
  const n = a.shape[0];
  const columns = b.shape[1] ?? 0;
  const rows = Array.from({ length: n }, (_, i) => [
    ...a.data.slice(i * n, i * n + n),
    ...b.data.slice(i * columns, i * columns + columns),
  ]);
  let logDeterminant = f.of(0);
  const minusOne = f.of(-1);
  for (let c = 0; c < n; c++) {
    let best = c;
    for (let r = c + 1; r < n; r++)
      if (Math.abs(f.real(rows[r][c])) > Math.abs(f.real(rows[best][c]))) best = r;
    [rows[c], rows[best]] = [rows[best], rows[c]];
    const pivotRow = rows[c];
    const pivot = pivotRow[c];
    logDeterminant = f.add(
      logDeterminant,
      f.apply('log', f.real(pivot) < 0 ? f.multiply(minusOne, pivot) : pivot),
    );
    rows[c] = pivotRow.map((x) => f.divide(x, pivot));
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = f.multiply(minusOne, rows[r][c]);
      rows[r] = rows[r].map((x, j) => f.add(x, f.multiply(factor, rows[c][j])));
    }
  }
  return { solution: { shape: [n, columns], data: rows.flatMap((row) => row.slice(n)) }, logDeterminant };
}

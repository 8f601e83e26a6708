/**
 * What emitted modules import: vectors and matrices as nested arrays of float64 numbers, the few operations that an
 * M-step is made of, and the standardisation that lets float32 hold the rows. No tfjs here.
 *
 * Whatever is inverted goes through a Cholesky factor, which is also the test of positive definiteness: a matrix that
 * fails it throws, and says so.
 */
import { functions } from './algebra/functions.js';
import { axes as commonAxes } from './linear-algebra/axes.js';
import * as packed from './linear-algebra/cholesky.js';
import { solveSymmetric } from './linear-algebra/symmetric.js';

export type Vector = readonly number[];
export type Matrix = readonly Vector[];
/** A number, a vector or a matrix. */
export type Value = number | Vector | Matrix;

/** map · column + offset: a vector that is affine in the columns of a row. */
export interface Affine {
  /** [n, C] */
  readonly map: Matrix;
  /** [n] */
  readonly offset: Vector;
}

// ------------------------------------------------------------------------------------------------ every entry

/** [f(0), …, f(n − 1)]. */
export const each = <T>(n: number, f: (index: number) => T): T[] =>
  Array.from({ length: n }, (_, index) => f(index));

/** f(0) + … + f(n − 1), of numbers, vectors or matrices; 0 of none. */
export function sum<T extends Value>(n: number, f: (index: number) => T): T {
  if (n === 0) return 0 as T;
  let total = f(0);
  for (let index = 1; index < n; index++) total = add(total, f(index));
  return total;
}

export const add = <T extends Value>(...terms: readonly T[]): T =>
  terms.reduce((a, b) => zip(a, b, (x, y) => x + y) as T);
export const subtract = <T extends Value>(a: T, b: T): T => zip(a, b, (x, y) => x - y) as T;
/** The product entry by entry. */
export const entrywise = <T extends Value>(a: T, b: T): T => zip(a, b, (x, y) => x * y) as T;
/** The larger of the two, entry by entry; a number stands in every entry. */
export const maximum = <T extends Value>(a: T, b: T | number): T => zip(a, b, Math.max) as T;
/** The smaller of the two, entry by entry. */
export const minimum = <T extends Value>(a: T, b: T | number): T => zip(a, b, Math.min) as T;
export const multiply = <T extends Value>(factor: number, a: T): T => zip(factor, a, (x, y) => x * y) as T;
export const divide = <T extends Value>(a: T, divisor: number): T => zip(a, divisor, (x, y) => x / y) as T;
export const negate = <T extends Value>(a: T): T => multiply(-1, a);

function zip(a: Value, b: Value, f: (x: number, y: number) => number): Value {
  if (typeof a === 'number' && typeof b === 'number') return f(a, b);
  const length = typeof a === 'number' ? (b as Vector).length : a.length;
  const at = (part: Value, index: number): Value => (typeof part === 'number' ? part : part[index]);
  return each(length, (index) => zip(at(a, index), at(b, index), f)) as Value;
}

// ------------------------------------------------------------------------------------------------ vectors, matrices

/** [n] filled with one number. */
export const fill = (n: number, value: number): number[] => each(n, () => value);
/** [n, m] of zeros. */
export const zeros = (n: number, m: number): number[][] => each(n, () => fill(m, 0));
export const identity = (n: number): number[][] => diag(fill(n, 1));
export const diag = (v: Vector): number[][] => v.map((x, i) => v.map((_, j) => (i === j ? x : 0)));
export const diagonal = (a: Matrix): number[] => a.map((row, i) => row[i]);
export const trace = (a: Matrix): number => diagonal(a).reduce((s, x) => s + x, 0);
export const transpose = (a: Matrix): number[][] => each(a[0]?.length ?? 0, (j) => a.map((row) => row[j]));
export const dot = (a: Vector, b: Vector): number => a.reduce((s, x, i) => s + x * b[i], 0);
export const outer = (a: Vector, b: Vector): number[][] => a.map((x) => b.map((y) => x * y));
/** vᵀ A v. */
export const quadratic = (v: Vector, a: Matrix): number => dot(v, product(a, v));
/** Matrices with the same number of rows, side by side. */
export const beside = (...blocks: readonly Matrix[]): number[][] =>
  each(blocks[0].length, (i) => blocks.flatMap((block) => block[i]));

/** A b for a vector or a matrix b. */
export function product(a: Matrix, b: Vector): number[];
export function product(a: Matrix, b: Matrix): number[][];
export function product(a: Matrix, b: Vector | Matrix): number[] | number[][] {
  if (!isMatrix(b)) return a.map((row) => dot(row, b));
  const columns = transpose(b);
  return a.map((row) => columns.map((column) => dot(row, column)));
}

const isMatrix = (a: Vector | Matrix): a is Matrix => Array.isArray(a[0]);

// ------------------------------------------------------------------------------------------------ by Cholesky

const NOT_DEFINITE = 'a matrix is not positive definite: a scale has collapsed, or a system is singular';

/** L with A = L Lᵀ, packed row by row. */
function factor(a: Matrix): Float64Array {
  const l = packed.cholesky(a.flat(), a.length, 0);
  if (l === undefined) throw new Error(NOT_DEFINITE);
  return l;
}

const unpacked = (data: Float64Array, n: number, m: number): number[][] =>
  each(n, (i) => Array.from(data.subarray(i * m, i * m + m)));

/** log|A|. */
export const logDeterminant = (a: Matrix): number => packed.logDeterminant(factor(a), a.length);
export const inverse = (a: Matrix): number[][] =>
  unpacked(packed.inverseCholesky(factor(a), a.length), a.length, a.length);
/** W with Wᵀ W = A. */
export const root = (a: Matrix): number[][] => transpose(unpacked(factor(a), a.length, a.length));
/** W with Wᵀ W = A⁻¹: what turns a residual of covariance A into one of covariance I. */
export const inverseRoot = (a: Matrix): number[][] =>
  unpacked(packed.inverseLower(factor(a), a.length), a.length, a.length);

/** The x of A x = b, for a vector or a matrix b; A is scaled to a unit diagonal first. */
export function solve(a: Matrix, b: Vector): number[];
export function solve(a: Matrix, b: Matrix): number[][];
export function solve(a: Matrix, b: Vector | Matrix): number[] | number[][] {
  const right = isMatrix(b) ? b : b.map((x) => [x]);
  const m = right[0]?.length ?? 0;
  const x = solveSymmetric(Float64Array.from(a.flat()), a.length, Float64Array.from(right.flat()), m);
  if (x === undefined) throw new Error(NOT_DEFINITE);
  const rows = unpacked(x, a.length, m);
  return isMatrix(b) ? rows : rows.map((row) => row[0]);
}

// ------------------------------------------------------------------------------------------------ functions

export { weightedMedian } from './algebra/median.js';
export const logistic = functions.logistic.value;
/** log(1 + eˣ). */
export const softplus = functions.softplus.value;
/** log Γ(x). */
export const lgamma = functions.lgamma.value;
/** ψ(x), the derivative of log Γ. */
export const digamma = functions.digamma.value;
/** log I₀(x), x >= 0. */
export const logbesseli0 = functions.logbesseli0.value;
/** I₁(x) / I₀(x), x >= 0. */
export const besselratio = functions.besselratio.value;
/** ψ'(x). */
export const trigamma = functions.trigamma.value;

// ------------------------------------------------------------------------------------------------ rows and columns

/** A column of n numbers. */
export const column = (n: number, f: (row: number) => number): Float64Array =>
  Float64Array.from({ length: n }, (_, row) => f(row));

/** The columns of rows of coordinates: [N, D] as D columns. */
export const coordinates = (rows: readonly ArrayLike<number>[]): Float64Array[] =>
  each(rows[0]?.length ?? 0, (d) => column(rows.length, (row) => rows[row][d]));

/** shift and scale of each column, and the rows of u = (column − shift) / scale as float32, [N, C] row by row. */
export interface Standardised {
  readonly u: Float32Array;
  readonly shift: number[];
  readonly scale: number[];
}

/** Centres and scales the columns in float64, so that what float32 loses is lost of numbers around one. */
export function standardise(columns: readonly ArrayLike<number>[]): Standardised {
  const n = columns[0]?.length ?? 0;
  const shift = columns.map((c) => meanOf(n, (row) => c[row]));
  // a constant column, as a regression's intercept, is left as it stands
  const scale = columns.map((c, at) => Math.sqrt(meanOf(n, (row) => (c[row] - shift[at]) ** 2)) || 1);
  const u = new Float32Array(n * columns.length);
  columns.forEach((c, at) => {
    for (let row = 0; row < n; row++) u[row * columns.length + at] = (c[row] - shift[at]) / scale[at];
  });
  return { u, shift, scale };
}

function meanOf(n: number, f: (row: number) => number): number {
  let s = 0;
  for (let row = 0; row < n; row++) s += f(row);
  return n === 0 ? 0 : s / n;
}

/** The same vectors in the standardised columns: map (shift + scale u) + offset, side by side in one [C, K n] map. */
export function standardisedMap(
  forms: readonly Affine[],
  shift: Vector,
  scale: Vector,
): { readonly map: number[][]; readonly offset: number[] } {
  return {
    map: transpose(forms.flatMap((form) => form.map.map((row) => entrywise<Vector>(row, scale)))),
    offset: forms.flatMap((form) => add<Vector>(product(form.map, shift), form.offset)),
  };
}

/** [N, K]: 0 where a component is possible, −∞ where a row's label (from 1, 0 where hidden) says another. */
export const labelMask = (labels: ArrayLike<number>, components: number): number[][] =>
  Array.from(labels, (label) => each(components, (k) => (label === 0 || label === k + 1 ? 0 : -Infinity)));

// ------------------------------------------------------------------------------------------------ orthogonal axes

/** The orthogonal Q that minimises Σ tr(diag(weights) Qᵀ matrix Q) over pairs [weights, matrix]. */
export function axes(pairs: readonly (readonly [Vector, Matrix])[], start: Matrix): number[][] {
  const n = start.length;
  const list = pairs.map(([weights, matrix]) => ({ weights, matrix: matrix.flat() }));
  const q = commonAxes(list, n, start.flat());
  return each(n, (i) => each(n, (j) => q[i * n + j]));
}

// ------------------------------------------------------------------------------------------------ rows, latents, iterations

export {
  assign,
  highest,
  largestOf,
  logSumExp,
  membersOf,
  normalise,
  times,
  totalOf,
} from './runtime/rows.js';
export type { Numbers, Shares } from './runtime/rows.js';
export { newton, settle, together } from './runtime/iterations.js';

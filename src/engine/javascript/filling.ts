/**
 * How a component fills rows that miss the same cells: each missing one is affine in the others (`reference/missing.ts` has the
 * mathematics, and does it row by row). With Λ = V⁻¹ the missing coordinates m of a block given the others are
 *
 *     mean  μ_m − Λ_mm⁻¹ Λ_mo (x_o − μ_o)        covariance  C = Λ_mm⁻¹
 *
 * so that a pattern costs little where few cells are missing, as an inverse is needed once for a component only.
 */
import { cholesky, inverseCholesky } from '../../linear-algebra/cholesky.js';
import type { Block } from '../reference/missing.js';

/** A Gaussian block of a component, ready to be conditioned. */
export interface OpenBlock extends Pick<Block, 'residual' | 'own'> {
  /** [n, n] */
  readonly precision: Float64Array;
  /** for each column that the residual reads: its mean where it is a coordinate's own, so that a large one costs no digits */
  readonly origins: Float64Array;
  /** the places of U's entries that are not 0: those of row i are `reads[first[i]]` up to `reads[first[i + 1]]` */
  readonly first: Int32Array;
  readonly reads: Int32Array;
}

export function openBlock({ residual, own, covariance }: Block): OpenBlock {
  const l = cholesky(covariance, residual.rows);
  if (l === undefined) throw new Error('a scale is not positive definite');
  const origins = Float64Array.from(residual.columns, (column) => {
    const d = own.indexOf(column);
    return d < 0 ? 0 : -residual.offset[d];
  });
  const { rows, matrix } = residual;
  const width = residual.columns.length;
  const first = new Int32Array(rows + 1);
  const reads = new Int32Array(rows * width);
  let n = 0;
  for (let at = 0; at < matrix.length; at++) {
    if (matrix[at] !== 0) reads[n++] = at;
    if ((at + 1) % width === 0) first[(at + 1) / width] = n;
  }
  return { residual, own, precision: inverseCholesky(l, rows), origins, first, reads };
}

/** The missing cells of a block given the others. There are many, one after the other: each is made in the place of the last. */
export interface Conditional {
  /** m */
  count: number;
  /** [m] the coordinates that are missing, and their columns; [n − m] the others */
  readonly gone: Int32Array;
  readonly observed: Int32Array;
  readonly columns: Int32Array;
  /** C [m, m] */
  readonly covariance: Float64Array;
  /** what the density gains: ½ log|2π C| */
  logVolume: number;
  /**
   * [m, columns of the residual]: cell i is −offset + Σ coefficient (column − origin). 0 for columns that are missing
   * themselves.
   */
  readonly coefficients: Float64Array;
}

/** For blocks of that many coordinates and columns. */
export const newConditional = (rows: number, columns: number): Conditional => ({
  count: 0,
  gone: new Int32Array(rows),
  observed: new Int32Array(rows),
  columns: new Int32Array(rows),
  covariance: new Float64Array(rows * rows),
  logVolume: 0,
  coefficients: new Float64Array(rows * columns),
});

/** `isMissing` has 1 for each column that is. */
export function condition(block: OpenBlock, isMissing: Uint8Array, into: Conditional): void {
  const { own, precision } = block;
  const n = own.length;
  let m = 0;
  for (let d = 0; d < n; d++) {
    const column = own[d];
    if (column === undefined || isMissing[column] === 0) into.observed[d - m] = d;
    else {
      into.gone[m] = d;
      into.columns[m++] = column;
    }
  }
  into.count = m;
  if (m === 0) return;
  const { gone, covariance } = into;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) covariance[i * m + j] = precision[gone[i] * n + gone[j]];
  into.logVolume = (m * Math.log(2 * Math.PI) - invert(covariance, m)) / 2;
  for (let i = 0; i < m; i++) coefficientsOf(block, into, i);
}

/** In place, by elimination (Gauss, Jordan), whose pivots are positive; returns the log determinant. */
function invert(a: Float64Array, m: number): number {
  let logDeterminant = 0;
  for (let p = 0; p < m; p++) {
    const pivot = a[p * m + p];
    if (!(pivot > 0)) throw new Error('a scale is not positive definite');
    logDeterminant += Math.log(pivot);
    a[p * m + p] = 1;
    for (let j = 0; j < m; j++) a[p * m + j] /= pivot;
    for (let i = 0; i < m; i++) {
      if (i === p) continue;
      const factor = a[i * m + p];
      a[i * m + p] = 0;
      for (let j = 0; j < m; j++) a[i * m + j] -= factor * a[p * m + j];
    }
  }
  return logDeterminant;
}

/** x̂ = −offset − U c over the other columns, plus the regression on the residuals of what is observed. */
function coefficientsOf(
  { residual, precision, first, reads }: OpenBlock,
  { count: m, gone, observed, columns: missing, covariance, coefficients }: Conditional,
  i: number,
): void {
  const { rows: n, columns, matrix } = residual;
  const [width, d] = [columns.length, gone[i]];
  const from = i * width;
  for (let j = 0; j < width; j++)
    coefficients[from + j] = columns[j] === missing[i] ? 0 : -matrix[d * width + j];
  for (let at = 0; at < n - m; at++) {
    const o = observed[at];
    let regression = 0;
    for (let j = 0; j < m; j++) regression -= covariance[i * m + j] * precision[gone[j] * n + o];
    if (regression === 0) continue;
    const to = from - o * width;
    for (let r = first[o]; r < first[o + 1]; r++)
      coefficients[to + reads[r]] += regression * matrix[reads[r]];
  }
}

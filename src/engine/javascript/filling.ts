/**
 * How a component fills rows that miss the same cells: each missing one is affine in the others (`reference/missing.ts` has the
 * mathematics, and does it row by row). With Λ = V⁻¹ the missing coordinates m of a block given the others are
 *
 *     mean  μ_m − Λ_mm⁻¹ Λ_mo (x_o − μ_o)        covariance  C = Λ_mm⁻¹
 *
 * so that a pattern costs little where few cells are missing, as an inverse is needed once for a component only.
 */
import { cholesky, inverseCholesky } from '../../linear-algebra/cholesky.js';
import type { Block, Spread } from '../reference/missing.js';

/** A missing cell: at + Σ coefficient (column − origin) over the columns that its block reads. */
export interface FilledCell {
  readonly column: number;
  readonly at: number;
  readonly sources: readonly number[];
  readonly origins: Float64Array;
  readonly coefficients: ArrayLike<number>;
}

/** One component's way to fill rows of one pattern. */
export interface Filling {
  readonly cells: readonly FilledCell[];
  /** what the density gains: ½ log|2π C| */
  readonly logVolume: number;
  readonly spread: readonly Spread[];
}

/** A Gaussian block of a component, ready to be conditioned. */
export interface OpenBlock extends Block {
  /** [n, n] */
  readonly precision: Float64Array;
  /** for each column that the residual reads: its mean where it is a coordinate's own, so that a large one costs no digits */
  readonly origins: Float64Array;
  /** for each coordinate the positions of the columns that it reads */
  readonly reads: readonly (readonly number[])[];
}

export function openBlock(block: Block): OpenBlock {
  const { residual, own, covariance } = block;
  const l = cholesky(covariance, residual.rows);
  if (l === undefined) throw new Error('a scale is not positive definite');
  const origins = Float64Array.from(residual.columns, (column) => {
    const d = own.indexOf(column);
    return d < 0 ? 0 : -residual.offset[d];
  });
  const width = residual.columns.length;
  const reads = own.map((_, d) =>
    residual.columns.flatMap((__, j) => (residual.matrix[d * width + j] === 0 ? [] : [j])),
  );
  return { ...block, precision: inverseCholesky(l, residual.rows), origins, reads };
}

export function fillingOf(blocks: readonly OpenBlock[], missing: ReadonlySet<number>): Filling {
  const cells: FilledCell[] = [];
  const spread: Spread[] = [];
  let logVolume = 0;
  for (const block of blocks) {
    const { residual, own, precision } = block;
    const n = residual.rows;
    const gone: number[] = [];
    const observed: number[] = [];
    own.forEach((column, d) => {
      (column !== undefined && missing.has(column) ? gone : observed).push(d);
    });
    if (gone.length === 0) continue;
    const m = gone.length;
    const { covariance, logDeterminant } = inverseAmong(precision, n, gone);
    for (let i = 0; i < m; i++) cells.push(cellOf(block, gone, observed, covariance, i));
    logVolume += (m * Math.log(2 * Math.PI) - logDeterminant) / 2;
    spread.push({ columns: gone.map((d) => own[d]!), covariance });
  }
  return { cells, logVolume, spread };
}

/**
 * The inverse of Λ_mm and its log determinant, by elimination in place (Gauss, Jordan), whose pivots are positive. In arrays of
 * the language: there are many small ones, which typed arrays are slow to make.
 */
function inverseAmong(
  precision: Float64Array,
  n: number,
  gone: readonly number[],
): { readonly covariance: readonly number[]; readonly logDeterminant: number } {
  const m = gone.length;
  const a: number[] = [];
  for (const i of gone) for (const j of gone) a.push(precision[i * n + j]);
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
  return { covariance: a, logDeterminant };
}

/** x̂ = −offset − U c over the other columns, plus the regression on the residuals of what is observed. */
function cellOf(
  { residual, own, precision, origins, reads }: OpenBlock,
  gone: readonly number[],
  observed: readonly number[],
  covariance: ArrayLike<number>,
  i: number,
): FilledCell {
  const { rows: n, columns, matrix } = residual;
  const [m, d, width] = [gone.length, gone[i], columns.length];
  const coefficients: number[] = [];
  for (let j = 0; j < width; j++) coefficients.push(columns[j] === own[d] ? 0 : -matrix[d * width + j]);
  for (const o of observed) {
    let regression = 0;
    for (let j = 0; j < m; j++) regression -= covariance[i * m + j] * precision[gone[j] * n + o];
    if (regression === 0) continue;
    for (const j of reads[o]) coefficients[j] += regression * matrix[o * width + j];
  }
  return { column: own[d]!, at: -residual.offset[d], sources: columns, origins, coefficients };
}

/** For a start without parameters: every missing cell by itself, as the component's observed ones are. */
export const independentFilling = (
  own: readonly { readonly mean: number; readonly variance: number }[],
  missing: ReadonlySet<number>,
): Filling => ({
  cells: [...missing].map((column) => ({
    column,
    at: own[column].mean,
    sources: [],
    origins: new Float64Array(0),
    coefficients: [],
  })),
  logVolume: 0,
  spread: [...missing].map((column) => ({
    columns: [column],
    covariance: [own[column].variance],
  })),
});

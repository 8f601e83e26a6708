/** Systems of a symmetric positive definite matrix. */
import { cholesky, solveCholesky } from './cholesky.js';

/** A pivot below this share of its diagonal is rounding: the matrix is singular to working precision. */
export const SINGULAR = 1e-12;

/**
 * The x [n, m] of A x = b by Cholesky's method, A [n, n] scaled to a unit diagonal first; undefined where A is not positive
 * definite.
 */
export function solveSymmetric(
  a: Float64Array,
  n: number,
  b: Float64Array,
  m: number,
): Float64Array | undefined {
  const d = Float64Array.from({ length: n }, (_, i) => 1 / Math.sqrt(a[i * n + i]));
  const scaled = a.map((x, at) => x * d[Math.floor(at / n)] * d[at % n]);
  const l = cholesky(scaled, n, SINGULAR);
  if (l === undefined) return undefined;
  const right = b.map((y, at) => y * d[Math.floor(at / m)]);
  return solveCholesky(l, n, right, m).map((y, at) => y * d[Math.floor(at / m)]);
}

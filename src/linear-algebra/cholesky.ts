/**
 * Small dense float64 kernels on symmetric positive definite matrices, row-major. They are what the parameter stage is
 * made of; every engine uses these and no other. Source: Golub, Van Loan: Matrix Computations (4th ed.), 4.2 and 3.1.
 */

/**
 * The lower triangle L of A = L Lᵀ, [n, n]. Gives undefined where a pivot falls below `tolerance` times its diagonal: A
 * is then not positive definite to working precision. The test does not depend on the scale of the columns.
 */
export function cholesky(a: ArrayLike<number>, n: number, tolerance = 0): Float64Array | undefined {
  const l = new Float64Array(n * n);
  return factor(a, n, tolerance, l) < 0 ? l : undefined;
}

/** Fills L row by row; returns the first row whose pivot is too small, or -1. */
function factor(a: ArrayLike<number>, n: number, tolerance: number, l: Float64Array): number {
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let s = a[i * n + j];
      for (let t = 0; t < j; t++) s -= l[i * n + t] * l[j * n + t];
      if (i > j) l[i * n + j] = s / l[j * n + j];
      else if (!(s > tolerance * a[i * n + i]) || !(s > 0) || !Number.isFinite(s)) return i;
      else l[i * n + i] = Math.sqrt(s);
    }
  return -1;
}

/** Lower triangular R with A = RᵀR, so that ‖R d‖² = dᵀ A d by ever more of d's coordinates; undefined as `cholesky`. */
export function lowerRoot(a: Float64Array, n: number): Float64Array | undefined {
  const r = new Float64Array(n * n);
  // as Cholesky's, from the last row up
  for (let i = n - 1; i >= 0; i--)
    for (let j = n - 1; j >= i; j--) {
      let s = a[i * n + j];
      for (let t = j + 1; t < n; t++) s -= r[t * n + i] * r[t * n + j];
      if (j > i) r[j * n + i] = s / r[j * n + j];
      else if (!(s > 0) || !Number.isFinite(s)) return undefined;
      else r[i * n + i] = Math.sqrt(s);
    }
  return r;
}

/** The first coordinate whose Cholesky pivot falls below `tolerance` times its diagonal, or -1. */
export function firstBadPivot(a: ArrayLike<number>, n: number, tolerance: number): number {
  const l = new Float64Array(n * n);
  return factor(a, n, tolerance, l);
}

/** 2 Σ log L_ii = log|A|. */
export function logDeterminant(l: Float64Array, n: number): number {
  let s = 0;
  for (let i = 0; i < n; i++) s += Math.log(l[i * n + i]);
  return 2 * s;
}

/** Solves A X = B in place of a copy of B, [n, m], with A = L Lᵀ. */
export function solveCholesky(l: Float64Array, n: number, b: ArrayLike<number>, m: number): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < m; c++) {
      let s = x[i * m + c];
      for (let t = 0; t < i; t++) s -= l[i * n + t] * x[t * m + c];
      x[i * m + c] = s / l[i * n + i];
    }
  for (let i = n - 1; i >= 0; i--)
    for (let c = 0; c < m; c++) {
      let s = x[i * m + c];
      for (let t = i + 1; t < n; t++) s -= l[t * n + i] * x[t * m + c];
      x[i * m + c] = s / l[i * n + i];
    }
  return x;
}

/** L⁻¹, lower triangular. */
export function inverseLower(l: Float64Array, n: number): Float64Array {
  const w = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    w[j * n + j] = 1 / l[j * n + j];
    for (let i = j + 1; i < n; i++) {
      let s = 0;
      for (let t = j; t < i; t++) s -= l[i * n + t] * w[t * n + j];
      w[i * n + j] = s / l[i * n + i];
    }
  }
  return w;
}

/** A⁻¹ = L⁻ᵀ L⁻¹, symmetric to the last bit. */
export function inverseCholesky(l: Float64Array, n: number): Float64Array {
  const w = inverseLower(l, n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let s = 0;
      for (let t = i; t < n; t++) s += w[t * n + i] * w[t * n + j];
      inverse[i * n + j] = s;
      inverse[j * n + i] = s;
    }
  return inverse;
}

/** Square matrices of a few rows, [n, n] row-major. */

export const product = (a: Float64Array, b: Float64Array, n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => {
    let s = 0;
    for (let t = 0; t < n; t++) s += a[Math.floor(at / n) * n + t] * b[t * n + (at % n)];
    return s;
  });

export const transposed = (a: Float64Array, n: number): Float64Array =>
  a.map((_, at) => a[(at % n) * n + Math.floor(at / n)]);

/** A Aᵀ, the same on both sides of the diagonal. */
export const timesItsTranspose = (a: Float64Array, n: number): Float64Array =>
  product(a, transposed(a, n), n);

/** The places of a lower triangle by rows, the diagonal with it: (0, 0), (1, 0), (1, 1), … */
export const lowerPlaces = (n: number): readonly (readonly [number, number])[] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: i + 1 }, (__, j) => [i, j] as const)).flat();

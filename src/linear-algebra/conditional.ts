/**
 * A Gaussian's coordinates given others, from one Cholesky factor with those others first:
 *
 *     V = [V_oo V_om; V_mo V_mm] = L Lᵀ        V_mo V_oo⁻¹ = L_mo L_oo⁻¹        V_mm − V_mo V_oo⁻¹ V_om = L_mm L_mmᵀ
 */
export interface ConditionalGaussian {
  /** V_mo V_oo⁻¹, [m, o] */
  readonly regression: Float64Array;
  /** of the rest given those that come first, [m, m] */
  readonly covariance: Float64Array;
  /** log of its determinant */
  readonly logDeterminant: number;
}

/** Of the coordinates `rest` given `first`, of a covariance [n, n]; undefined where it is not positive definite. */
export function conditionalGaussian(
  v: Float64Array,
  n: number,
  first: readonly number[],
  rest: readonly number[],
): ConditionalGaussian | undefined {
  const [o, m] = [first.length, rest.length];
  const size = o + m;
  const l = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = (i < o ? first[i] : rest[i - o]) * n;
    for (let j = 0; j <= i; j++) {
      let s = v[row + (j < o ? first[j] : rest[j - o])];
      for (let t = 0; t < j; t++) s -= l[i * size + t] * l[j * size + t];
      if (i > j) l[i * size + j] = s / l[j * size + j];
      else if (!(s > 0) || !Number.isFinite(s)) return undefined;
      else l[i * size + i] = Math.sqrt(s);
    }
  }
  const regression = new Float64Array(m * o);
  const covariance = new Float64Array(m * m);
  let logDeterminant = 0;
  for (let i = 0; i < m; i++) {
    const row = (o + i) * size;
    for (let j = o - 1; j >= 0; j--) {
      let s = l[row + j];
      for (let t = j + 1; t < o; t++) s -= regression[i * o + t] * l[t * size + j];
      regression[i * o + j] = s / l[j * size + j];
    }
    for (let j = 0; j <= i; j++) {
      let s = 0;
      for (let t = 0; t <= j; t++) s += l[row + o + t] * l[(o + j) * size + o + t];
      covariance[i * m + j] = covariance[j * m + i] = s;
    }
    logDeterminant += 2 * Math.log(l[row + o + i]);
  }
  return { regression, covariance, logDeterminant };
}

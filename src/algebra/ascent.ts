/**
 * Newton's method for a maximum, one step after another: halved until the objective rises, nearer to the gradient where
 * the second derivative is not negative definite. A positive number moves on the scale of its logarithm, one between 0 and 1
 * on that of its log odds, so that it stays where it may be. Source: Nocedal, Wright: Numerical Optimization (2006), 3.3.
 */
import { cholesky, solveCholesky } from '../linear-algebra/cholesky.js';

export type Scale = 'real' | 'logarithm' | 'log odds';

export interface Ascent {
  readonly start: Float64Array;
  /** of each entry */
  readonly scales: readonly Scale[];
  /** orthonormal directions [P] that the steps keep to; undefined: all */
  readonly basis?: readonly Float64Array[] | undefined;
  /** at a point: the gradient [P] and the second derivatives [P, P] */
  readonly derivatives: (at: Float64Array) => {
    readonly gradient: Float64Array;
    readonly hessian: Float64Array;
  };
  /** may be −∞ or not a number where a step went too far */
  readonly objective: (at: Float64Array) => number;
  readonly rounds: number;
}

const HALVINGS = 60;
/** A smaller part of the objective is lost in its rounding: such a rise cannot be judged, but there Newton's step is right. */
const ROUNDING = 1e-12;

/** The point reached; the objective there is not below that of the start. */
export function ascend(a: Ascent): Float64Array {
  let at = a.start;
  let value = a.objective(at);
  for (let round = 0; round < a.rounds; round++) {
    const { gradient, hessian } = onScale(a, at);
    const n = at.length;
    const { step, isNewton } = within(gradient, hessian, n, a.basis);
    const rise = step.reduce((s, x, i) => s + x * gradient[i], 0);
    const unit = Math.max(1, Math.abs(value));
    if (!(rise > ROUNDING * unit)) {
      if (!isNewton || !(rise >= 0)) return at;
      at = moved(at, step, 1, a.scales);
      if (!(rise > 1e-20 * unit)) return at;
      continue;
    }
    let next: Float64Array | undefined;
    for (let halving = 0, size = 1; halving < HALVINGS; halving++, size /= 2) {
      const tried = moved(at, step, size, a.scales);
      const there = a.objective(tried);
      if (there > value || !Number.isFinite(value)) {
        [next, value] = [tried, there];
        break;
      }
    }
    // near the top rounding hides the rise, where the quadratic model is at its best
    if (next === undefined) return isNewton && rise <= 1e-10 * unit ? moved(at, step, 1, a.scales) : at;
    at = next;
  }
  return at;
}

/** The step among the directions of a basis Z: Z s with s the step for Zᵀ g and Zᵀ H Z. */
function within(
  gradient: Float64Array,
  hessian: Float64Array,
  n: number,
  basis: readonly Float64Array[] | undefined,
): ReturnType<typeof direction> {
  if (basis === undefined) return direction(gradient, hessian, n);
  const inner = (x: ArrayLike<number>, z: Float64Array): number => z.reduce((s, zi, i) => s + zi * x[i], 0);
  const hz = basis.map((z) =>
    Float64Array.from({ length: n }, (_, i) => inner(hessian.subarray(i * n, i * n + n), z)),
  );
  const m = basis.length;
  const { step, isNewton } = direction(
    Float64Array.from(basis, (z) => inner(gradient, z)),
    Float64Array.from({ length: m * m }, (_, at) => inner(hz[at % m], basis[Math.floor(at / m)])),
    m,
  );
  return {
    step: Float64Array.from({ length: n }, (_, i) => basis.reduce((s, z, k) => s + step[k] * z[i], 0)),
    isNewton,
  };
}

/**
 * −H⁻¹ g; where −H is not positive definite, with as much of the size of its diagonal added as makes it so (Levenberg,
 * Marquardt), which is a step along the gradient in each number's own unit.
 */
function direction(
  gradient: Float64Array,
  hessian: Float64Array,
  n: number,
): { readonly step: Float64Array; readonly isNewton: boolean } {
  const diagonal = Float64Array.from({ length: n }, (_, i) => Math.abs(hessian[i * n + i]));
  const floor = 1e-12 * Math.max(...diagonal) || 1;
  for (let added = 0; added < 1e12; added = added === 0 ? 1e-3 : 10 * added) {
    const damped = hessian.map((x, at) =>
      at % (n + 1) === 0 ? -x + added * Math.max(diagonal[at / (n + 1)], floor) : -x,
    );
    const l = cholesky(damped, n, 1e-14);
    if (l !== undefined) return { step: solveCholesky(l, n, gradient, 1), isNewton: added === 0 };
  }
  return { step: gradient, isNewton: false };
}

/** Derivatives in t = log θ or t = log θ/(1 − θ): g_t = θ' g, H_t = θ' H θ' + θ'' g. */
function onScale(a: Ascent, at: Float64Array): ReturnType<Ascent['derivatives']> {
  const { gradient, hessian } = a.derivatives(at);
  if (a.scales.every((s) => s === 'real')) return { gradient, hessian };
  const n = at.length;
  const slope = a.scales.map((s, i) => (s === 'real' ? 1 : s === 'logarithm' ? at[i] : at[i] * (1 - at[i])));
  const bend = a.scales.map((s, i) =>
    s === 'real' ? 0 : s === 'logarithm' ? at[i] : at[i] * (1 - at[i]) * (1 - 2 * at[i]),
  );
  return {
    gradient: gradient.map((g, i) => slope[i] * g),
    hessian: hessian.map((h, entry) => {
      const [i, j] = [Math.floor(entry / n), entry % n];
      return slope[i] * h * slope[j] + (i === j ? bend[i] * gradient[i] : 0);
    }),
  };
}

const moved = (at: Float64Array, step: Float64Array, size: number, scales: readonly Scale[]): Float64Array =>
  at.map((x, i) => {
    const d = size * step[i];
    switch (scales[i]) {
      case 'real':
        return x + d;
      case 'logarithm':
        return x * Math.exp(d);
      case 'log odds':
        return 1 / (1 + ((1 - x) / x) * Math.exp(-d));
    }
  });

/**
 * Newton's method for a maximum, one step after another: halved until the objective rises, along the gradient where the
 * second derivative is not negative definite. A positive number moves on the scale of its logarithm, one between 0 and 1
 * on that of its log odds, so that it stays where it may be. Source: Nocedal, Wright: Numerical Optimization (2006), 3.3.
 */
import { cholesky, solveCholesky } from '../linear-algebra/cholesky.js';

export type Scale = 'real' | 'logarithm' | 'log odds';

export interface Ascent {
  readonly start: Float64Array;
  /** of each entry */
  readonly scales: readonly Scale[];
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

/** The point reached; the objective there is not below that of the start. */
export function ascend(a: Ascent): Float64Array {
  let at = a.start;
  let value = a.objective(at);
  for (let round = 0; round < a.rounds; round++) {
    const { gradient, hessian } = onScale(a, at);
    const n = at.length;
    const { step, isNewton } = direction(gradient, hessian, n);
    const rise = step.reduce((s, x, i) => s + x * gradient[i], 0);
    // what the step would gain is below the rounding of the objective: it cannot be judged, but it is right
    if (!(rise > 1e-15 * Math.max(1, Math.abs(value))))
      return isNewton && rise >= 0 ? moved(at, step, 1, a.scales) : at;
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
    if (next === undefined)
      return isNewton && rise <= 1e-10 * Math.max(1, Math.abs(value)) ? moved(at, step, 1, a.scales) : at;
    at = next;
  }
  return at;
}

/** −H⁻¹ g, or g over its size where −H is not positive definite. */
function direction(
  gradient: Float64Array,
  hessian: Float64Array,
  n: number,
): { readonly step: Float64Array; readonly isNewton: boolean } {
  const l = cholesky(
    hessian.map((x) => -x),
    n,
    1e-14,
  );
  if (l !== undefined) return { step: solveCholesky(l, n, gradient, 1), isNewton: true };
  const size = Math.hypot(...gradient) || 1;
  return { step: gradient.map((x) => x / size), isNewton: false };
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

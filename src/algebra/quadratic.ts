/** The maximum of a quadratic on a linear subspace. */
import { solveSymmetric } from '../linear-algebra/symmetric.js';

export interface Derivatives {
  /** [P] */
  readonly gradient: Float64Array;
  /** [P, P] */
  readonly hessian: Float64Array;
}

/**
 * The maximum of a quadratic: one Newton step, and further ones that refine it, as each gradient is computed anew from
 * centred moments while H may be ill-conditioned. Undefined where the equations do not determine the parameters.
 */
export function quadraticMaximum(
  start: Float64Array,
  basis: readonly Float64Array[] | undefined,
  derivatives: (theta: Float64Array) => Derivatives,
): Float64Array | undefined {
  let at = start;
  let last = Infinity;
  for (let round = 0; round < 8; round++) {
    const { gradient, hessian } = derivatives(at);
    const n = at.length;
    const free = basis?.length ?? n;
    if (free === 0) return at;
    const g = basis === undefined ? gradient : Float64Array.from(basis, (z) => inner(z, gradient));
    const h = basis === undefined ? hessian : reduced(hessian, basis);
    const step = solveSymmetric(
      h.map((x) => -x),
      free,
      g,
      1,
    );
    if (step === undefined) return undefined;
    const whole = basis === undefined ? step : expanded(step, basis, n);
    const size = Math.max(...whole.map((x, i) => Math.abs(x) / (Math.abs(at[i]) || 1)));
    // the first step solves; later ones only mend its rounding, and stop helping at that of the numbers
    if (round > 0 && !(size < last / 2)) return at;
    at = at.map((x, i) => x + whole[i]);
    last = size;
    if (size < 1e-16) return at;
  }
  return at;
}

const inner = (a: Float64Array, b: Float64Array): number => a.reduce((s, x, i) => s + x * b[i], 0);

/** Zᵀ H Z. */
function reduced(h: Float64Array, basis: readonly Float64Array[]): Float64Array {
  const n = basis[0].length;
  const hz = basis.map((z) =>
    Float64Array.from({ length: n }, (_, i) => inner(h.subarray(i * n, i * n + n), z)),
  );
  return Float64Array.from({ length: basis.length ** 2 }, (_, at) =>
    inner(basis[Math.floor(at / basis.length)], hz[at % basis.length]),
  );
}

/** Z s. */
const expanded = (s: Float64Array, basis: readonly Float64Array[], n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => basis.reduce((x, z, k) => x + s[k] * z[i], 0));

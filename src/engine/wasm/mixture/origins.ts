/**
 * Where each component is looked at from. A polynomial with a top is written around it, since the sums and the digits that
 * matter are near there; the columns' means do for the others, as for components whose top lies far off all rows.
 */
import { cholesky, solveCholesky } from '../../../linear-algebra/cholesky.js';
import type { NaturalParameters, Standardisation } from '../../../plan/types.js';
import type { ColumnPair } from '../../feature-stage.js';
import type { ColumnRanges } from '../../standardise.js';

/** A pivot of the squares beneath this share of its diagonal is rounding: there is no top. */
const SINGULAR = 1e-9;

/**
 * Standardised rows are rounded beside the columns' means. A component is told apart there while its distance from them is
 * less than this, in its own spreads: seven decimals are left. Beyond it (beside one cell of 1e20, say) rows are one point.
 */
const RESOLVED = 1e-7 * 2 ** 52;

/** From the logits at the columns' means, which are minus half the squares of these distances. */
export const areResolved = ({ constant }: NaturalParameters): boolean =>
  constant.every((c) => Math.abs(c) <= RESOLVED ** 2 / 2);

/** `from` [K, C], in the user's units, and whether they are the tops of all components. */
export function origins(
  natural: NaturalParameters,
  pairs: readonly ColumnPair[],
  standardisation: Standardisation,
  { least, most }: ColumnRanges,
): { readonly from: Float64Array; readonly areTops: boolean } {
  const isNear = (at: Float64Array): boolean =>
    at.every((x, a) => Math.abs(2 * x - least[a] - most[a]) <= 3 * (most[a] - least[a]));
  const { shift } = standardisation;
  const c = shift.length;
  const from = new Float64Array(natural.constant.length * c);
  let areTops = true;
  for (let k = 0; k < natural.constant.length; k++) {
    const top = topOf(natural, pairs, k, standardisation);
    const isTop = top !== undefined && isNear(top);
    from.set(isTop ? top : shift, k * c);
    areTops &&= isTop;
  }
  return { from, areTops };
}

/** The tops [K, C] of all components; undefined where one has none. */
export function topsOf(
  natural: NaturalParameters,
  pairs: readonly ColumnPair[],
  standardisation: Standardisation,
): Float64Array | undefined {
  const c = standardisation.shift.length;
  const found = new Float64Array(natural.constant.length * c);
  for (let k = 0; k < natural.constant.length; k++) {
    const top = topOf(natural, pairs, k, standardisation);
    if (top === undefined) return undefined;
    found.set(top, k * c);
  }
  return found;
}

/** Where the gradient g + (H + Hᵀ) u is 0, if that is the only top. */
function topOf(
  { linear, quadratic }: NaturalParameters,
  pairs: readonly ColumnPair[],
  component: number,
  { shift, scale }: Standardisation,
): Float64Array | undefined {
  const c = shift.length;
  if (pairs.length === 0) return undefined;
  const curvature = new Float64Array(c * c);
  for (let p = 0; p < pairs.length; p++) {
    const [a, b] = pairs[p];
    const h = quadratic[component * pairs.length + p];
    curvature[a * c + b] -= h;
    curvature[b * c + a] -= h;
  }
  const l = cholesky(curvature, c, SINGULAR);
  const top = l && solveCholesky(l, c, linear.subarray(component * c, component * c + c), 1);
  return top?.every(Number.isFinite) === true ? top.map((x, a) => shift[a] + scale[a] * x) : undefined;
}

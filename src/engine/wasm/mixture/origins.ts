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

/** [K, C], in the user's units. */
export function origins(
  natural: NaturalParameters,
  pairs: readonly ColumnPair[],
  { shift, scale }: Standardisation,
  { least, most }: ColumnRanges,
): Float64Array {
  const c = shift.length;
  const k = natural.constant.length;
  const found = new Float64Array(k * c);
  for (let j = 0; j < k; j++) {
    const top = pairs.length === 0 ? undefined : topOf(natural, pairs, j, c);
    const at = top?.map((x, a) => shift[a] + scale[a] * x);
    const isNear = at?.every((x, a) => Math.abs(2 * x - least[a] - most[a]) <= 3 * (most[a] - least[a]));
    found.set(at !== undefined && isNear === true ? at : shift, j * c);
  }
  return found;
}

/** Where the gradient g + (H + Hᵀ) u is 0, if that is the only top. */
function topOf(
  { linear, quadratic }: NaturalParameters,
  pairs: readonly ColumnPair[],
  component: number,
  c: number,
): Float64Array | undefined {
  const curvature = new Float64Array(c * c);
  pairs.forEach(([a, b], p) => {
    const h = quadratic[component * pairs.length + p];
    curvature[a * c + b] -= h;
    curvature[b * c + a] -= h;
  });
  const l = cholesky(curvature, c, SINGULAR);
  return l && solveCholesky(l, c, linear.subarray(component * c, component * c + c), 1);
}

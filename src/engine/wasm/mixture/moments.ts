/** Sums around origins as moments. */
import type { Moments, Pairs, Standardisation } from '../../../plan/types.js';
import type { ColumnPair } from '../../feature-stage.js';

/** Squared distance from the origin, in units of the component's own spread, from which three of sixteen digits cancel. */
const FAR = 1e3;

/**
 * mean = origin + scale · S1 / n and scatter_ab = scale_a scale_b (S_ab − S_a S_b / n) from sums [K, 1 + C + pairs] around
 * origins [K, C] that are in the user's units; a component that owns nothing has mean 0 and scatter 0. `isFar` where an
 * origin was so far from the mean that digits have cancelled.
 */
export function momentsAround(
  sums: Float64Array,
  origins: Float64Array,
  { scale }: Standardisation,
  pairs: readonly ColumnPair[],
  statistics: Pairs,
): { readonly moments: Moments; readonly isFar: boolean } {
  const columns = scale.length;
  const width = 1 + columns + pairs.length;
  const components = sums.length / width;
  const size = statistics === 'all' ? columns * columns : statistics === 'squares' ? columns : 0;
  const weight = new Float64Array(components);
  const mean = new Float64Array(components * columns);
  const scatter = new Float64Array(components * size);
  let isFar = false;
  for (let k = 0; k < components; k++) {
    const own = k * width;
    const n = (weight[k] = sums[own]);
    if (!(n > 0)) continue;
    for (let a = 0; a < columns; a++)
      mean[k * columns + a] = origins[k * columns + a] + scale[a] * (sums[own + 1 + a] / n);
    for (let p = 0; p < pairs.length; p++) {
      const [a, b] = pairs[p];
      const ofMean = (sums[own + 1 + a] * sums[own + 1 + b]) / n;
      const around = sums[own + 1 + columns + p] - ofMean;
      const value = scale[a] * scale[b] * (a === b ? Math.max(0, around) : around);
      if (a === b && ofMean > FAR * Math.max(0, around)) isFar = true;
      if (statistics === 'squares') scatter[k * columns + a] = value;
      else {
        scatter[(k * columns + a) * columns + b] = value;
        scatter[(k * columns + b) * columns + a] = value;
      }
    }
  }
  return { moments: { components, columns, weight, mean, scatter }, isFar };
}

/** Moments of blocks of rows as the moments of all rows. */
import type { Moments } from '../../plan/types.js';

/**
 * Sums weights, averages means and adds scatters, each scatter moved to the common mean: S + n (m − mean)(m − mean)ᵀ.
 * Source: Chan, Golub, LeVeque: Algorithms for computing the sample variance (1983), eq. 2.1.
 */
export function mergeMoments(parts: readonly Moments[]): Moments {
  const first = parts[0];
  if (parts.length === 1) return first;
  const { components, columns: c } = first;
  const weight = new Float64Array(components);
  const mean = new Float64Array(components * c);
  const scatter = new Float64Array(first.scatter.length);
  const isAll = scatter.length === components * c * c && scatter.length > 0;
  for (let k = 0; k < components; k++) {
    for (const p of parts) weight[k] = weight[k] + p.weight[k];
    if (!(weight[k] > 0)) continue;
    for (const p of parts)
      for (let a = 0; a < c; a++)
        mean[k * c + a] = mean[k * c + a] + (p.weight[k] / weight[k]) * p.mean[k * c + a];
    if (scatter.length === 0) continue;
    for (const p of parts) {
      const moved = (a: number): number => p.mean[k * c + a] - mean[k * c + a];
      for (let a = 0; a < c; a++)
        for (let b = isAll ? 0 : a; b < (isAll ? c : a + 1); b++) {
          const at = isAll ? (k * c + a) * c + b : k * c + a;
          scatter[at] = scatter[at] + p.scatter[at] + p.weight[k] * moved(a) * moved(b);
        }
    }
  }
  return { components, columns: c, weight, mean, scatter };
}

/**
 * Classification EM (`--algorithm hard`): each row goes whole to its likeliest component, which raises the classification
 * log-likelihood Σ_i log p(x_i, z_i) over parameters and assignments by turns.
 * Source: Celeux, Govaert: A classification EM algorithm for clustering and two stochastic versions (1992).
 */
import type { Expectation, RowData, Session } from '../engine/types.js';
import type { Parameters, Program } from '../plan/types.js';

/** Moments under the hard assignment at these parameters; `logLikelihood` is the classification log-likelihood. */
export async function classified(
  session: Session,
  program: Program,
  data: RowData,
  parameters: Parameters,
): Promise<Expectation> {
  const { responsibilities: r, logDensity } = await session.posterior(parameters);
  const k = program.components;
  // the combinations of the groups' latents come first: rows of a group agree on theirs
  const perRow = program.axisSizes.reduce(
    (n, size, axis) => n * (program.plan.axes[axis].per === 'row' ? size : 1),
    1,
  );
  const hard = new Float64Array(r.length);
  const weightOf = (i: number): number => (data.weights === undefined ? 1 : data.weights[i]);
  const groupWeight = new Float64Array(data.groups?.count ?? 0);
  if (data.groups !== undefined) data.groups.of.forEach((g, i) => (groupWeight[g] += weightOf(i)));
  let total = 0;
  for (let i = 0; i < data.rows; i++) {
    const own = r.subarray(i * k, i * k + k);
    const shares = Float64Array.from({ length: k / perRow }, (_, g) =>
      own.subarray(g * perRow, (g + 1) * perRow).reduce((a, b) => a + b, 0),
    );
    const group = largest(shares);
    const row = largest(own.subarray(group * perRow, (group + 1) * perRow));
    const owner = group * perRow + row;
    hard[i * k + owner] = 1;
    const w = weightOf(i);
    if (w === 0) continue;
    total += w * (logDensity[i] + Math.log(own[owner] / shares[group]));
    // a group counts once
    total += (data.groups === undefined ? w : w / groupWeight[data.groups.of[i]]) * Math.log(shares[group]);
  }
  return { moments: await session.momentsOf(hard), logLikelihood: total };
}

/** The first of the largest. */
function largest(values: Float64Array): number {
  let best = 0;
  for (let j = 1; j < values.length; j++) if (values[j] > values[best]) best = j;
  return best;
}

/**
 * Rows of a group that own one component together: where their log densities are polynomials of degree two in the columns, all
 * that a step reads of them are the group's weight n, means m and scatter s, which are found once.
 *
 *     Σ_i w_i log p(x_i | k) = n (log p(m | k) + Σ_ab H_ab s_ab / n)      Σ_i w_i x_i x_iᵀ = n m mᵀ + s
 *
 * A step then goes through the groups only; around their means nothing large cancels.
 */
import { kernelSource } from '../../emit/javascript/kernel.js';
import { workOf } from '../../emit/javascript/kernel-shape.js';
import type { KernelShape } from '../../emit/javascript/kernel-shape.js';
import { LOOPED_COLUMNS } from '../../emit/javascript/kernel-sums.js';
import { lowerLogits } from '../../plan/lower-rows.js';
import { logitPolynomials } from '../../plan/natural.js';
import { asksRows } from '../../plan/types.js';
import type { Pairs, Parameters, Program } from '../../plan/types.js';
import { columnFacts } from '../column-facts.js';
import { groupCombinations, groupLogits, weightsOf } from '../groups.js';
import type { Expectation, RowData, Session } from '../types.js';
import { openLanes } from './lanes.js';
import type { LaneOptions } from './lanes.js';
import { once } from './once.js';
import { slotFiller } from './parameter-functions.js';
import { shapeOf } from './shape.js';
import { summing } from './sums.js';

/** Rows of a group, on average, from which on they are taken together. */
const FEWEST = 3;

/** A mean is rounded beside the cells that it is of: four digits are lost at so many spreads from 0. */
const FARTHEST = 1e4;

/** The same session, whose steps go through the groups; undefined where they must go through the rows. */
export function openTogether(
  program: Program,
  data: RowData,
  options: LaneOptions,
  asStated: () => Session,
): Session | undefined {
  const { plan, components } = program;
  const { groups } = data;
  if (groups === undefined || data.rows < FEWEST * groups.count || !areTogether(program)) return undefined;
  if (data.labels.some((l) => l?.some((label) => label > 0))) return undefined;
  const isFar = columnFacts(data).some(
    ({ least, most, spread }) => least !== most && !(Math.max(-least, most) <= FARTHEST * spread),
  );
  const weights = weightsOf(groups, data.weights);
  // the latents of a group that weighs nothing are as their priors have them
  if (isFar || !weights.every((n) => n > 0)) return undefined;

  const pairs = pairsOf(widest(plan.pairs.statistics, plan.pairs.logits), program.columns.length);
  const { means, scatter } = momentsOfGroups(data, groups, weights, pairs);
  const { body, logit } = lowerLogits(program);
  const own = shapeOf(program, data, body, logit);
  const shape: KernelShape = {
    ...own,
    weighted: true,
    groupCombinations: 1,
    together: { pairs, first: means.length, parameters: body.slots },
  };
  const lanes = openLanes(groups.count, workOf(shape), options);
  const numbers = lanes.floats(body.slots + components * (1 + pairs.length));
  const fill = slotFiller(body, program);
  const polynomials = logitPolynomials(program, pairs);
  const ones = new Float64Array(means.length).fill(1);
  const sums = summing(program, data, lanes);
  const shares = sums.sums.map(() => lanes.floats(components));
  const columns = [...means, ...scatter].map(lanes.shared);
  const step = once(() =>
    lanes.pass(
      kernelSource(shape),
      'step',
      [columns, [], [], lanes.shared(weights), [], numbers, undefined, sums.centres],
      sums.sums.map((ofLane, lane) => [[...ofLane, shares[lane]]]),
    ),
  );
  const write = (parameters: Parameters): void => {
    fill(parameters, numbers);
    const ofGroups = groupLogits(program, parameters);
    const { quadratic } = polynomials(parameters, ones)(new Float64Array(means.length));
    ofGroups.forEach((prior, k) => {
      const at = body.slots + k * (1 + pairs.length);
      numbers[at] = prior;
      numbers.set(quadratic.subarray(k * pairs.length, (k + 1) * pairs.length), at + 1);
    });
  };
  let stated: Session | undefined;
  const opened = (): Session => (stated ??= asStated());
  return {
    expectation: (parameters): Expectation => {
      write(parameters);
      let logLikelihood = 0;
      const moments = sums.moments(() => {
        for (const lane of shares) lane.fill(0);
        logLikelihood = step()().reduce((a, b) => a + b, 0);
      });
      const groupWeight = new Float64Array(components);
      for (const lane of shares) lane.forEach((r, k) => (groupWeight[k] += r));
      return { moments: { ...moments, groupWeight }, logLikelihood };
    },
    momentsOf: (r) => opened().momentsOf(r),
    posterior: (parameters) => opened().posterior(parameters),
    dispose: () => {
      lanes.dispose();
      stated?.dispose();
    },
  };
}

/** Whether groups own one component each, and all that is read of their rows are products of two columns. */
function areTogether(program: Program): boolean {
  const { plan } = program;
  return (
    groupCombinations(program) === program.components &&
    program.columns.length <= LOOPED_COLUMNS &&
    plan.assignment === 'soft' &&
    plan.strata.length === 1 &&
    plan.logits.every((t) => t.kind !== 'general' && t.kind !== 'support') &&
    !plan.statistics.some((s) => asksRows(s.reading))
  );
}

const widest = (a: Pairs, b: Pairs): Pairs =>
  a === 'all' || b === 'all' ? 'all' : a === 'squares' || b === 'squares' ? 'squares' : 'none';

const pairsOf = (pairs: Pairs, columns: number): readonly (readonly [number, number])[] =>
  Array.from({ length: columns }, (_, a) => a).flatMap((a) =>
    Array.from(
      { length: pairs === 'all' ? columns - a : pairs === 'squares' ? 1 : 0 },
      (__, n) => [a, a + n] as const,
    ),
  );

/** The means of each column in each group, and Σ w (a − mean)(b − mean) / n of each pair. */
function momentsOfGroups(
  { columns, weights }: RowData,
  { of, count }: NonNullable<RowData['groups']>,
  total: Float64Array,
  pairs: readonly (readonly [number, number])[],
): { readonly means: readonly Float64Array[]; readonly scatter: readonly Float64Array[] } {
  const weight = (i: number): number => (weights === undefined ? 1 : weights[i]);
  const means = columns.map((column) => {
    // around a value of the group, so that equal ones are their own mean
    const [mean, first] = [new Float64Array(count), new Float64Array(count)];
    for (let i = of.length - 1; i >= 0; i--) first[of[i]] = column[i];
    for (let i = 0; i < of.length; i++) mean[of[i]] += weight(i) * (column[i] - first[of[i]]);
    return mean.map((x, j) => first[j] + x / total[j]);
  });
  const scatter = pairs.map(([a, b]) => {
    const sum = new Float64Array(count);
    for (let i = 0; i < of.length; i++) {
      const j = of[i];
      sum[j] += weight(i) * (columns[a][i] - means[a][j]) * (columns[b][i] - means[b][j]);
    }
    return sum.map((x, j) => x / total[j]);
  });
  return { means, scatter };
}

/**
 * Lowers a program to a feature stage (defined in `emit/graph/feature-stage.ts`), and carries numbers across: parameters
 * to η on standardised columns, raw sums back to moments in the user's units.
 */
import { featureLayout, pairList } from '../emit/graph/feature-stage.js';
import type { ColumnPair, FeatureStage } from '../emit/graph/feature-stage.js';
import { naturalParameters } from '../plan/natural.js';
import type {
  Moments,
  NaturalParameters,
  Pairs,
  Parameters,
  Program,
  Standardisation,
} from '../plan/types.js';
import { standardised } from './standardise.js';
import type { RowData } from './types.js';

export type { ColumnPair, FeatureStage } from '../emit/graph/feature-stage.js';

/** A program as feature stages over one set of rows. */
export interface LoweredProgram {
  /** what runs in every step: only what differs between components */
  readonly step: FeatureStage;
  /** what runs for single rows, or under responsibilities that are given: everything, nothing left out */
  readonly whole: FeatureStage;
  /** the products whose coefficients are the same for all components, left out of `step`'s logits */
  readonly sharedPairs: readonly ColumnPair[];
  /** the products that are summed over the components only, left out of `step`'s statistics */
  readonly pooledPairs: readonly ColumnPair[];
  /** which second moments are wanted */
  readonly statistics: Pairs;
}

export function lowerProgram(program: Program, data: RowData): LoweredProgram {
  const { plan } = program;
  const columns = program.columns.length;
  const logitPairs = pairList(plan.pairs.logits, columns);
  // one list where both want the same, so that its totals are made once
  const statisticPairs =
    plan.pairs.statistics === plan.pairs.logits ? logitPairs : pairList(plan.pairs.statistics, columns);
  const whole: FeatureStage = {
    columns,
    components: program.components,
    logitPairs,
    statisticPairs,
    assignment: plan.assignment,
    weighted: data.weights !== undefined,
    labelled: data.labels[0]?.some((label) => label > 0) ?? false,
  };
  const sharedPairs = plan.sharedQuadratic ? logitPairs : [];
  const pooledPairs = plan.pooledScatter ? statisticPairs : [];
  const step: FeatureStage = {
    ...whole,
    logitPairs: plan.sharedQuadratic ? [] : logitPairs,
    statisticPairs: plan.pooledScatter ? [] : statisticPairs,
  };
  return { step, whole, sharedPairs, pooledPairs, statistics: plan.pairs.statistics };
}

// ------------------------------------------------------------------------------------------------ parameters to η

export interface PackedParameters {
  /** [P, K], P the features that the step's logits read */
  readonly eta: Float64Array;
  /** [number of sharedPairs] */
  readonly shared: Float64Array;
}

/** η of every step. Throws when a scale is not positive definite. */
export function stepParameters(
  program: Program,
  lowered: LoweredProgram,
  parameters: Parameters,
  standardisation: Standardisation,
): PackedParameters {
  const own = lowered.step.logitPairs;
  const pairs = [...own, ...lowered.sharedPairs];
  const natural = naturalParameters(program, parameters, standardisation, pairs);
  return {
    eta: packNatural(lowered.step, natural, pairs),
    shared: natural.quadratic.slice(own.length, own.length + lowered.sharedPairs.length),
  };
}

/** η of the whole stage. Throws when a scale is not positive definite. */
export function wholeParameters(
  program: Program,
  lowered: LoweredProgram,
  parameters: Parameters,
  standardisation: Standardisation,
): Float64Array {
  const pairs = lowered.whole.logitPairs;
  return packNatural(lowered.whole, naturalParameters(program, parameters, standardisation, pairs), pairs);
}

/** Natural parameters in the order of the stage's features, [P, K] row-major; `pairs` is the order they came in. */
export function packNatural(
  stage: FeatureStage,
  natural: NaturalParameters,
  pairs: readonly ColumnPair[],
): Float64Array {
  const { logitFeatures, pairs: order } = featureLayout(stage);
  const { columns, components } = stage;
  const eta = new Float64Array(logitFeatures * components);
  const position = new Map(pairs.map(([a, b], p) => [`${a} ${b}`, p]));
  for (let k = 0; k < components; k++) {
    eta[k] = natural.constant[k]!;
    for (let c = 0; c < columns; c++) eta[(1 + c) * components + k] = natural.linear[k * columns + c]!;
    for (let f = 1 + columns; f < logitFeatures; f++) {
      const [a, b] = order[f - 1 - columns];
      eta[f * components + k] = natural.quadratic[k * pairs.length + position.get(`${a} ${b}`)!]!;
    }
  }
  return eta;
}

// ------------------------------------------------------------------------------------------------ constants of the data

/** Rows that are summed by themselves before they are added: rounding grows with the number of blocks, not of rows. */
const BLOCK = 1024;

/** Σ w u_a u_b over all rows for each pair, u the standardised columns. */
export function totalProducts(
  data: RowData,
  standardisation: Standardisation,
  pairs: readonly ColumnPair[],
): Float64Array {
  const totals = new Float64Array(pairs.length);
  if (pairs.length === 0) return totals;
  const { weights } = data;
  for (let from = 0; from < data.rows; from += BLOCK) {
    const rows = Math.min(BLOCK, data.rows - from);
    const columns = data.columns.map((c) => c.subarray(from, from + rows));
    const u = standardised({ rows, columns }, standardisation);
    for (const [p, [a, b]] of pairs.entries()) {
      let sum = 0;
      for (let i = 0; i < rows; i++) {
        const product = u[a * rows + i] * u[b * rows + i];
        sum += weights === undefined ? product : weights[from + i] * product;
      }
      totals[p] += sum;
    }
  }
  return totals;
}

// ------------------------------------------------------------------------------------------------ sums to moments

/** Second moments that are known for all components together only. */
export interface PooledProducts {
  readonly pairs: readonly ColumnPair[];
  /** Σ w u_a u_b for each */
  readonly totals: Float64Array;
}

/**
 * Raw sums on standardised columns as centred moments in the user's units:
 * mean = shift + scale · S1 / n and scatter_ab = scale_a scale_b (S_ab − S_a S_b / n). A component that owns nothing
 * has mean 0 and scatter 0. `sums` is [P, K] row-major in the order of the stage's features.
 *
 * Where the second moments are pooled, the scatter around the components' means is known as a whole; each component is
 * given its share by weight, so that the sum over the components is right.
 */
export function momentsFromSums(
  stage: FeatureStage,
  sums: Float64Array,
  standardisation: Standardisation,
  statistics: Pairs,
  pooled?: PooledProducts,
): Moments {
  const { columns, components } = stage;
  const { shift, scale } = standardisation;
  const weight = sums.slice(0, components);
  const mean = new Float64Array(components * columns);
  for (let k = 0; k < components; k++)
    if (weight[k] > 0)
      for (let c = 0; c < columns; c++)
        mean[k * columns + c] = shift[c] + scale[c] * (sums[(1 + c) * components + k] / weight[k]);
  const size = statistics === 'all' ? columns * columns : statistics === 'squares' ? columns : 0;
  const scatter = new Float64Array(components * size);
  const put = (k: number, a: number, b: number, value: number): void => {
    if (statistics === 'squares') scatter[k * size + a] = value;
    else {
      scatter[k * size + a * columns + b] = value;
      scatter[k * size + b * columns + a] = value;
    }
  };
  /** S_a S_b / n: what the mean has of Σ r u_a u_b */
  const atMean = (k: number, a: number, b: number): number =>
    weight[k] > 0 ? (sums[(1 + a) * components + k] * sums[(1 + b) * components + k]) / weight[k] : 0;
  /** rounding must not make a square negative */
  const centred = (a: number, b: number, value: number): number =>
    scale[a] * scale[b] * (a === b ? Math.max(0, value) : value);
  if (size === 0) return { components, columns, weight, mean, scatter };
  if (pooled !== undefined) {
    const rows = weight.reduce((s, n) => s + n, 0);
    pooled.pairs.forEach(([a, b], p) => {
      let within = pooled.totals[p];
      for (let k = 0; k < components; k++) within -= atMean(k, a, b);
      for (let k = 0; k < components; k++)
        if (weight[k] > 0) put(k, a, b, centred(a, b, within) * (weight[k] / rows));
    });
    return { components, columns, weight, mean, scatter };
  }
  const position = new Map(featureLayout(stage).pairs.map(([a, b], p) => [`${a} ${b}`, 1 + columns + p]));
  for (const [a, b] of stage.statisticPairs) {
    const row = position.get(`${a} ${b}`)!;
    for (let k = 0; k < components; k++)
      if (weight[k] > 0) put(k, a, b, centred(a, b, sums[row * components + k] - atMean(k, a, b)));
  }
  return { components, columns, weight, mean, scatter };
}

/**
 * The *feature stage*: what every data stage becomes once its columns are standardised, and all that an engine built on
 * matrix products has to know. With u the columns [C, N] and η the natural parameters,
 *
 *     Φ = [1; u; u_a u_b …]        [P, N]
 *     logits = ηᵀ Φ                [K, N]
 *     r = softmax(logits)          [K, N]   or one-hot of the first largest logit
 *     S = Φ (w r)ᵀ                 [P, K]   the statistics
 *     L = Σ w logsumexp(logits)             or Σ w max(logits)
 *
 * Products that the logits have in common for all components are left out of `logitPairs`: they cancel in the softmax, and
 * in L they are a constant of the data. Products whose statistics are needed summed over the components only are left
 * out of `statisticPairs`: their responsibilities sum to one, so they too are constants of the data. A tied covariance
 * has neither, and so 1 + C features.
 */

import type { Pairs } from '../../plan/types.js';

/** The product u_a u_b of two columns, a <= b. */
export type ColumnPair = readonly [a: number, b: number];

export interface FeatureStage {
  /** C */
  readonly columns: number;
  /** K */
  readonly components: number;
  /** products whose coefficients differ between components */
  readonly logitPairs: readonly ColumnPair[];
  /** products whose weighted sums are needed for each component */
  readonly statisticPairs: readonly ColumnPair[];
  readonly assignment: 'soft' | 'hard';
  readonly weighted: boolean;
  /** some rows have a known component: they belong to it whatever the logits say, and count its logit */
  readonly labelled: boolean;
}

/** The order of Φ's rows: 1, the columns, then the products, those of the logits first. */
export interface FeatureLayout {
  readonly pairs: readonly ColumnPair[];
  /** the first rows of Φ, which the logits read */
  readonly logitFeatures: number;
  /** the first rows of Φ, whose sums are made */
  readonly statisticFeatures: number;
}

export function featureLayout(stage: FeatureStage): FeatureLayout {
  const key = ([a, b]: ColumnPair): string => `${a} ${b}`;
  const inStatistics = new Set(stage.statisticPairs.map(key));
  const inLogits = new Set(stage.logitPairs.map(key));
  const both = stage.logitPairs.filter((pair) => inStatistics.has(key(pair)));
  const logitsOnly = stage.logitPairs.filter((pair) => !inStatistics.has(key(pair)));
  const statisticsOnly = stage.statisticPairs.filter((pair) => !inLogits.has(key(pair)));
  const first = 1 + stage.columns;
  const logitFeatures = first + both.length + logitsOnly.length;
  return {
    pairs: [...both, ...logitsOnly, ...statisticsOnly],
    logitFeatures,
    statisticFeatures:
      statisticsOnly.length > 0 ? logitFeatures + statisticsOnly.length : first + both.length,
  };
}

/**
 * All products, along the diagonals of the matrix u uᵀ: then those of one diagonal are one product of two runs of
 * columns, u[0 … C−d] · u[d … C].
 */
export function allPairs(columns: number): readonly ColumnPair[] {
  const pairs: ColumnPair[] = [];
  for (let d = 0; d < columns; d++) for (let a = 0; a + d < columns; a++) pairs.push([a, a + d]);
  return pairs;
}

export const squarePairs = (columns: number): readonly ColumnPair[] =>
  Array.from({ length: columns }, (_, a) => [a, a] as const);

export function pairList(pairs: Pairs, columns: number): readonly ColumnPair[] {
  switch (pairs) {
    case 'none':
      return [];
    case 'squares':
      return squarePairs(columns);
    case 'all':
      return allPairs(columns);
  }
}

import { describe, expect, it } from 'vitest';
import { productRuns } from '../../../src/emit/graph/block.js';
import { allPairs, featureLayout, squarePairs } from '../../../src/emit/graph/feature-stage.js';
import type { ColumnPair, FeatureStage } from '../../../src/emit/graph/feature-stage.js';

const stage = (logitPairs: readonly ColumnPair[], statisticPairs: readonly ColumnPair[]): FeatureStage => ({
  columns: 3,
  components: 2,
  logitPairs,
  statisticPairs,
  assignment: 'soft',
  weighted: false,
  labelled: false,
});

describe('feature layout', () => {
  it('needs 1 + C features for a tied covariance', () => {
    expect(featureLayout(stage([], []))).toEqual({ pairs: [], logitFeatures: 4, statisticFeatures: 4 });
  });

  it('has each product once where logits and statistics share it', () => {
    const pairs = allPairs(3);
    expect(pairs).toHaveLength(6);
    expect(featureLayout(stage(pairs, pairs))).toEqual({ pairs, logitFeatures: 10, statisticFeatures: 10 });
  });

  it('leaves out of the logits what the statistics alone need, and the other way round', () => {
    const logitsOnly = featureLayout(stage(allPairs(3), squarePairs(3)));
    expect([logitsOnly.logitFeatures, logitsOnly.statisticFeatures]).toEqual([10, 7]);
    const statisticsOnly = featureLayout(stage(squarePairs(3), allPairs(3)));
    expect([statisticsOnly.logitFeatures, statisticsOnly.statisticFeatures]).toEqual([7, 10]);
    expect(statisticsOnly.pairs.slice(0, 3)).toEqual(squarePairs(3));
  });
});

describe('runs of products', () => {
  it('makes one product of each diagonal', () => {
    expect(productRuns(allPairs(3))).toEqual([
      { along: 'diagonal', a: 0, b: 0, length: 3 },
      { along: 'diagonal', a: 0, b: 1, length: 2 },
      { along: 'diagonal', a: 0, b: 2, length: 1 },
    ]);
    expect(productRuns(squarePairs(5))).toEqual([{ along: 'diagonal', a: 0, b: 0, length: 5 }]);
  });

  it('makes one product of one column with several side by side', () => {
    const pairs: readonly ColumnPair[] = [
      [0, 0],
      [0, 1],
      [0, 2],
      [2, 2],
    ];
    expect(productRuns(pairs)).toEqual([
      { along: 'row', a: 0, b: 0, length: 3 },
      { along: 'diagonal', a: 2, b: 2, length: 1 },
    ]);
  });
});

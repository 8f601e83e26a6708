import { describe, expect, it } from 'vitest';
import { weightedMedian } from '../../src/algebra/median.js';
import { stream } from '../../src/random.js';

/** Σ w |x − m| at every point and between every two neighbours: the middle of the places where it is least. */
function byTrial(values: readonly number[], weights: readonly number[]): number {
  const points = [...new Set(values.filter((_, n) => weights[n] > 0))].sort((a, b) => a - b);
  const cost = (m: number): number => values.reduce((s, x, n) => s + weights[n] * Math.abs(x - m), 0);
  const least = Math.min(...points.map(cost));
  const best = points.filter((m) => cost(m) <= least * (1 + 1e-12));
  return (best[0] + best[best.length - 1]) / 2;
}

describe('the weighted median', () => {
  it('of an odd and of an even number, as numpy.median has it', () => {
    expect(weightedMedian([3, 1, 2], [1, 1, 1])).toBe(2);
    expect(weightedMedian([4, 1, 3, 2], [1, 1, 1, 1])).toBe(2.5);
    expect(weightedMedian([7], [0.2])).toBe(7);
  });

  it('takes weight w for w copies', () => {
    expect(weightedMedian([1, 5, 9], [3, 1, 1])).toBe(1);
    expect(weightedMedian([1, 5, 9], [2, 1, 1])).toBe(3);
    expect(weightedMedian([1, 5, 9], [0, 1, 1])).toBe(7);
  });

  it('does not see points of weight zero, whatever they are', () => {
    expect(weightedMedian([NaN, 2, Infinity, 3, 4], [0, 1, 0, 1, 1])).toBe(3);
    expect(weightedMedian([1, 2], [0, 0])).toBeNaN();
    expect(weightedMedian([], [])).toBeNaN();
  });

  it('does not let the rounding of a half choose a side', () => {
    const third = 1 / 3;
    expect(weightedMedian([1, 2, 3, 4, 5, 6], [third, third, third, third, third, third])).toBe(3.5);
    expect(weightedMedian([1, 2, 3], [0.1 + 0.2, 1e-18, 0.3])).toBe(2);
  });

  it('is where the sum of distances is least', () => {
    const random = stream('median', 'test', 1);
    for (let round = 0; round < 200; round++) {
      const n = 1 + random.below(30);
      const values = Array.from({ length: n }, () => random.below(20) / 4);
      const weights = Array.from({ length: n }, () => (random.below(4) === 0 ? 0 : 1 + random.below(5)));
      weights[0] = 1;
      expect(weightedMedian(values, weights)).toBe(byTrial(values, weights));
    }
  });

  it.each([
    ['at random', (_n: number, u: number) => u],
    ['in order', (n: number) => n],
    ['few values', (_n: number, u: number) => Math.floor(3 * u)],
    // a sample at equal distances sees the smallest alone
    ['that a sample says nothing about', (n: number, u: number) => (n % 8 === 0 ? 0 : 1 + u)],
  ])('of many points, %s, is that of the sorted ones', (_, valueAt) => {
    const random = stream('median', 'many', 1);
    const length = 8192;
    const values = Float64Array.from({ length }, (__, n) => valueAt(n, random.uniform()));
    const weights = Float64Array.from({ length }, () => random.below(4));
    const copies = [...values].flatMap((x, n) => Array.from({ length: weights[n] }, () => x));
    copies.sort((a, b) => a - b);
    const half = copies.length / 2;
    const expected = (copies[Math.ceil(half) - 1] + copies[Math.floor(half)]) / 2;
    expect(weightedMedian(values, weights)).toBe(expected);
  });
});

import { expect, it } from 'vitest';
import { momentsFromSums } from '../../src/engine/feature-stage.js';
import { allPairs } from '../../src/emit/graph/feature-stage.js';
import { standardisationOf, standardised } from '../../src/engine/standardise.js';
import type { RowData } from '../../src/engine/types.js';

const rowsOf = (...columns: readonly (readonly number[])[]): RowData => ({
  rows: columns[0].length,
  columns: columns.map((c) => Float64Array.from(c)),
  weights: undefined,
  labels: [],
});

it('shifts to the mean and scales by a power of two', () => {
  const data = rowsOf([1e8 + 1, 1e8 + 2, 1e8 + 3], [5, 5, 5], [-1e200, 0, 1e200], [1e-300, 2e-300, 3e-300]);
  const standardisation = standardisationOf(data);
  expect(standardisation.shift[0]).toBe(1e8 + 2);
  expect([standardisation.shift[1], standardisation.scale[1]]).toEqual([5, 1]);
  for (const scale of standardisation.scale) expect(Number.isInteger(Math.log2(scale))).toBe(true);
  const u = standardised(data, standardisation);
  expect(u.every((x) => Math.abs(x) < 4)).toBe(true);
  expect([...u.subarray(3, 6)]).toEqual([0, 0, 0]);
});

it('counts weights in the mean', () => {
  const data = { ...rowsOf([0, 10]), weights: Float64Array.of(3, 1) };
  expect(standardisationOf(data).shift[0]).toBe(2.5);
});

it('gives a component that owns nothing mean 0 and scatter 0', () => {
  const stage = {
    columns: 2,
    components: 2,
    logitPairs: allPairs(2),
    statisticPairs: allPairs(2),
    assignment: 'soft',
    weighted: false,
    labelled: false,
  } as const;
  const sums = new Float64Array(6 * 2);
  // the first component owns the rows u = (1, 2) and (3, 4)
  [2, 4, 6, 10, 20, 14].forEach((value, p) => (sums[2 * p] = value));
  const standardisation = { shift: Float64Array.of(10, 0), scale: Float64Array.of(2, 1) };
  const moments = momentsFromSums(stage, sums, standardisation, 'all');
  expect([...moments.weight]).toEqual([2, 0]);
  expect([...moments.mean]).toEqual([14, 3, 0, 0]);
  expect([...moments.scatter]).toEqual([8, 4, 4, 2, 0, 0, 0, 0]);
});

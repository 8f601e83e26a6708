/** Moments that an M-step reads, and numbers that are alike. */
import { expect } from 'vitest';
import { neededMoments } from '../../src/plan/needed-moments.js';
import type { Moments, Program } from '../../src/plan/types.js';

/** Those of columns and products that the M-step reads, stratum by stratum. */
export function readMoments(program: Program, moments: Moments, stratum = 0): readonly Float64Array[] {
  const c = moments.columns;
  const { means, products } = neededMoments(program, stratum);
  const each = moments.scatter.length / moments.components;
  return [
    moments.weight,
    moments.mean.filter((_, at) => means[at % c]),
    moments.scatter.filter((_, at) => {
      const entry = each === c ? (at % c) * (c + 1) : at % each;
      return products[entry] || products[(entry % c) * c + Math.floor(entry / c)];
    }),
    ...(moments.strata ?? []).flatMap((s, n) => readMoments(program, s, n + 1)),
  ];
}

/** To eleven digits of the largest. */
export function expectAlike(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const wanted = Array.from(expected);
  const largest = Math.max(1e-300, ...wanted.map(Math.abs).filter(Number.isFinite));
  expect(actual.length, what).toBe(wanted.length);
  wanted.forEach((x, n) => {
    expect(Math.abs(actual[n] - x) / largest, what).toBeLessThan(1e-11);
  });
}

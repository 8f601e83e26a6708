import { describe, expect, it } from 'vitest';
import {
  cholesky,
  firstBadPivot,
  inverseCholesky,
  inverseLower,
  logDeterminant,
  lowerRoot,
  solveCholesky,
} from '../../src/linear-algebra/cholesky.js';

// numpy.linalg on the same matrix
const A = [4, 2, -1, 2, 5, 0.5, -1, 0.5, 3];
const close = (got: ArrayLike<number>, wanted: readonly number[]): void => {
  expect(got.length).toBe(wanted.length);
  wanted.forEach((w, n) => {
    expect(got[n]).toBeCloseTo(w, 12);
  });
};

describe('the Cholesky kernels', () => {
  const l = cholesky(A, 3)!;

  it('factor', () => {
    close(l, [2, 0, 0, 1, 2, 0, -0.5, 0.5, Math.sqrt(2.5)]);
    expect(logDeterminant(l, 3)).toBeCloseTo(Math.log(40), 12);
  });

  it('give a lower root', () => {
    // numpy.linalg.cholesky of the matrix read from its end, read from its end
    close(lowerRoot(Float64Array.from(A), 3)!, LOWER_ROOT);
    expect(lowerRoot(Float64Array.of(1, 1, 1, 1), 2)).toBeUndefined();
  });

  it('solve and invert', () => {
    close(solveCholesky(l, 3, [1, 2, 3], 1), [0.49375, 0.0875, 1.15]);
    close(inverseCholesky(l, 3), inverse);
    const w = inverseLower(l, 3);
    expect(w[0]).toBe(0.5);
    expect(w[1]).toBe(0);
  });

  it('says where a matrix is not positive definite, whatever its scale', () => {
    expect(cholesky([1, 1, 1, 1], 2, 1e-12)).toBeUndefined();
    expect(firstBadPivot([1e-20, 0, 0, 1], 2, 1e-12)).toBe(-1);
    expect(firstBadPivot([1, 1, 0, 1, 1, 0, 0, 0, 1], 3, 1e-12)).toBe(1);
  });
});

const LOWER_ROOT = [
  1.6467739391852365, 0, 0, 0.9771398364036774, 2.217355782608345, 0, -0.5773502691896258, 0.2886751345948129,
  1.7320508075688772,
];
const inverse = [0.36875, -0.1625, 0.15, -0.1625, 0.275, -0.1, 0.15, -0.1, 0.4];

/**
 * One distribution a file: what the language needs to know of it (its signature), its log density as an expression of
 * `algebra`, where its values may lie, and how to draw from it. Adding one is one file and one line in `registry.ts`.
 */
import type { Expr, Index } from '../algebra/types.js';
import type { DistributionSignature } from '../model/types.js';

/** Chance, handed in: a stream of uniform numbers in [0, 1) and one of standard normal ones. */
export interface Randomness {
  readonly uniform: () => number;
  readonly normal: () => number;
}

export interface DensityInput {
  /** the value on the left of `~` */
  readonly value: Expr;
  /** for a value that is one of several categories: which one */
  readonly category: Index | undefined;
  /** arguments by name; a scale arrives as a variance (or covariance matrix), whatever kind it was declared */
  readonly arguments: Readonly<Record<string, Expr>>;
}

export interface Distribution {
  readonly signature: DistributionSignature;
  /** where the formula stands in the literature */
  readonly source: string;
  readonly logDensity: (input: DensityInput) => Expr;
  /**
   * Draws a value. Arguments by name, numbers and row-major arrays, a scale as a variance (or covariance); a category is
   * drawn as its number from 1. Left out for distributions of parameters, which nothing samples.
   */
  readonly sample?: (
    args: Readonly<Record<string, ArrayLike<number>>>,
    random: Randomness,
  ) => readonly number[];
}

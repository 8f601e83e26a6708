/**
 * One distribution a file: what the language needs to know of it (its signature), its log density as an expression of
 * `algebra`, where its values may lie, and how to draw from it. Adding one is one file and one line in `registry.ts`.
 */
import type { Expr, Index } from '../algebra/types.js';
import type { DistributionSignature } from '../model/types.js';

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
}

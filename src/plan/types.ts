/**
 * A Plan: what to compute, in two stages. The *data stage* touches the rows: logits, their normaliser, weighted sums.
 * The *parameter stage* turns those sums into parameters: small, float64, Cholesky-based.
 *
 * A Plan is symbolic in its sizes (D, K). `Program` (below) is a plan with numbers for sizes and constants: what an
 * engine runs.
 *
 *     rows ──columns──▶ [C, N] ──logits──▶ [K, N] ──softmax──▶ r ──moments──▶ n[K], mean[K, C], scatter[K, C, C]
 *                                  ▲                                             │
 *                                  └────────── parameters ◀──updates─────────────┘
 */
import type { Dim, Expr, Range } from '../algebra/types.js';
import type { Derivation, HeldValue } from '../derive/types.js';
import type { LineId, Model, SymbolName } from '../model/types.js';

/** What one number per row is made of: a coordinate of a data symbol, or an expression of the data alone. */
export type ColumnGroup =
  /** all coordinates of a data symbol: D columns */
  | { readonly kind: 'symbol'; readonly symbol: SymbolName; readonly dim: Dim | undefined }
  /** numbers computed from the row: `let phi[i] = [1, t[i]]`, log x[i], …; each is free in the rows index */
  | {
      readonly kind: 'derived';
      readonly name: string;
      readonly elements: readonly Expr[];
      readonly isVector: boolean;
    };

/**
 * A vector (or number) that is affine in the columns: Σ_g coefficient_g × columns_g + offset, the coefficients and the
 * offset being expressions of parameters and constants. Residuals such as x − mu[k] and y − w[k]ᵀphi are of this form.
 */
export interface AffineForm {
  /** [] a number, [n] a vector */
  readonly shape: readonly Dim[];
  readonly parts: readonly AffinePart[];
  readonly offset: Expr;
}

export interface AffinePart {
  readonly group: number;
  /** a number × the group, a matrix × the group, a row (vectorᵀ) × the group, or a vector × a group of one number */
  readonly kind: 'scaled' | 'matrix' | 'row' | 'column';
  readonly coefficient: Expr;
}

/** A summand of log p(row, z = k): constant in the row, linear in columns, or a quadratic form of a residual. */
export type LogitTerm =
  | { readonly kind: 'constant'; readonly line: LineId; readonly value: Expr }
  | { readonly kind: 'linear'; readonly line: LineId; readonly group: number; readonly coefficient: Expr }
  | {
      readonly kind: 'quadratic';
      readonly line: LineId;
      readonly coefficient: Expr;
      readonly residual: AffineForm;
      readonly matrix: Expr;
    };

/** How a named statistic is read off the weighted moments of the columns. */
export type StatisticReading =
  /** Σ r */
  | { readonly kind: 'weight' }
  /** Σ r e */
  | { readonly kind: 'first'; readonly form: AffineForm }
  /** Σ r a bᵀ (a matrix), its diagonal (elementwise), or Σ r eᵀ M e (a number) */
  | {
      readonly kind: 'second';
      readonly left: AffineForm;
      readonly right: AffineForm;
      readonly as: 'matrix' | 'diagonal';
    }
  | {
      readonly kind: 'second';
      readonly left: AffineForm;
      readonly right: AffineForm;
      readonly as: 'trace';
      readonly matrix: Expr;
    };

export interface PlannedStatistic {
  readonly name: string;
  /** its component range, when it is a sum per component; empty for sums over all rows */
  readonly ranges: readonly Range[];
  readonly definition: Expr;
  readonly reading: StatisticReading;
}

export interface PlannedUpdate {
  /** updates of one number stand together and are repeated until they settle */
  readonly cycle: number | undefined;
  readonly parameter: SymbolName;
  readonly ranges: readonly Range[];
  readonly value: Expr;
  readonly held: readonly HeldValue[];
  readonly divisor: Expr;
}

/** Which products of columns the moments need: none, squares only, or all pairs. */
export type Pairs = 'none' | 'squares' | 'all';

export interface Plan {
  readonly model: Model;
  readonly derivation: Derivation;
  readonly rows: Range | undefined;
  /** undefined where nothing is hidden: then there is one component that owns every row */
  readonly component: Range | undefined;
  readonly latent: SymbolName | undefined;
  readonly assignment: 'soft' | 'hard';
  readonly groups: readonly ColumnGroup[];
  /** what the statistics need of the products of columns, and what the logits need */
  readonly pairs: { readonly statistics: Pairs; readonly logits: Pairs };
  /** second moments are only ever summed over the components: their sum over k is a constant of the data */
  readonly pooledScatter: boolean;
  /** the quadratic part of the logits is the same for every component: it leaves the softmax */
  readonly sharedQuadratic: boolean;
  /** log p(row, z = k), free in k */
  readonly logits: readonly LogitTerm[];
  /** log prior densities, 0 without priors; free in nothing */
  readonly logPrior: Expr;
  readonly hasPrior: boolean;
  readonly statistics: readonly PlannedStatistic[];
  readonly updates: readonly PlannedUpdate[];
}

// ---------------------------------------------------------------------------------------------- with numbers

/** A parameter's array: plates first, then its own shape, row-major, in the user's units. */
export interface ParameterArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}
export type Parameters = ReadonlyMap<SymbolName, ParameterArray>;

/** A plan with numbers for all sizes and constants. */
export interface Program {
  readonly plan: Plan;
  readonly sizes: Readonly<Record<string, number>>;
  readonly constants: ReadonlyMap<string, ParameterArray>;
  /** number of components, 1 where nothing is hidden */
  readonly components: number;
  /** columns in order; a group's columns lie side by side */
  readonly columns: readonly { readonly group: number; readonly coordinate: number }[];
  /** first column of each group */
  readonly groupStart: readonly number[];
  readonly groupLength: readonly number[];
}

/**
 * The weighted moments of the columns per component, float64, in the user's units, centred at each component's own mean
 * so that nothing cancels: weight n[k] = Σ w r, mean[k] = Σ w r c / n[k], scatter[k] = Σ w r (c − mean)(c − mean)ᵀ.
 */
export interface Moments {
  readonly components: number;
  readonly columns: number;
  /** [K] */
  readonly weight: Float64Array;
  /** [K, C] */
  readonly mean: Float64Array;
  /** [K, C, C] for `all`, [K, C] for `squares`, empty for `none` */
  readonly scatter: Float64Array;
}

/**
 * The logits as polynomials in the standardised columns u = (c − shift) / scale, for engines that work on features:
 * logit[k] = constant[k] + Σ_c linear[k, c] u_c + Σ_{a<=b} quadratic[k, (a,b)] u_a u_b.
 */
export interface NaturalParameters {
  /** [K] */
  readonly constant: Float64Array;
  /** [K, C] */
  readonly linear: Float64Array;
  /** [K, P], P the number of pairs in `pairList` */
  readonly quadratic: Float64Array;
}

export interface Standardisation {
  /** [C] */
  readonly shift: Float64Array;
  /** [C], positive */
  readonly scale: Float64Array;
}

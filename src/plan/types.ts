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
import type { Tie } from '../derive/copies.js';
import type { Dim, Expr, Index, Range } from '../algebra/types.js';
import type { Derivation, Grouping, HeldValue, Iteration, JointIteration } from '../derive/types.js';
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

/**
 * A summand of log p(row, z = k): constant in the row, linear in columns, a quadratic form of a residual, −∞ where a row
 * is outside what a distribution can give, or (for want of a better reading) any expression of the row.
 */
export type LogitTerm = {
  readonly line: LineId;
  /** once for every row, or once for every group of rows (constant then) */
  readonly per: 'row' | 'group';
  /** its expressions are free in the values that the row has of these data symbols: an index into `Plan.strata` */
  readonly stratum: number;
} & (
  | { readonly kind: 'constant'; readonly value: Expr }
  /** one coefficient for each column of the group */
  | { readonly kind: 'linear'; readonly group: number; readonly coefficient: Expr }
  | {
      readonly kind: 'quadratic';
      readonly coefficient: Expr;
      readonly residual: AffineForm;
      readonly matrix: Expr;
    }
  /** −∞ for the components for which `when` is 1, in rows where `Plan.supports[support]` does not hold */
  | { readonly kind: 'support'; readonly support: number; readonly when: Expr }
  | { readonly kind: 'general'; readonly value: Expr }
);

/** A latent as an axis of the components: component c is the c-th combination of values, the last axis fastest. */
export interface Axis {
  readonly latent: SymbolName;
  readonly value: Range;
  readonly per: 'row' | 'group';
}

/** Rows told apart by what some data symbols say of them; sums over rows are then wanted for each combination. */
export interface Stratum {
  readonly symbols: readonly { readonly symbol: SymbolName; readonly value: Range }[];
  /** what the statistics need of the products of columns */
  readonly pairs: Pairs;
}

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
    }
  /** Σ r e for any expression of the row: a pass of its own over the rows */
  | { readonly kind: 'general'; readonly body: Expr }
  /** the median of any expression of the row, weighted by r times another, over the rows and further ranges */
  | {
      readonly kind: 'median';
      readonly ranges: readonly Range[];
      readonly value: Expr;
      readonly weight: Expr;
    };

export type MomentReading = Exclude<StatisticReading, { kind: 'general' | 'median' }>;

/** Not read off moments: it asks for the rows themselves. */
export const asksRows = (r: StatisticReading): r is Exclude<StatisticReading, MomentReading> =>
  r.kind === 'general' || r.kind === 'median';

export interface PlannedStatistic {
  readonly name: string;
  /** what it is free in; empty for sums over all rows */
  readonly ranges: readonly Range[];
  readonly definition: Expr;
  readonly reading: StatisticReading;
  /** a sum over the rows, or over the groups of rows */
  readonly per: 'row' | 'group';
  /** the value of each latent whose responsibilities weight it, in the order of the axes; undefined: over all of them */
  readonly hidden: readonly Index[] | undefined;
  /** an index into `Plan.strata`, and the value of each of its symbols */
  readonly stratum: number;
  readonly observed: readonly Index[];
}

export interface PlannedUpdate {
  /** the entries of a simplex are solved one by one: the index of the entry */
  readonly entry: Range | undefined;
  /** updates of one number stand together and are repeated until they settle */
  readonly cycle: number | undefined;
  readonly parameter: SymbolName;
  readonly ranges: readonly Range[];
  readonly value: Expr;
  /** without closed form: by Newton's method */
  readonly iteration: Iteration | undefined;
  /** the cycle that it belongs to, moved as one */
  readonly joint: JointIteration | undefined;
  readonly held: readonly HeldValue[];
  readonly ties: readonly Tie[];
  readonly divisor: Expr;
  /** it raises Q without being its maximum: one step of it, EM repeats it */
  readonly minorised: boolean;
  /** least squares solved around the means: which column is the constant one (`passes/centred-solve.ts`) */
  readonly centred: CentredSolve | undefined;
}

/** Normal equations whose covariates stand in one derived group, an element of it the same number in every row. */
export interface CentredSolve {
  readonly group: number;
  readonly constant: number;
}

/** Which products of columns the moments need: none, squares only, or all pairs. */
export type Pairs = 'none' | 'squares' | 'all';

export interface Plan {
  readonly model: Model;
  readonly derivation: Derivation;
  readonly rows: Range | undefined;
  /** the latents, those of groups first; empty where nothing is hidden: then one component owns every row */
  readonly axes: readonly Axis[];
  readonly grouping: Grouping | undefined;
  /** the only latent and the index of its values; undefined where there is none, or several */
  readonly component: Range | undefined;
  readonly latent: SymbolName | undefined;
  /** what the rows are told apart by; the first is by nothing */
  readonly strata: readonly Stratum[];
  /** conditions on the data of a row, each free in the rows index: where it does not hold, log density −∞ */
  readonly supports: readonly Expr[];
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
  /** what the passes did, in their order */
  readonly notes: readonly PassNote[];
}

export interface PassNote {
  readonly pass: string;
  readonly note: string;
}

/** A rewriting of a plan that leaves its answers as they are and saves operations or digits (`plan/passes/`). */
export interface Pass {
  readonly name: string;
  /** a note for each thing that it did, as `gmm check --show plan` prints it */
  readonly apply: (plan: Plan) => { readonly plan: Plan; readonly notes: readonly string[] };
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
  /** combinations of the latents' values, 1 where nothing is hidden */
  readonly components: number;
  /** number of values of each axis */
  readonly axisSizes: readonly number[];
  /** number of combinations of each stratum */
  readonly strataSizes: readonly number[];
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
  /** for each stratum after the first: the same with components [K × combinations] */
  readonly strata?: readonly Moments[];
  /** Σ_g r[g,k] over the combinations of the groups' latents */
  readonly groupWeight?: Float64Array;
  /** Σ w r e of an expression of the row for one component, at parameters of the asker's choice */
  readonly rowSum?: (body: Expr, at: RowSumPlace) => Float64Array;
  /** an expression of each row, and w r times another one: points with weights; rows of weight 0 are left out */
  readonly rowPoints?: (value: Expr, weight: Expr, at: RowSumPlace) => RowPoints;
  /** the weighted median of such points, where they need not be seen */
  readonly rowMedian?: (value: Expr, weight: Expr, at: RowSumPlace) => number;
}

export interface RowPoints {
  readonly values: Float64Array;
  readonly weights: Float64Array;
}

/** Which rows a sum is over, and with whose responsibilities. */
export interface RowSumPlace {
  readonly parameters: Parameters;
  /** the values of all indices that are free in the body beside the rows, from 0 */
  readonly indices: Readonly<Record<string, number>>;
  /** undefined: with weight one for each row */
  readonly component: number | undefined;
  readonly stratum: number;
  /** the combination of the stratum's values */
  readonly combination: number;
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

/**
 * Symbolic mathematics over plates.
 *
 * An `Expr` is a number, a vector or a matrix written with symbols; sums run over plates (`Σ_i`, `Σ_k`) or coordinates.
 * Sizes are symbolic: the shape of `mu[k]` is `['D']`. Nothing here knows what a mixture, a prior or a data set is.
 *
 *     Σ_i Σ_k [z[i] = k] ( log pi[k] − ½ (x[i] − mu[k])ᵀ Sigma[k]⁻¹ (x[i] − mu[k]) )
 *
 * reads `sum(i, sum(k, multiply(indicator, add(log(…), multiply(−½, quadratic(…))))))`.
 */

/** A length: a number or the name of one (`D`, `K`, `N`). */
export type Dim = number | string;

/** A running index with what it runs over: `i` to `N`, `k` to `K`, or a coordinate `d` to `D`. */
export interface Range {
  readonly index: string;
  readonly dim: Dim;
}

/** An index of a symbol: a running index, a fixed whole number from 1, or what a data symbol says in a row. */
export type Index =
  | { readonly kind: 'running'; readonly index: string }
  /** `label` is how the value is written where it has a name: true, false */
  | { readonly kind: 'fixed'; readonly value: number; readonly label?: string }
  /** the `id[i]` in `r[id[i],k]`: the group that row i belongs to */
  | { readonly kind: 'data'; readonly name: string; readonly at: string };

export type Relation = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type SymbolRole =
  | 'parameter'
  | 'data'
  | 'constant'
  /** r[i,k]: the posterior probability of a latent's value */
  | 'responsibility'
  /** a sum over rows that has been given a name, such as n[k] */
  | 'statistic'
  /** the row weight w[i] */
  | 'weight';

/** What is known of a symbol's values; rules use it (an orthogonal matrix is inverted by transposing it). */
export type Fact =
  'positive' | 'unit' | 'symmetric-positive' | 'orthogonal' | 'unit-product' | 'simplex' | 'whole';

export interface SymbolExpr {
  readonly kind: 'symbol';
  readonly name: string;
  readonly role: SymbolRole;
  readonly indices: readonly Index[];
  readonly shape: readonly Dim[];
  readonly fact: Fact | undefined;
}

export type FunctionName =
  | 'log'
  | 'exp'
  | 'logistic'
  | 'softplus'
  | 'lgamma'
  | 'digamma'
  | 'trigamma'
  | 'abs'
  | 'cos'
  | 'sin'
  | 'logbesseli0'
  | 'besselratio';

export type Expr =
  | { readonly kind: 'number'; readonly value: number }
  /** the number π (never a parameter that the user calls pi) */
  | { readonly kind: 'circle' }
  | { readonly kind: 'size'; readonly dim: Dim }
  /** the value of a running index as a number, from 1 */
  | { readonly kind: 'position'; readonly index: string }
  | SymbolExpr
  /** one coordinate of a vector, or entry of a matrix */
  | { readonly kind: 'element'; readonly of: Expr; readonly coordinates: readonly Index[] }
  /** `[z[i] = k]`: 1 where the latent (or a category of the data) has the value, else 0 */
  | {
      readonly kind: 'indicator';
      readonly role: 'latent' | 'data';
      readonly symbol: string;
      readonly at: readonly Index[];
      readonly value: Index;
    }
  /** `[k = 1]`, `[y[i] = 0]`: 1 where it holds, else 0; `label` is how the right side is written where it has a name */
  | {
      readonly kind: 'condition';
      readonly relation: Relation;
      readonly left: Expr;
      readonly right: Expr;
      readonly label?: string;
    }
  | { readonly kind: 'add'; readonly terms: readonly Expr[] }
  /** scalars times at most one vector or matrix */
  | { readonly kind: 'multiply'; readonly factors: readonly Expr[] }
  /** elementwise for a vector */
  | { readonly kind: 'power'; readonly base: Expr; readonly exponent: number }
  | { readonly kind: 'function'; readonly name: FunctionName; readonly argument: Expr }
  | { readonly kind: 'sum'; readonly range: Range; readonly body: Expr }
  /** the larger of two, elementwise */
  | { readonly kind: 'maximum' | 'minimum'; readonly left: Expr; readonly right: Expr }
  /** log Σ exp over an index, the largest taken out first */
  | { readonly kind: 'logsumexp'; readonly range: Range; readonly body: Expr }
  /** the largest over an index */
  | { readonly kind: 'largest'; readonly range: Range; readonly body: Expr }
  /** the m with the least Σ weight |value − m| over the ranges; the middle of all such m */
  | {
      readonly kind: 'median';
      readonly ranges: readonly Range[];
      readonly value: Expr;
      readonly weight: Expr;
    }
  // vectors and matrices
  | { readonly kind: 'vector'; readonly elements: readonly Expr[] }
  /** a vector given entry by entry: its entry at the index is `body` */
  | { readonly kind: 'family'; readonly range: Range; readonly body: Expr }
  /** a number in every coordinate */
  | { readonly kind: 'fill'; readonly value: Expr; readonly dim: Dim }
  | { readonly kind: 'identity'; readonly dim: Dim }
  | { readonly kind: 'diag'; readonly of: Expr }
  /** the diagonal of a matrix as a vector */
  | { readonly kind: 'diagonal'; readonly of: Expr }
  | { readonly kind: 'product'; readonly factors: readonly Expr[] }
  | { readonly kind: 'transpose'; readonly of: Expr }
  | { readonly kind: 'inverse'; readonly of: Expr }
  | { readonly kind: 'logdet'; readonly of: Expr }
  | { readonly kind: 'trace'; readonly of: Expr }
  | { readonly kind: 'dot'; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'outer'; readonly left: Expr; readonly right: Expr }
  /** `eᵀ P e`; a scalar e has P = 1 and the form is e² */
  | { readonly kind: 'quadratic'; readonly vector: Expr; readonly matrix: Expr }
  /** the x of A x = b, A symmetric positive definite; b a vector or a matrix */
  | { readonly kind: 'solve'; readonly matrix: Expr; readonly right: Expr }
  /**
   * The orthogonal Q that minimises Σ tr(diag(weights) Qᵀ matrix Q) over `range` (over nothing: of one matrix, whose
   * eigenvectors they are); `start` is where the rotations of several begin.
   */
  | {
      readonly kind: 'axes';
      readonly range: Range | undefined;
      readonly weights: Expr;
      readonly matrix: Expr;
      readonly start: Expr;
    };

/**
 * One term of a normal form: Σ over `sums` of coefficient × Π factors. The factors are atoms (nothing in them can be
 * expanded further), in a fixed order. `line` is the `~` line that the term came from, kept through all rewrites.
 */
export interface Term {
  readonly coefficient: number;
  readonly sums: readonly Range[];
  readonly factors: readonly Expr[];
  readonly line: number;
}

export type NormalForm = readonly Term[];

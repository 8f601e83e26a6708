/**
 * A Model: what the file means. Closed (every name resolved), typed (every expression has a domain and a shape),
 * and it knows nothing of text: places travel as `SpanId`s, which only `diagnostics` can turn back into lines.
 *
 * Sizes stay symbolic (`D`, `K`, `N`): one Model serves every data set and every `--set K=…`.
 */

/** An index into `Model.spans`. */
export type SpanId = number & { readonly brand: 'SpanId' };
/** The user's own name of a symbol; unique in a file. */
export type SymbolName = string & { readonly brand: 'SymbolName' };
/** The position of a `~` line in `Model.factors`; every term of the derivation keeps the id of the line it came from. */
export type LineId = number & { readonly brand: 'LineId' };

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** How long an axis is. `named` is a size declared nowhere (`D`), found from the data or from a vector written out. */
export type Size =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'constant'; readonly name: SymbolName }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'plate'; readonly plate: SymbolName }
  | { readonly kind: 'unknown' };

/** What numbers a value may hold. `unknown` stands after an error and silences those that would follow from it. */
export type Domain =
  | 'real'
  | 'positive'
  | 'unit'
  | 'simplex'
  /** symmetric positive definite matrix */
  | 'covariance'
  | 'orthogonal'
  /** positive entries with product one */
  | 'shape'
  | 'count'
  | 'boolean'
  | 'category'
  /** one of the values 1…K of a plate */
  | 'plate'
  | 'unknown';

/** How `Normal` reads a scale. Kept through `diag`, `* I` and products with positive numbers; changed by ^2, sqrt, 1/. */
export type ScaleKind = 'variance' | 'sd' | 'precision';

/**
 * The type of a value: domain, shape (no entries: a number; one: a vector; two: a matrix), and for scales their kind.
 * `simplex[k]` is {simplex, [k]}; `covariance[D]` is {covariance, [D, D], variance}; `precision[D, D]` is
 * {covariance, [D, D], precision}; `sd` is {positive, [], sd}; `variance[D]` is {positive, [D], variance}.
 */
export interface ValueType {
  readonly domain: Domain;
  readonly shape: readonly Size[];
  readonly scale?: ScaleKind;
  /** for `plate`: which one */
  readonly plate?: SymbolName;
  /** for `category[C]`: how many */
  readonly categories?: Size;
}

// ---------------------------------------------------------------------------------------------- declarations

export interface Plate {
  readonly name: SymbolName;
  readonly range:
    | { readonly kind: 'rows'; readonly orderedBy?: string; readonly within?: string }
    | { readonly kind: 'count'; readonly upTo: Size }
    | { readonly kind: 'distinct'; readonly column: string };
  readonly documentation?: string;
  readonly span: SpanId;
}

/** A known number, vector or matrix. Without `value` it must be given from outside (unless it is a limit's). */
export interface Constant {
  readonly name: SymbolName;
  readonly type: ValueType;
  /** true when the file gives no type: then a scalar has no scale kind of its own */
  readonly untyped: boolean;
  readonly value: number | readonly number[] | readonly (readonly number[])[] | undefined;
  /** true for a constant that sizes a plate or an axis: must be a whole number >= 1 */
  readonly isSize: boolean;
  readonly documentation?: string;
  readonly span: SpanId;
}

/** A size name that nothing declares, such as `D`. `value` when the text alone fixes it (a vector written out, `real[2]`). */
export interface NamedSize {
  readonly name: string;
  readonly value: number | undefined;
  readonly span: SpanId;
}

interface Declared {
  readonly name: SymbolName;
  /** plates of the declaration, in order: `mu[k]` has [k] */
  readonly plates: readonly SymbolName[];
  /** of one element, after the plates */
  readonly type: ValueType;
  readonly documentation?: string;
  /** the name in its declaration */
  readonly span: SpanId;
  /** the type in its declaration */
  readonly typeSpan: SpanId;
}

export interface Parameter extends Declared {
  readonly role: 'parameter';
  /** the prior's line, when it has one */
  readonly prior: LineId | undefined;
}

export interface Latent extends Declared {
  readonly role: 'latent';
  readonly line: LineId | undefined;
  /** `latent z[i] : k from species`: the column of the labels that are known */
  readonly labels: string | undefined;
}

export interface DataSymbol extends Declared {
  readonly role: 'data';
  /** undefined for a covariate */
  readonly line: LineId | undefined;
  /** columns named by `from`; empty when found by name or by rule */
  readonly from: readonly string[];
  readonly as: 'weight' | undefined;
}

/** `let phi[i] = …` */
export interface Definition extends Declared {
  readonly role: 'definition';
  readonly value: Expression;
}

export type Symbol = Parameter | Latent | DataSymbol | Definition;

/** One `~` line: `symbol[plates] ~ distribution`. */
export interface Factor {
  readonly line: LineId;
  readonly symbol: SymbolName;
  readonly plates: readonly SymbolName[];
  /** for `latent z[1] ~ …`: the plate whose first value the line is for; it is not among `plates` then */
  readonly first?: SymbolName;
  readonly distribution: Expression;
  /** the whole statement */
  readonly span: SpanId;
}

/** `constrain left relation right`; `>=` and `>` are written as `<=` and `<` with the sides exchanged. */
export interface Constraint {
  readonly relation: '=' | '<=' | '<';
  readonly left: Expression;
  readonly right: Expression;
  /** plates that stand free in it: the constraint holds for every value */
  readonly plates: readonly SymbolName[];
  readonly span: SpanId;
}

export interface Limit {
  readonly constant: SymbolName;
  readonly span: SpanId;
}

export interface Model {
  readonly name: string;
  readonly title: string | undefined;
  readonly documentation: string | undefined;
  readonly plates: readonly Plate[];
  readonly constants: readonly Constant[];
  readonly sizes: readonly NamedSize[];
  /** in the order of the file */
  readonly parameters: readonly Parameter[];
  readonly latents: readonly Latent[];
  readonly data: readonly DataSymbol[];
  readonly definitions: readonly Definition[];
  readonly factors: readonly Factor[];
  readonly constraints: readonly Constraint[];
  readonly limit: Limit | undefined;
  /** spans[id]: where in the text */
  readonly spans: readonly Span[];
}

// ---------------------------------------------------------------------------------------------- expressions

/** An index after resolution. Plates of the symbol come first, then coordinates of its type. */
export type Index =
  /** a plate's own running index: the `k` in `mu[k]` */
  | { readonly kind: 'plate'; readonly plate: SymbolName }
  /** the value of a latent or of data whose type is a plate: the `z[i]` in `mu[z[i]]` */
  | {
      readonly kind: 'symbol';
      readonly symbol: SymbolName;
      readonly indices: readonly Index[];
      readonly plate: SymbolName | undefined;
    }
  /** a whole number, from 1 */
  | { readonly kind: 'number'; readonly value: number }
  /** `t-1` */
  | { readonly kind: 'previous'; readonly plate: SymbolName };

export type ScalarFunction = 'log' | 'exp' | 'sqrt' | 'logistic';
export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

interface Typed {
  readonly type: ValueType;
  readonly span: SpanId;
}

/** Typed expressions. Every implicit conversion of the language is explicit here (`fill`, `identity` with its size). */
export type Expression = Typed &
  (
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'boolean'; readonly value: boolean }
    /** a length used as a number: `1 / K` */
    | { readonly kind: 'size'; readonly size: Size }
    | { readonly kind: 'constant'; readonly name: SymbolName; readonly coordinates: readonly number[] }
    /** parameter, latent, data or definition, with all its plate indices and possibly coordinates */
    | {
        readonly kind: 'symbol';
        readonly name: SymbolName;
        readonly indices: readonly Index[];
        readonly coordinates: readonly Index[];
      }
    | { readonly kind: 'vector'; readonly elements: readonly Expression[] }
    /** a number standing in every coordinate of the type's shape */
    | { readonly kind: 'fill'; readonly value: Expression }
    /** `I`, sized by its place (type.shape is [D, D]) */
    | { readonly kind: 'identity' }
    | { readonly kind: 'add'; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'subtract'; readonly left: Expression; readonly right: Expression }
    /** number by anything, or a matrix product */
    | { readonly kind: 'multiply'; readonly left: Expression; readonly right: Expression }
    /** divisor is a number */
    | { readonly kind: 'divide'; readonly left: Expression; readonly right: Expression }
    /** both are numbers */
    | { readonly kind: 'power'; readonly base: Expression; readonly exponent: Expression }
    | { readonly kind: 'negate'; readonly operand: Expression }
    | { readonly kind: 'transpose'; readonly operand: Expression }
    | { readonly kind: 'diag'; readonly operand: Expression }
    | { readonly kind: 'dot'; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'function'; readonly name: ScalarFunction; readonly argument: Expression }
    | { readonly kind: 'sum'; readonly plate: SymbolName; readonly body: Expression }
    | { readonly kind: 'softmax'; readonly plate: SymbolName; readonly body: Expression }
    | {
        readonly kind: 'compare';
        readonly relation: Comparison;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'not'; readonly operand: Expression }
    | {
        readonly kind: 'if';
        readonly condition: Expression;
        readonly then: Expression;
        readonly else: Expression;
      }
    /** arguments by the names of the signature (`mean`, `scale`), all present except alternatives not chosen */
    | {
        readonly kind: 'distribution';
        readonly name: string;
        readonly arguments: Readonly<Record<string, Expression>>;
      }
    /** stands after an error */
    | { readonly kind: 'error' }
  );

// ---------------------------------------------------------------------------------------------- signatures

/** What an argument of a distribution must be, given the value on the left of `~`. */
export type ArgumentPattern =
  /** the value's own shape; a number is filled in */
  | { readonly kind: 'like-value'; readonly domain: 'real' | 'positive' | 'unit' }
  /** a scale: scalar with a kind for a scalar value, a matrix for a vector value */
  | { readonly kind: 'scale' }
  | { readonly kind: 'scalar'; readonly domain: 'real' | 'positive' | 'unit' | 'count' }
  /** a vector over the value's plate or categories (or the value's own length, for simplex values and count vectors) */
  | { readonly kind: 'over-value'; readonly domain: 'simplex' | 'real' | 'positive' }
  /** a covariance of the value's size (InverseWishart) */
  | { readonly kind: 'matrix' };

export interface ArgumentSignature {
  readonly name: string;
  readonly pattern: ArgumentPattern;
  /** must be written with a colon (`rate: 2`) */
  readonly named: boolean;
  /** arguments of one group exclude each other: exactly one is given (`rate:` or `mean:`) */
  readonly alternative?: string;
  /** below 1 the density is infinite where the value is this: a prior has no mode then */
  readonly edge?: 0 | 1;
}

/** What the language needs to know of a distribution to check a line. The density itself is in `src/distributions`. */
export interface DistributionSignature {
  readonly name: string;
  /** domains and ranks (0 number, 1 vector, 2 matrix) that the value may have */
  readonly values: readonly { readonly domains: readonly Domain[]; readonly rank: 0 | 1 | 2 }[];
  readonly arguments: readonly ArgumentSignature[];
}

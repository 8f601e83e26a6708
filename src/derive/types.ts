/**
 * A Derivation: the EM algorithm of a model, as mathematics. Its steps are values that can be replayed; the printed
 * document, the comments in emitted code and the plan are all made from this one value.
 */
import type { Dim, Expr, Index, NormalForm, Range } from '../algebra/types.js';
import type { Place, Tie } from './copies.js';
import type { TangentWeight } from './minorant.js';
import type { LineId, Model, SpanId, SymbolName } from '../model/types.js';

/** How `before` and `after` of a step relate, and so how a test replays it. */
export type Relation =
  /** the same value everywhere */
  | 'equal'
  /** before ≥ after, touching where r is the posterior at the same parameters */
  | 'at most'
  /** as functions of one parameter before lies above after, up to a constant, and touches it where the weights are taken */
  | 'tangent'
  /** after is the expectation of before over the latents */
  | 'expectation'
  /** as functions of one parameter they differ by a constant */
  | 'up to a constant'
  /** after is the derivative of before in one parameter */
  | 'derivative'
  /** after is the derivative of before, itself a derivative, in the same copy of the parameter */
  | 'second derivative'
  /** after is the derivative of before, itself a derivative, in another parameter */
  | 'cross derivative'
  /** after, put in the parameter's place, makes before zero */
  | 'root'
  /** before, a derivative, falls through zero where after is put in the parameter's place */
  | 'crossing'
  /** after is what before tends to */
  | 'limit'
  /** before is a name for after */
  | 'definition';

/** Notation that is no expression: a function g(θ), a gradient. */
export interface Notation {
  readonly kind: 'notation';
  readonly text: string;
  /** for mathematics mode */
  readonly latex: string;
}

/** Prose with mathematics in it. */
export type Words = readonly (string | Expr | Notation)[];

export interface Step {
  readonly rule: RuleName;
  readonly before: Expr;
  readonly after: Expr;
  readonly relation: Relation;
  /** what is printed in the place of `after`: the same, with a name for a part of it */
  readonly shown?: { readonly expr: Expr; readonly name: Expr; readonly meaning: Expr };
  readonly because: Words;
  /** weights in it by name: 1 / A at the parameters of before */
  readonly weights?: readonly TangentWeight[];
  /** for rules about one parameter */
  readonly parameter?: string;
  /** the parameter that is differentiated in, where it is another one */
  readonly other?: string;
  /** the name shown at the left of the line (`terms of Q`, `update`) */
  readonly label: string;
  /** what stands left of the expression when the step is shown: `pi[k] ←`, `0 =` */
  readonly left?: { readonly expr: Expr | Notation; readonly sign: '=' | '≥' | '←' };
}

export type RuleName =
  | 'write the densities'
  | 'normal form'
  | 'sum over the latent'
  | 'posterior'
  | 'bound'
  | 'expect'
  | 'terms of the parameter'
  | 'collect'
  | 'add the multiplier'
  | 'differentiate'
  | 'differentiate again'
  | 'differentiate across'
  | 'solve'
  | 'take a Newton step'
  | 'take the tangent'
  | 'name the statistics'
  | 'apply the bounds'
  | 'let the constant go to zero';

/** One `~` line of the log joint: Σ over its ranges of Π selectors × density. */
export interface JointFactor {
  readonly line: LineId;
  readonly symbol: SymbolName;
  readonly role: 'data' | 'latent' | 'prior';
  /** plates of the declaration */
  readonly ranges: readonly Range[];
  /** [z[i] = k] for each latent that the density looks at, with the index that stands for its value */
  readonly selectors: readonly Selector[];
  /** log density with `k` in the place of `z[i]`; not multiplied by selectors */
  readonly density: Expr;
  /** the distributions and their arguments, read by `fit` to draw from them; one unless there is an `if` */
  readonly branches: readonly Branch[];
}

export interface Branch {
  /** 1 where this branch holds, else 0; free in the values of latents */
  readonly when: Expr;
  readonly distribution: string;
  /** a scale is a variance */
  readonly arguments: Readonly<Record<string, Expr>>;
}

export interface Selector {
  readonly symbol: SymbolName;
  /** a latent, or data whose values are those of a plate or of categories */
  readonly role: 'latent' | 'data';
  /** which of them: [i] for z[i], [id[i]] for z[id[i]] */
  readonly at: readonly Index[];
  readonly value: Range;
}

/** A latent and the index that stands for its value. */
export interface Hidden {
  readonly latent: SymbolName;
  /** the rows, or the groups of rows: one latent for each */
  readonly at: Range;
  readonly value: Range;
}

/** Rows that share their latents: the plate of the groups, and the data symbol that says which group a row is in. */
export interface Grouping {
  readonly range: Range;
  readonly symbol: SymbolName;
}

/**
 * The posterior of the latents given the data: responsibilities r[i,k]. Several latents that share a factor have one
 * posterior over their combinations, r[i,k,l]. Latents of groups of rows come first, r[g,k]; where rows have latents of
 * their own too, theirs is the posterior given the group's, and r[i,k,l] is the product.
 */
export interface Posterior {
  /** those of the groups first, then those of the rows; in each the order of the file */
  readonly latents: readonly Hidden[];
  readonly rows: Range;
  readonly grouping: Grouping | undefined;
  /** name of the responsibilities in the derivation: `r` unless the user has it */
  readonly name: string;
  /** the same for those of the groups; another name only where rows have latents of their own beside them */
  readonly groupName: string;
  /** log of the unnormalised posterior, one entry per line, free in i (or g, for a line of the groups) and the values */
  readonly logits: readonly Logits[];
  readonly assignment: 'soft' | 'hard';
}

export interface Logits {
  readonly line: LineId;
  /** once for every row, or once for every group */
  readonly per: 'row' | 'group';
  readonly terms: NormalForm;
}

/** A named sum over rows: `S[k] = Σ_i r[i,k] (x[i] − mu[k]) (x[i] − mu[k])ᵀ`. */
export interface Statistic {
  readonly name: string;
  readonly ranges: readonly Range[];
  readonly definition: Expr;
  readonly shape: readonly Dim[];
  /** false for sums that only judge a step, which the document leaves out */
  readonly shown: boolean;
}

/** A value that a constraint holds for one component, or for all of a plate. */
export interface HeldValue {
  /** one per plate of the parameter (and one for the entry, for a simplex) */
  readonly at: readonly Place[];
  readonly value: Expr;
  readonly span: SpanId;
}

/** Newton's method on the parameter's terms of Q; expressions are in statistics that may hold the parameter itself. */
export interface Iteration {
  readonly gradient: Expr;
  readonly hessian: Expr;
  /** the terms themselves, free in nothing: what a step must raise */
  readonly objective: Expr;
  /** on which scale the parameter moves */
  readonly scale: 'real' | 'logarithm' | 'log odds';
  /** the gradient of one copy holds the others: they are gone through again and again */
  readonly coupled: boolean;
  /** the mean over the parameter's copies is kept at zero: adding the same to all changes nothing */
  readonly centred: boolean;
}

/** An equation between parameters, linear in them: its value is zero, for every value of its plates. */
export interface LinearConstraint {
  readonly parameters: readonly SymbolName[];
  readonly ranges: readonly Range[];
  /** a number or a vector */
  readonly value: Expr;
  readonly span: SpanId;
}

/**
 * Newton's method on several parameters at once, all their copies stacked: parameters that stand in each other's terms, or
 * are bound by an equation. Where Q is quadratic in them one step is the solution.
 */
export interface JointIteration {
  readonly parameters: readonly SymbolName[];
  /** the plates of each */
  readonly ranges: readonly (readonly Range[])[];
  readonly gradient: readonly Expr[];
  /** [i][j], j <= i: the derivative of gradient i in parameter j, free in the plates of both */
  readonly hessian: readonly (readonly Expr[])[];
  readonly objective: Expr;
  readonly scales: readonly Iteration['scale'][];
  /** Q is quadratic in all of them: the step is taken whole */
  readonly isQuadratic: boolean;
  readonly constraints: readonly LinearConstraint[];
  /** values held for single copies */
  readonly held: readonly (readonly HeldValue[])[];
}

/** The M-step of one parameter, the others held where they are. */
export interface Update {
  readonly parameter: SymbolName;
  readonly ranges: readonly Range[];
  /** the entries of a simplex are solved one by one: the index that `value` is free in beside the ranges */
  readonly entry: Range | undefined;
  /** updates of one number contain each other and are repeated until they settle */
  readonly cycle: number | undefined;
  /** name of the solver form that matched */
  readonly form: string;
  readonly source: string;
  /** in statistics, constants and parameters; free in the ranges */
  readonly value: Expr;
  /** for an update without closed form, whose value is one step of Newton's method */
  readonly iteration: Iteration | undefined;
  /** the cycle that it belongs to, moved as one */
  readonly joint: JointIteration | undefined;
  readonly held: readonly HeldValue[];
  /** copies, or entries of a simplex, that equations make one */
  readonly ties: readonly Tie[];
  readonly secondOrder: string;
  /** other parameters in the value */
  readonly uses: readonly SymbolName[];
  /** what must not be zero, for the message when it is: `n[k]`, or the matrix solved with */
  readonly divisor: Expr;
  /** it maximises something below Q that touches it, so it raises Q: its value looks at what the parameter was */
  readonly minorised: boolean;
  /** the terms of Q bend there: their derivative falls through zero without being it */
  readonly crossing: boolean;
}

/** A block of the printed document. */
export type Block =
  | { readonly kind: 'prose'; readonly text: Words }
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  | {
      readonly kind: 'definitions';
      readonly entries: readonly {
        readonly name: string;
        readonly left: Expr;
        readonly right: Expr;
      }[];
    }
  | { readonly kind: 'equations'; readonly entries: readonly Equation[] };

/** A displayed line that is not a replayed step (a principle, a comparison). Left and right are expressions or notation. */
export interface Equation {
  readonly label: string;
  readonly left: Expr | Notation;
  readonly relation: '=' | '≥' | '←' | '⇒' | '→';
  readonly right: Expr | Notation;
  readonly note: Words;
}

export interface Section {
  readonly id: 'joint' | 'why-em' | 'e-step' | 'q' | 'm-step' | 'limit' | 'algorithm';
  readonly title: Words;
  /** the parameter of an M-step */
  readonly parameter?: SymbolName;
  readonly blocks: readonly Block[];
}

export interface LimitResult {
  readonly constant: SymbolName;
  /** symbols that drop out of the posterior and the objective */
  readonly dropped: readonly SymbolName[];
  /** −2 × what remains of the objective: the inertia, free in nothing */
  readonly objective: Expr;
}

export interface Derivation {
  readonly model: Model;
  readonly factors: readonly JointFactor[];
  readonly posterior: Posterior | undefined;
  /** rows plate, when the model has data */
  readonly rows: Range | undefined;
  /** the log joint before the expectation, and Q */
  readonly joint: NormalForm;
  readonly q: NormalForm;
  readonly statistics: readonly Statistic[];
  /** in the order in which they are done */
  readonly updates: readonly Update[];
  /** solutions contain each other: each is a conditional maximisation (ECM) */
  readonly conditional: boolean;
  /** one M-step is the solution: nothing hidden and nothing cycled */
  readonly closedForm: boolean;
  readonly limit: LimitResult | undefined;
  readonly degreesOfFreedom: Expr;
  readonly sections: readonly Section[];
}

/** What the rules cannot solve, said by term and reason. Words are in `diagnostics`. */
export type DeriveProblem =
  | { readonly kind: 'not-derivable-yet'; readonly what: string; readonly span: SpanId }
  | {
      readonly kind: 'no-form';
      readonly parameter: SymbolName;
      readonly span: SpanId;
      /** the terms of Q in this parameter, and the line each came from */
      readonly terms: readonly { readonly text: string; readonly span: SpanId }[];
      readonly refusals: readonly { readonly form: string; readonly reason: string }[];
    }
  | { readonly kind: 'several-latents'; readonly latents: readonly SymbolName[]; readonly span: SpanId }
  | {
      readonly kind: 'constraint-not-solved';
      readonly text: string;
      readonly reason: string;
      readonly span: SpanId;
    }
  | {
      readonly kind: 'limit-not-derivable';
      readonly constant: SymbolName;
      readonly reason: string;
      readonly span: SpanId;
    }
  | { readonly kind: 'priors-drop-out'; readonly symbols: readonly SymbolName[]; readonly span: SpanId };

/**
 * Solver forms: what the M-step knows how to maximise. One form per file, in the order of `forms.ts`. A form looks at
 * the terms of Q in one parameter (normal form, cut down to one value of the parameter's indices) and at nothing else.
 */
import type { Dim, Expr, Fact, NormalForm, Range } from '../../algebra/types.js';
import type { CollectContext } from '../collect.js';
import type { Tie } from '../copies.js';
import type { HeldValue } from '../types.js';

export interface Target {
  readonly name: string;
  readonly ranges: readonly Range[];
  readonly shape: readonly Dim[];
  readonly fact: Fact | undefined;
  /** the parameter itself, at its own running indices */
  readonly symbol: Expr;
  readonly held: readonly HeldValue[];
  /** entries of a simplex that equations make one; copies that are tied have their terms together already */
  readonly ties: readonly Tie[];
}

export interface Solution {
  readonly value: Expr;
  /** the terms for one value of the indices, written as the form reads them; undefined where that is how they stood */
  readonly collected?: Expr;
  /** the derivative in the parameter, for the page and for the replay */
  readonly gradient: Expr;
  /** what must not vanish */
  readonly divisor: Expr;
  /** for a constrained maximum: the multiplier's value and the Lagrangian's extra term */
  readonly multiplier?: {
    readonly lambda: Expr;
    readonly constraint: Expr;
    readonly bound: Expr;
    /** the running index of the entries that are solved one by one; undefined for a whole vector */
    readonly index: string | undefined;
    /** what the parameter is and how it is bound */
    readonly what: string;
    /** how λ was found */
    readonly how: string;
    /** the lines that find λ, from the derivative of the Lagrangian on */
    readonly worked?: (lambda: Expr) => readonly MultiplierLine[];
  };
  /** why it is a maximum; an expression in it is printed with the statistics by their names */
  readonly secondOrder: readonly (string | Expr)[];
  /** for a solution that is approached step by step: derivatives of the terms of Q */
  readonly iteration?: {
    readonly gradient: Expr;
    readonly hessian: Expr;
    /** the gradient of one copy holds other copies */
    readonly coupled: boolean;
    /** Q does not change when the same is added to all copies of the parameter: their mean is kept at zero */
    readonly centred: boolean;
  };
  /** the derivative jumps: it falls through zero at the solution without being zero there */
  readonly crossing?: true;
  /** a function of one number, or of each entry alone, that rises up to its maximum and falls after it: bounds may clamp it */
  readonly unimodal: boolean;
}

/** A line of the working: `0 = n[k] / pi[k] − λ`. */
export interface MultiplierLine {
  readonly label: string;
  readonly left: Expr;
  readonly relation: '=';
  readonly right: Expr;
  readonly note: readonly (string | Expr)[];
}

export type Attempt =
  | { readonly kind: 'solved'; readonly solution: Solution }
  | { readonly kind: 'refused'; readonly reason: string };

export interface SolverForm {
  readonly name: string;
  /** where the solution stands in the literature */
  readonly source: string;
  readonly attempt: (terms: NormalForm, target: Target, context: CollectContext) => Attempt;
}

export const refused = (reason: string): Attempt => ({ kind: 'refused', reason });
export const solved = (solution: Solution): Attempt => ({ kind: 'solved', solution });

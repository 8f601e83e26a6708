/**
 * Terms that no rule solves, replaced by something that lies below them and touches them at the parameters of before:
 * a logarithm lies below its tangent, log A ≤ log A₀ + (A − A₀) / A₀, so −c log A lies above −c w A with w = 1 / A₀, up to a
 * constant. What raises the lower of the two raises Q as much or more. For the density of Student's t these are the weights of
 * a robust fit. Source: Hunter, Lange: A tutorial on MM algorithms (2004), section 3; Lange, Little, Taylor (1989).
 */
import { add, number, power, running, symbol } from '../algebra/build.js';
import { apart, normalForm, termToExpr } from '../algebra/normal.js';
import { printKey } from '../algebra/print.js';
import { containsSymbol, dependsOn, reindex, replace } from '../algebra/traverse.js';
import type { Expr, Fact, NormalForm, Range, Term } from '../algebra/types.js';
import { ownFactors } from './collect.js';
import { freshName } from './joint.js';

/** 1 / A at the parameters of before, which moves with the row. */
export interface TangentWeight {
  readonly name: string;
  readonly ranges: readonly Range[];
  /** A, free in the ranges */
  readonly of: Expr;
}

export interface Minorant {
  readonly terms: NormalForm;
  readonly weights: readonly TangentWeight[];
}

/** Undefined where no term is such a logarithm. `ranges` are those that the terms are free in. */
export function minorantOf(
  terms: NormalForm,
  parameter: string,
  ranges: readonly Range[],
  taken: ReadonlySet<string>,
): Minorant | undefined {
  const weights: TangentWeight[] = [];
  const used = new Set(taken);
  const weightOf = (of: Expr, bound: readonly Range[]): Expr => {
    const own = bound.filter(
      (r, n) => dependsOn(of, r.index) && bound.findIndex((b) => b.index === r.index) === n,
    );
    let weight = weights.find((w) => printKey(w.of) === printKey(of));
    if (weight === undefined) {
      weight = { name: freshName(['w', 'w_'], used), ranges: own, of };
      used.add(weight.name);
      weights.push(weight);
    }
    return symbol(
      weight.name,
      'weight',
      weight.ranges.map((r) => running(r.index)),
      [],
      'positive',
    );
  };
  const replaced = terms.flatMap((t): NormalForm => {
    const own = ownFactors(t, parameter);
    const others = t.factors.filter((f) => !own.includes(f));
    const [factor] = own;
    if (own.length !== 1 || factor.kind !== 'function' || factor.name !== 'log') return [t];
    if (factor.argument.kind !== 'add' || t.coefficient >= 0 || !others.every(isNonNegative)) return [t];
    const weight = weightOf(factor.argument, [...t.sums, ...ranges]);
    return normalForm(factor.argument, t.line)
      .filter((a) => a.factors.some((f) => containsSymbol(f, parameter)))
      .map((own): Term => {
        const a = apart(own, { sums: t.sums, factors: [...others, weight] });
        return {
          coefficient: t.coefficient * a.coefficient,
          sums: [...t.sums, ...a.sums],
          factors: [...others, weight, ...a.factors],
          line: t.line,
        };
      });
  });
  return weights.length === 0 ? undefined : { terms: replaced, weights };
}

/** Each weight as what it is: 1 / A. */
export const withWeights = (e: Expr, weights: readonly TangentWeight[]): Expr =>
  replace(e, (part) => {
    const weight = part.kind === 'symbol' ? weights.find((w) => w.name === part.name) : undefined;
    if (part.kind !== 'symbol' || weight === undefined) return undefined;
    return weight.ranges.reduce((of, r, n) => reindex(of, r.index, part.indices[n]), power(weight.of, -1));
  });

/** −c log A as the terms below it, for the page. */
export const minorantExpr = ({ terms }: Minorant): Expr => add(...terms.map(termToExpr), number(0));

/** Known from the form alone to be zero or more. */
export function isNonNegative(e: Expr): boolean {
  if (e.kind === 'number') return e.value >= 0;
  if (e.kind === 'symbol')
    return e.role === 'responsibility' || e.role === 'weight' || NOT_NEGATIVE.has(e.fact);
  if (e.kind === 'add') return e.terms.every(isNonNegative);
  if (e.kind === 'multiply') return e.factors.every(isNonNegative);
  if (e.kind === 'function' && e.name === 'abs') return true;
  if (e.kind === 'power') return e.exponent % 2 === 0 || isNonNegative(e.base);
  return e.kind === 'size' || e.kind === 'circle' || e.kind === 'indicator' || e.kind === 'condition';
}

const NOT_NEGATIVE: ReadonlySet<Fact | undefined> = new Set(['positive', 'unit', 'whole']);

import {
  add,
  element,
  exp,
  log,
  multiply,
  number,
  ONE,
  power,
  running,
  sum,
  symbol,
} from '../../algebra/build.js';
import { freshCoordinate } from '../../algebra/normal.js';
import { printText } from '../../algebra/print.js';
import { containsSymbol } from '../../algebra/traverse.js';
import type { Expr, Range, Term } from '../../algebra/types.js';
import { factorOut, gather, ownFactors, quotient } from '../collect.js';
import type { CollectContext, Factored } from '../collect.js';
import { refused, solved } from './types.js';
import type { SolverForm, Target } from './types.js';

/**
 * a log θ + b θᵖ for θ > 0, with one power p ≠ 0; entry by entry for a vector. Stationary where a/θ + p b θᵖ⁻¹ = 0:
 * θᵖ = −a / (p b). Variances have p = −1 (θ = S / n), standard deviations p = −2, precisions and rates p = 1.
 * A maximum: with t = log θ the function is a t + b e^(p t), concave since b < 0.
 */
export const logPower: SolverForm = {
  name: 'logarithm and one power',
  source:
    'Mardia, Kent, Bibby: Multivariate Analysis (1979), 4.2.2; Celeux, Govaert (1995), model [λI] and [λB]',
  attempt: (terms, target, context) => {
    if (target.fact !== 'positive' || target.shape.length > 1)
      return refused('the parameter is not a positive number or a vector of them');
    const logs: Factored[] = [];
    const powers: (Factored & { readonly exponent: number })[] = [];
    for (const t of terms) {
      const read = readTerm(t, target, context);
      if (typeof read === 'string') return refused(read);
      if (read.exponent === 0) logs.push(read.factored);
      else powers.push({ ...read.factored, exponent: read.exponent });
    }
    const exponent = powers[0]?.exponent;
    if (logs.length === 0 || exponent === undefined)
      return refused(`needs a term in log ${target.name} and one in a power of it`);
    if (powers.some((p) => p.exponent !== exponent))
      return refused(`${target.name} stands in several powers`);
    const a = factorOut(logs);
    const b = factorOut(powers);
    const value =
      exponent < 0
        ? power(
            quotient(multiply(number((-exponent * b.coefficient) / a.coefficient), b.rest), a.rest),
            -1 / exponent,
          )
        : power(
            quotient(multiply(number(-a.coefficient / (exponent * b.coefficient)), a.rest), b.rest),
            1 / exponent,
          );
    const gradient = add(
      multiply(number(a.coefficient), a.rest, power(target.symbol, -1)),
      elementwise(multiply(number(exponent * b.coefficient), b.rest), power(target.symbol, exponent - 1)),
    );
    return solved({
      value,
      collected: collectedTerms(a, b, exponent, target),
      gradient,
      divisor: exponent < 0 ? a.rest : b.rest,
      secondOrder: [
        'a maximum: in t = log ',
        target.symbol,
        ' the terms are linear but for a negative multiple of ',
        exp(multiply(number(exponent), symbol('t', 'constant', [], []))),
        ', and so concave',
      ],
      unimodal: true,
    });
  },
};

/** a log θ + b θᵖ, or Σ_d of it for a vector. */
function collectedTerms(a: Factored, b: Factored, exponent: number, target: Target): Expr {
  const dim = target.shape[0];
  if (dim === undefined)
    return add(
      multiply(number(a.coefficient), a.rest, log(target.symbol)),
      multiply(number(b.coefficient), b.rest, power(target.symbol, exponent)),
    );
  const d = freshCoordinate(add(target.symbol, a.rest, b.rest));
  const range: Range = { index: d, dim };
  const entry = element(target.symbol, [running(d)]);
  return add(
    multiply(number(a.coefficient), a.rest, sum(range, log(entry))),
    multiply(
      number(b.coefficient),
      sum(range, multiply(element(b.rest, [running(d)]), power(entry, exponent))),
    ),
  );
}

/** Product of a number or vector with a vector, entry by entry. */
function elementwise(left: Expr, right: Expr): Expr {
  return { kind: 'multiply', factors: [...(left.kind === 'multiply' ? left.factors : [left]), right] };
}

interface Read {
  /** 0 for the logarithm */
  readonly exponent: number;
  readonly factored: Factored;
}

function readTerm(t: Term, target: Target, context: CollectContext): Read | string {
  const own = ownFactors(t, target.name);
  const factor = own[0];
  const others = t.factors.filter((f) => !own.includes(f));
  if (own.length > 1) return `${own.map((f) => printText(f)).join(' and ')} stand in one product`;
  const isVector = target.shape.length === 1;
  const done = (exponent: number, ranges = t.sums, body: Expr = ONE): Read => ({
    exponent,
    factored: { coefficient: t.coefficient, rest: gather(ranges, others, body, context) },
  });
  if (!isVector) {
    if (factor.kind === 'function' && factor.name === 'log' && factor.argument.kind === 'symbol')
      return done(0);
    if (factor.kind === 'symbol') return done(1);
    if (factor.kind === 'power' && factor.base.kind === 'symbol') return done(factor.exponent);
    return `${target.name} stands inside ${printText(factor)}`;
  }
  if (factor.kind === 'function' && factor.name === 'log' && factor.argument.kind === 'element') {
    const coordinate = factor.argument.coordinates[0];
    if (coordinate?.kind !== 'running' || others.some((f) => printText(f).includes(`,${coordinate.index}]`)))
      return `${printText(factor)} is not summed over all coordinates alike`;
    return done(
      0,
      t.sums.filter((s) => s.index !== coordinate.index),
    );
  }
  if (
    factor.kind === 'quadratic' &&
    !containsSymbol(factor.vector, target.name) &&
    factor.matrix.kind === 'diag'
  ) {
    const weight = factor.matrix.of;
    if (weight.kind === 'power' && weight.base.kind === 'symbol')
      return done(weight.exponent, t.sums, power(factor.vector, 2));
    if (weight.kind === 'symbol') return done(1, t.sums, power(factor.vector, 2));
  }
  return `${target.name} stands inside ${printText(factor)}`;
}

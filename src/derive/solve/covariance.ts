import {
  add,
  identity,
  inverse,
  logdet,
  multiply,
  number,
  outer,
  ONE,
  product,
  shapeOf,
  trace,
} from '../../algebra/build.js';
import { printText } from '../../algebra/print.js';
import { containsSymbol } from '../../algebra/traverse.js';
import type { Expr } from '../../algebra/types.js';
import { factorOut, gather, ownFactors, quotient } from '../collect.js';
import type { Factored } from '../collect.js';
import { refused, solved } from './types.js';
import type { SolverForm } from './types.js';

/**
 * a log|Σ| − tr(Σ⁻¹ B) for a symmetric positive definite Σ: stationary where a Σ⁻¹ + Σ⁻¹ B Σ⁻¹ = 0, so Σ = B / (−a); a
 * Gaussian has a = −½ n and B = ½ S, S the scatter of the residuals, hence Σ = S / n. For a precision Λ = Σ⁻¹ the terms
 * are a log|Λ| − tr(Λ B) and Λ = (B / a)⁻¹. A maximum: the terms are concave in Σ⁻¹.
 */
export const covariance: SolverForm = {
  name: 'log-determinant and trace',
  source: 'Mardia, Kent, Bibby: Multivariate Analysis (1979), theorem 4.2.1; Anderson (2003), lemma 3.2.2',
  attempt: (terms, target, context) => {
    if (target.fact !== 'symmetric-positive')
      return refused('the parameter is not a covariance or precision matrix');
    const determinants: Factored[] = [];
    const traces: (Factored & { readonly inverted: boolean })[] = [];
    for (const t of terms) {
      const own = ownFactors(t, target.name);
      const factor = own[0];
      const others = t.factors.filter((f) => !own.includes(f));
      if (own.length > 1) return refused(`${own.map(printText).join(' and ')} stand in one product`);
      if (factor.kind === 'logdet' && factor.of.kind === 'symbol') {
        determinants.push({ coefficient: t.coefficient, rest: gather(t.sums, others, ONE, context) });
        continue;
      }
      const read = readTrace(factor, target.name);
      if (read === undefined) return refused(`${target.name} stands inside ${printText(factor)}`);
      traces.push({
        coefficient: t.coefficient,
        rest: gather(t.sums, others, read.body, context),
        inverted: read.inverted,
      });
    }
    if (determinants.length === 0 || traces.length === 0)
      return refused(`needs log|${target.name}| and a quadratic form or trace of it`);
    const isCovariance = traces[0].inverted;
    if (traces.some((t) => t.inverted !== isCovariance))
      return refused(`${target.name} stands as itself and as its inverse`);
    const a = factorOut(determinants);
    const b = factorOut(traces);
    const matrix = quotient(
      multiply(number(isCovariance ? b.coefficient / a.coefficient : -b.coefficient / a.coefficient), b.rest),
      a.rest,
    );
    const theta = target.symbol;
    return solved({
      value: isCovariance ? matrix : inverse(matrix),
      collected: add(
        multiply(number(a.coefficient), a.rest, logdet(theta)),
        multiply(number(b.coefficient), trace(product(isCovariance ? inverse(theta) : theta, b.rest))),
      ),
      gradient: isCovariance
        ? add(
            multiply(number(a.coefficient), a.rest, inverse(theta)),
            multiply(number(-b.coefficient), product(inverse(theta), b.rest, inverse(theta))),
          )
        : add(
            multiply(number(a.coefficient), a.rest, inverse(theta)),
            multiply(number(b.coefficient), b.rest),
          ),
      divisor: a.rest,
      secondOrder: ['a maximum: the terms are concave in ', isCovariance ? inverse(theta) : theta],
      unimodal: false,
    });
  },
};

/** The matrix B of a trace: e eᵀ for a quadratic form eᵀ Σ⁻¹ e, M for tr(M Σ⁻¹). */
function readTrace(
  factor: Expr,
  name: string,
): { readonly body: Expr; readonly inverted: boolean } | undefined {
  if (
    factor.kind === 'quadratic' &&
    !containsSymbol(factor.vector, name) &&
    shapeOf(factor.vector).length === 1
  ) {
    const body = outer(factor.vector, factor.vector);
    if (factor.matrix.kind === 'inverse' && factor.matrix.of.kind === 'symbol')
      return { body, inverted: true };
    if (factor.matrix.kind === 'symbol') return { body, inverted: false };
  }
  if (factor.kind === 'trace' && factor.of.kind === 'inverse' && factor.of.of.kind === 'symbol')
    return { body: identity(shapeOf(factor.of)[0]), inverted: true };
  if (factor.kind === 'trace' && factor.of.kind === 'product' && factor.of.factors.length === 2) {
    const [left, right] = factor.of.factors as [Expr, Expr];
    if (!containsSymbol(left, name)) {
      if (right.kind === 'inverse' && right.of.kind === 'symbol') return { body: left, inverted: true };
      if (right.kind === 'symbol') return { body: left, inverted: false };
    }
  }
  return undefined;
}

import { add, multiply, number, ONE, power } from '../../algebra/build.js';
import { printText } from '../../algebra/print.js';
import type { Expr } from '../../algebra/types.js';
import { factorOut, gather, ownFactors, quotient } from '../collect.js';
import type { Factored } from '../collect.js';
import { refused, solved } from './types.js';
import type { SolverForm } from './types.js';

/**
 * a θᵖ + b θ^q for θ > 0 with p ≠ q, both not 0. Stationary where p a θᵖ + q b θ^q = 0, so θ^(p − q) = −q b / (p a): the
 * mean of an inverse Gaussian has p = −2, q = −1 and is s / n. A maximum where the term of the power further from 0 is
 * negative and the other positive: with t = log θ the function then rises to it and falls after it.
 */
export const twoPowers: SolverForm = {
  name: 'two powers',
  source: 'Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions, vol. 1 (1994), 15.5',
  attempt: (terms, target, context) => {
    if (target.fact !== 'positive' || target.shape.length > 0)
      return refused('the parameter is not a positive number');
    const byPower = new Map<number, Factored[]>();
    for (const t of terms) {
      const own = ownFactors(t, target.name);
      const [factor] = own;
      if (own.length > 1) return refused(`${own.map(printText).join(' and ')} stand in one product`);
      const exponent =
        factor.kind === 'symbol'
          ? 1
          : factor.kind === 'power' && factor.base.kind === 'symbol'
            ? factor.exponent
            : undefined;
      if (exponent === undefined)
        return refused(`${target.name} stands in ${printText(factor)}, which is no power of it`);
      const rest = gather(
        t.sums,
        t.factors.filter((f) => f !== factor),
        ONE,
        context,
      );
      byPower.set(exponent, [...(byPower.get(exponent) ?? []), { coefficient: t.coefficient, rest }]);
    }
    const [first, second, ...more] = [...byPower.keys()].sort((x, y) => Math.abs(y) - Math.abs(x));
    if (first === undefined || second === undefined || more.length > 0)
      return refused(`${target.name} does not stand in two powers of it`);
    if (first * second < 0) return refused(`the powers of ${target.name} have different signs`);
    const a = factorOut(byPower.get(first)!);
    const b = factorOut(byPower.get(second)!);
    if (a.coefficient >= 0 || b.coefficient <= 0)
      return refused('the higher power does not pull down, or the lower does not pull up');
    const ratio = (second * b.coefficient) / (-first * a.coefficient);
    const solution = power(quotient(multiply(number(ratio), b.rest), a.rest), 1 / (first - second));
    const slope = (f: Factored, exponent: number): Expr =>
      multiply(number(exponent * f.coefficient), f.rest, power(target.symbol, exponent - 1));
    return solved({
      value: solution.kind === 'power' && solution.exponent === -1 ? inverted(a, b, ratio) : solution,
      collected: add(
        multiply(number(a.coefficient), a.rest, power(target.symbol, first)),
        multiply(number(b.coefficient), b.rest, power(target.symbol, second)),
      ),
      gradient: add(slope(a, first), slope(b, second)),
      divisor: first < second ? b.rest : a.rest,
      secondOrder: ['a maximum: the terms rise up to it and fall after it'],
      unimodal: true,
    });
  },
};

/** (ratio b / a)⁻¹, written a / (ratio b). */
const inverted = (a: Factored, b: Factored, ratio: number): Expr =>
  quotient(multiply(number(1 / ratio), a.rest), b.rest);

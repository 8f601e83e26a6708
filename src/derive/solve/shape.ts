import {
  add,
  divide,
  element,
  exp,
  log,
  multiply,
  number,
  ONE,
  power,
  running,
  size,
  subtract,
  sum,
  ZERO,
} from '../../algebra/build.js';
import { freshCoordinate } from '../../algebra/normal.js';
import { printText } from '../../algebra/print.js';
import { containsSymbol } from '../../algebra/traverse.js';
import type { Expr, Range } from '../../algebra/types.js';
import { factorOut, ownFactors } from '../collect.js';
import type { Factored } from '../collect.js';
import { readDecomposed, spread, withoutNumbers } from './decomposed.js';
import { refused, solved } from './types.js';
import type { SolverForm } from './types.js';

/**
 * −½ Σ_d b_d / A_d with Π A = 1, that is Σ log A = 0. Lagrangian −½ Σ b_d / A_d − λ Σ log A_d; b_d / (2 A_d²) = λ / A_d, so
 * A_d = b_d / (2 λ) is proportional to b_d, and the product one gives 2 λ = (Π b)^(1/D): A is b over its geometric mean.
 * A maximum: in the logarithms of A the terms are concave on a linear constraint.
 */
export const shape: SolverForm = {
  name: 'shape of product one',
  source: 'Celeux, Govaert: Gaussian parsimonious clustering models (1995), theorem A.1',
  attempt: (terms, target, context) => {
    const dim = target.shape[0];
    if (target.fact !== 'unit-product' || dim === undefined) return refused('the parameter is not a shape');
    const parts: Factored[] = [];
    for (const t of terms) {
      const own = ownFactors(t, target.name);
      const factor = own[0];
      const d = own.length === 1 ? readDecomposed(factor) : undefined;
      const isInverse =
        d?.weights.kind === 'power' &&
        d.weights.exponent === -1 &&
        d.weights.base.kind === 'symbol' &&
        d.weights.base.name === target.name;
      if (d === undefined || !isInverse || containsSymbol(d.residual, target.name))
        return refused(`${target.name} stands inside ${own.map(printText).join(' and ')}`);
      parts.push({ coefficient: t.coefficient, rest: spread(t, factor, d, context) });
    }
    const { coefficient, rest } = factorOut(parts);
    const b = multiply(number(-2 * coefficient), rest);
    // a positive number in front of all of b cancels against the geometric mean
    const direction = withoutNumbers(rest);
    const d = freshCoordinate(add(target.symbol, b));
    const range: Range = { index: d, dim };
    const meanLog = (e: Expr): Expr => divide(sum(range, log(element(e, [running(d)]))), size(dim));
    const lambda = multiply(number(0.5), exp(meanLog(b)));
    return solved({
      value: multiply(exp(multiply(number(-1), meanLog(direction))), direction),
      gradient: subtract(
        elementwise(multiply(number(0.5), b), power(target.symbol, -2)),
        multiply(lambda, power(target.symbol, -1)),
      ),
      divisor: ONE,
      multiplier: {
        lambda,
        constraint: sum(range, log(element(target.symbol, [running(d)]))),
        bound: ZERO,
        index: undefined,
        what: 'a shape, its product is one',
        how: 'found from the product being one',
      },
      secondOrder: ['a maximum: in the logarithms of ', target.symbol, ' the terms are concave'],
      unimodal: false,
    });
  },
};

const elementwise = (left: Expr, right: Expr): Expr => ({
  kind: 'multiply',
  factors: [...(left.kind === 'multiply' ? left.factors : [left]), right],
});

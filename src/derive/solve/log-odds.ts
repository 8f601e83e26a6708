import { add, divide, isNumber, log, multiply, number, ONE, power, subtract } from '../../algebra/build.js';
import { printText } from '../../algebra/print.js';
import type { Expr } from '../../algebra/types.js';
import { factorOut, gather, ownFactors } from '../collect.js';
import type { Factored } from '../collect.js';
import { refused, solved } from './types.js';
import type { SolverForm } from './types.js';

/**
 * a log θ + b log(1 − θ) for 0 < θ < 1: a probability of success, with a the successes and b the failures. Stationary
 * where a / θ = b / (1 − θ), so θ = a / (a + b). A Beta prior adds its parameters less one. A maximum: both logarithms are
 * concave.
 */
export const logOdds: SolverForm = {
  name: 'logarithms of a share and of its complement',
  source: 'Bishop: Pattern Recognition and Machine Learning (2006), 2.7',
  attempt: (terms, target, context) => {
    if (target.fact !== 'unit' || target.shape.length > 0)
      return refused('the parameter is not a number between 0 and 1');
    const successes: Factored[] = [];
    const failures: Factored[] = [];
    for (const t of terms) {
      const own = ownFactors(t, target.name);
      const [factor] = own;
      if (own.length > 1) return refused(`${own.map(printText).join(' and ')} stand in one product`);
      if (factor.kind !== 'function' || factor.name !== 'log')
        return refused(`${target.name} stands in ${printText(factor)}, which is no logarithm`);
      const list =
        factor.argument.kind === 'symbol' ? successes : isComplement(factor.argument) ? failures : undefined;
      if (list === undefined) return refused(`${target.name} stands inside ${printText(factor)}`);
      list.push({
        coefficient: t.coefficient,
        rest: gather(
          t.sums,
          t.factors.filter((f) => f !== factor),
          ONE,
          context,
        ),
      });
    }
    const theta = target.symbol;
    const rest = subtract(ONE, theta);
    const total = ({ coefficient, rest: e }: Factored): Expr => multiply(number(coefficient), e);
    const a = total(factorOut(successes));
    const b = total(factorOut(failures));
    const both = factorOut([...successes, ...failures]);
    return solved({
      value: divide(a, total(both)),
      collected: add(multiply(a, log(theta)), multiply(b, log(rest))),
      gradient: add(divide(a, theta), multiply(number(-1), b, power(rest, -1))),
      divisor: total(both),
      secondOrder: ['a maximum: both logarithms are concave'],
      unimodal: true,
    });
  },
};

/** 1 − θ. */
const isComplement = (e: Expr): boolean =>
  e.kind === 'add' &&
  e.terms.length === 2 &&
  e.terms.some((t) => isNumber(t, 1)) &&
  e.terms.some(
    (t) =>
      t.kind === 'multiply' &&
      t.factors.length === 2 &&
      isNumber(t.factors[0], -1) &&
      t.factors[1].kind === 'symbol',
  );

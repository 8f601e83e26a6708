import {
  axes,
  diag,
  multiply,
  number,
  ONE,
  outer,
  product,
  subtract,
  sum,
  transpose,
} from '../../algebra/build.js';
import { printKey, printText } from '../../algebra/print.js';
import { containsSymbol, dependsOn } from '../../algebra/traverse.js';
import type { Expr, Range } from '../../algebra/types.js';
import { factorOut, gatherOuter, ownFactors } from '../collect.js';
import type { Factored } from '../collect.js';
import { overRows, readDecomposed, withoutNumbers } from './decomposed.js';
import { refused, solved } from './types.js';
import type { SolverForm, Target } from './types.js';

/**
 * −½ Σ tr(W Qᵀ S Q) over orthogonal Q, W diagonal. Stationary where Qᵀ S Q commutes with W. With one W for all terms the
 * matrices S add up and Q holds their eigenvectors, the largest eigenvalue where W is smallest (von Neumann's trace
 * inequality, so a maximum). With a W of each component there is no closed form: each plane of two axes is turned to its
 * own maximum in turn, which never lowers the terms (Flury, Gautschi 1986; Browne, McNicholas 2014).
 */
export const orthogonal: SolverForm = {
  name: 'orthogonal axes of traces',
  source: 'Celeux, Govaert (1995), theorem A.2; Browne, McNicholas (2014)',
  attempt: (terms, target, context) => {
    if (target.fact !== 'orthogonal') return refused('the parameter is not an orthogonal matrix');
    const parts: { readonly factored: Factored; readonly weights: Expr; readonly sums: readonly Range[] }[] =
      [];
    for (const t of terms) {
      const own = ownFactors(t, target.name);
      const factor = own[0];
      const d = own.length === 1 ? readDecomposed(factor) : undefined;
      if (
        d?.axes === undefined ||
        containsSymbol(d.weights, target.name) ||
        containsSymbol(d.residual, target.name)
      )
        return refused(`${target.name} stands inside ${own.map(printText).join(' and ')}`);
      const { rows, others, sums } = overRows(t, factor, outer(d.residual, d.residual), context);
      const varying = sums.filter((s) => dependsOn(d.weights, s.index));
      const inner = sums.filter((s) => !varying.includes(s));
      parts.push({
        factored: { coefficient: t.coefficient, rest: gatherOuter(inner, others, rows, context) },
        weights: d.weights,
        sums: varying,
      });
    }
    const first = parts[0];
    const range = first.sums[0];
    if (parts.some((p) => printKey(p.weights) !== printKey(first.weights)) || first.sums.length > 1)
      return refused(`the terms weigh the axes ${target.name} in several ways`);
    return solved(
      solution(
        parts.map((p) => p.factored),
        first.weights,
        range,
        target,
      ),
    );
  },
};

function solution(parts: readonly Factored[], weights: Expr, range: Range | undefined, target: Target) {
  const { coefficient, rest } = factorOut(parts);
  const scatter = multiply(number(-2 * coefficient), rest);
  const q = target.symbol;
  const w = diag(weights);
  const each = subtract(product(q, w, transpose(q), scatter, q), product(scatter, q, w));
  const gradient = multiply(number(0.5), range === undefined ? each : sum(range, each));
  return {
    // a positive number in front of the matrix does not turn its axes
    value: axes(range, weights, range === undefined ? withoutNumbers(rest) : scatter, q),
    gradient,
    divisor: ONE,
    secondOrder:
      range === undefined
        ? ['a maximum: the largest eigenvalue stands where ', weights, ' is smallest']
        : [
            'no closed form: each plane of two axes is turned to its maximum, again and again, and the terms never fall',
          ],
    unimodal: false,
  };
}

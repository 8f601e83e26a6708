import { add, multiply, number, ONE, shapeOf, solve, subtract } from '../../algebra/build.js';
import { derivatives } from '../../algebra/differentiate.js';
import { printText } from '../../algebra/print.js';
import { reindex, some } from '../../algebra/traverse.js';
import type { Expr, NormalForm, Term } from '../../algebra/types.js';
import { gather, ownFactors } from '../collect.js';
import type { CollectContext } from '../collect.js';
import { refused, solved } from './types.js';
import type { SolverForm, Target } from './types.js';

/**
 * Whatever can be differentiated twice in a number or a vector of real numbers, and has no closed form: Newton's method,
 * θ ← θ − H⁻¹ g with g and H the first and second derivative of the terms of Q. A step is halved until Q rises, and where H
 * is not negative definite it goes along g; so Q never falls and the algorithm is generalised EM (Dempster, Laird, Rubin
 * 1977, section 3). A positive number is moved on the scale of its logarithm, one between 0 and 1 on that of log θ/(1−θ).
 * For a generalised linear model this is iteratively reweighted least squares.
 */
export const newton: SolverForm = {
  name: 'Newton’s method',
  source:
    'Nocedal, Wright: Numerical Optimization (2006), 3.3; McCullagh, Nelder (1989), 2.5; Jordan, Jacobs (1994)',
  attempt: (terms, target, context) => {
    const isNumber = target.shape.length === 0 && ['positive', 'unit', undefined].includes(target.fact);
    const isVector = target.shape.length === 1 && target.fact === undefined;
    if (!isNumber && !isVector) return refused('Newton’s method is for a number or a vector of real numbers');
    if (target.symbol.kind !== 'symbol') return refused('the parameter is not a symbol');
    const gradients: Expr[] = [];
    const hessians: Expr[] = [];
    for (const t of terms) {
      const own = multiply(...ownFactors(t, target.name));
      const others = t.factors.filter((f) => !ownFactors(t, target.name).includes(f));
      const found = derivatives(own, [target.symbol]);
      if (found === undefined)
        return refused(`no rule differentiates ${printText(own)} twice in ${target.name}`);
      const gathered = (e: Expr): readonly Expr[] =>
        (e.kind === 'add' ? e.terms : [e]).map((part) =>
          multiply(number(t.coefficient), gather(t.sums, others, part, context)),
        );
      gradients.push(...gathered(found.gradient[0]));
      hessians.push(...gathered(found.hessian[0][0]));
    }
    const gradient = add(...gradients);
    const hessian = add(...hessians);
    const step =
      shapeOf(hessian).length === 0
        ? multiply(gradient, { kind: 'power', base: hessian, exponent: -1 })
        : solve(hessian, gradient);
    const centred = isShiftInvariant(terms, target, context);
    return solved({
      value: subtract(target.symbol, step),
      gradient,
      divisor: ONE,
      iteration: { gradient, hessian, centred, coupled: holdsOthers(gradient, target) },
      secondOrder: [
        'no closed form: one step of Newton’s method after another, halved until Q rises',
        ...(target.fact === 'positive' ? [', on the scale of the logarithm'] : []),
        ...(target.fact === 'unit' ? [', on the scale of the log odds'] : []),
        ...(centred
          ? ['; adding the same to all of them changes nothing, so they are kept at a mean of zero']
          : []),
      ],
      unimodal: false,
    });
  },
};

/** The parameter at another index than its own. */
const holdsOthers = (e: Expr, target: Target): boolean =>
  some(e, (p) => p.kind === 'symbol' && p.name === target.name && printText(p) !== printText(target.symbol));

/**
 * The terms are Σ_i Σ_k r[i,k] b(θ[k]) − Σ_i log Σ_l exp b(θ[l]) with b linear in θ: adding the same vector to every θ[k]
 * adds the same number to every b, which the two terms cancel.
 */
function isShiftInvariant(terms: NormalForm, target: Target, context: CollectContext): boolean {
  const [range] = target.ranges;
  if (terms.length !== 2 || target.ranges.length !== 1) return false;
  const own = (t: Term): Expr => multiply(...ownFactors(t, target.name));
  const normaliser = terms.find((t) => own(t).kind === 'logsumexp');
  const linear = terms.find((t) => t !== normaliser);
  const total = normaliser && own(normaliser);
  if (normaliser === undefined || linear === undefined || total?.kind !== 'logsumexp') return false;
  if (total.range.dim !== range.dim || normaliser.coefficient !== -linear.coefficient) return false;
  const b = own(linear);
  const isLinear = b.kind === 'dot' || b.kind === 'symbol' || b.kind === 'multiply';
  const same =
    printText(reindex(total.body, total.range.index, { kind: 'running', index: range.index })) ===
    printText(b);
  const others = (t: Term): string =>
    t.factors
      .filter((f) => !ownFactors(t, target.name).includes(f))
      // around a sum of its own the parameter's index has another name
      .map((f) => printText(reindex(f, `${range.index}_`, { kind: 'running', index: range.index })))
      .join('·');
  return isLinear && same && others(normaliser) === others(linear) && context.responsibilities.length > 0;
}

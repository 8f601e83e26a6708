import {
  apply,
  condition,
  isNumber,
  isZero,
  median,
  multiply,
  negate,
  number,
  ONE,
  power,
  subtract,
  sums,
  ZERO,
} from '../../algebra/build.js';
import { derivatives } from '../../algebra/differentiate.js';
import { printKey, printText } from '../../algebra/print.js';
import { containsSymbol, dependsOn, replace, symbolsOf } from '../../algebra/traverse.js';
import type { Expr, Range, SymbolExpr, Term } from '../../algebra/types.js';
import { gather, ownFactors, withoutOnes } from '../collect.js';
import type { CollectContext } from '../collect.js';
import { isNonNegative } from '../minorant.js';
import { refused, solved } from './types.js';
import type { SolverForm } from './types.js';

/**
 * −Σ c |a − b θ| for a real θ, with c ≥ 0 and a, b free of it: −Σ c |b| |a/b − θ| is concave and bends at the points a/b
 * only. Its derivative, the weights of the points above less those of the points below, falls through zero at their
 * weighted median; where it is zero between two points, at the middle of them.
 */
export const weightedMedian: SolverForm = {
  name: 'weighted median',
  source: 'Edgeworth (1887); Bloomfield, Steiger: Least Absolute Deviations (1983), 1.2',
  attempt: (terms, target, context) => {
    const theta = target.symbol;
    if (target.fact !== undefined || target.shape.length > 0 || theta.kind !== 'symbol')
      return refused('the parameter is not a real number');
    const read: Deviation[] = [];
    for (const t of terms) {
      const found = readTerm(t, theta, context);
      if (typeof found === 'string') return refused(found);
      read.push(found);
    }
    const [{ value, ranges }] = read;
    if (read.some((d) => placeKey(d) !== placeKey(read[0])))
      return refused(`the deviations from ${target.name} are of different points`);
    // what is the same for all points does not move the median
    const isSame = read.every((d) => printKey(d.common) === printKey(read[0].common));
    const common = isSame ? read[0].common : number(1);
    const weight = read.map((d) => (isSame ? d.weight : multiply(d.common, d.weight))).reduce(sumOf);
    const total = (e: Expr): Expr => sums(ranges, e);
    return solved({
      value: median(ranges, value, weight),
      gradient: multiply(
        common,
        total(multiply(weight, subtract(condition('>', value, theta), condition('<', value, theta)))),
      ),
      divisor: gather(ranges, factorsOf(weight), ONE, context),
      secondOrder: [
        'a maximum: the terms are concave and bend at the points only; above the weighted median lies as much weight as below it, so there the derivative falls through zero',
      ],
      crossing: true,
      unimodal: true,
    });
  },
};

const factorsOf = (e: Expr): readonly Expr[] => (e.kind === 'multiply' ? e.factors : [e]);

const sumOf = (a: Expr, b: Expr): Expr => ({ kind: 'add', terms: [a, b] });

/** common × Σ over the ranges of weight × |value − θ| */
interface Deviation {
  readonly ranges: readonly Range[];
  readonly common: Expr;
  readonly weight: Expr;
  readonly value: Expr;
}

const placeKey = (d: Deviation): string => [printKey(d.value), ...d.ranges.map((r) => r.index).sort()].join();

function readTerm(t: Term, theta: SymbolExpr, context: CollectContext): Deviation | string {
  const own = ownFactors(t, theta.name);
  const [factor] = own;
  if (own.length > 1 || factor.kind !== 'function' || factor.name !== 'abs')
    return `${theta.name} stands in ${own.map(printText).join(' ')}, which is no absolute value`;
  const others = t.factors.filter((f) => f !== factor);
  if (t.coefficient >= 0 || !others.every(isNonNegative))
    return `the factor of ${printText(factor)} may be positive, which has no largest value`;
  const found = derivatives(factor.argument, [theta]);
  const slope = found?.gradient[0];
  if (slope === undefined || !isZero(found!.hessian[0][0]) || containsSymbol(slope, theta.name))
    return `${printText(factor.argument)} is not linear in ${theta.name}`;
  const atZero = replace(factor.argument, (e) =>
    e.kind === 'symbol' ? (e.name === theta.name ? ZERO : e) : undefined,
  );
  const by = negate(slope);
  const isUnit = isNumber(by, 1) || isNumber(by, -1);
  const value = isUnit ? multiply(by, atZero) : multiply(atZero, power(by, -1));
  const other = symbolsOf(value).find((s) => s.role === 'parameter');
  // where it bends moves with the other: by turns they may both stand still below the maximum
  if (other !== undefined)
    return `${theta.name} and ${other.name} stand in one absolute value, ${printText(factor)}`;
  const { pieces, ranges } = withoutOnes([...others, value], t.sums, context);
  const rows = ranges.find((r) => r.index === context.rows?.index);
  if (rows === undefined || !dependsOn(value, rows.index))
    return `${printText(factor)} is no deviation of the rows`;
  const factors = [...pieces.filter((f) => f !== value), ...(isUnit ? [] : [apply('abs', by)])];
  const varies = (f: Expr): boolean => ranges.some((r) => dependsOn(f, r.index));
  return {
    ranges,
    common: multiply(number(-t.coefficient), ...factors.filter((f) => !varies(f))),
    weight: multiply(...factors.filter(varies)),
    value,
  };
}

import { add, condition, element, log, negate, running, shapeOf, subtract, sum } from '../algebra/build.js';
import { freshCoordinate } from '../algebra/normal.js';
import type { Expr } from '../algebra/types.js';
import type { Distribution } from './types.js';

/** log p(x) = −log(b − a) where a <= x <= b, coordinate by coordinate; −∞ elsewhere. */
export const uniform: Distribution = {
  source: 'Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions, vol. 2 (1995), 26.1',
  signature: {
    name: 'Uniform',
    values: [
      { domains: ['real', 'positive', 'unit'], rank: 0 },
      { domains: ['real', 'positive', 'unit'], rank: 1 },
    ],
    arguments: [
      { name: 'low', pattern: { kind: 'like-value', domain: 'real' }, named: false },
      { name: 'high', pattern: { kind: 'like-value', domain: 'real' }, named: false },
    ],
  },
  sample: ({ low, high }, random) => Array.from(low, (a, d) => a + (high[d] - a) * random.uniform()),
  logDensity: ({ value, arguments: { low, high } }) => {
    const one = (x: Expr, a: Expr, b: Expr): Expr =>
      add(negate(log(subtract(b, a))), log(condition('<=', a, x)), log(condition('<=', x, b)));
    const dim = shapeOf(value)[0];
    if (dim === undefined) return one(value, low, high);
    const d = freshCoordinate(add(value, low, high));
    const entry = (e: Expr): Expr => element(e, [running(d)]);
    return sum({ index: d, dim }, one(entry(value), entry(low), entry(high)));
  },
};

import { add, apply, log, multiply, negate, ONE } from '../algebra/build.js';
import type { Distribution } from './types.js';

/** log P(y) = y log λ − λ − log Γ(y + 1) for y = 0, 1, 2, … */
export const poisson: Distribution = {
  source: 'Johnson, Kemp, Kotz: Univariate Discrete Distributions (2005), 4.1',
  signature: {
    name: 'Poisson',
    values: [{ domains: ['count'], rank: 0 }],
    arguments: [{ name: 'rate', pattern: { kind: 'scalar', domain: 'positive' }, named: false }],
  },
  logDensity: ({ value, arguments: { rate } }) =>
    add(multiply(value, log(rate)), negate(rate), negate(apply('lgamma', add(value, ONE)))),
};

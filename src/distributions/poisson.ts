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
  // the number of exponential waits in unit time; large rates are split, since Poisson variables add
  sample: ({ rate }, random) => {
    let count = 0;
    for (let left = rate[0]; left > 0; left -= 30) {
      const end = Math.exp(-Math.min(left, 30));
      for (let p = random.uniform(); p > end; p *= random.uniform()) count++;
    }
    return [count];
  },
  logDensity: ({ value, arguments: { rate } }) =>
    add(multiply(value, log(rate)), negate(rate), negate(apply('lgamma', add(value, ONE)))),
};

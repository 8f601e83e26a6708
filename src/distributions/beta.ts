import { add, apply, log, multiply, negate, ONE, subtract } from '../algebra/build.js';
import { standardGamma } from './gamma.js';
import type { Distribution } from './types.js';

/** log p(x) = (a − 1) log x + (b − 1) log(1 − x) + log Γ(a + b) − log Γ(a) − log Γ(b) for 0 < x < 1. */
export const beta: Distribution = {
  source: 'Gelman et al.: Bayesian Data Analysis (2013), appendix A',
  signature: {
    name: 'Beta',
    values: [{ domains: ['unit'], rank: 0 }],
    arguments: [
      { name: 'a', pattern: { kind: 'scalar', domain: 'positive' }, named: false, edge: 0 },
      { name: 'b', pattern: { kind: 'scalar', domain: 'positive' }, named: false, edge: 1 },
    ],
  },
  sample: ({ a, b }, random) => {
    const x = standardGamma(a[0], random);
    return [x / (x + standardGamma(b[0], random))];
  },
  logDensity: ({ value, arguments: { a, b } }) =>
    add(
      multiply(subtract(a, ONE), log(value)),
      multiply(subtract(b, ONE), log(subtract(ONE, value))),
      apply('lgamma', add(a, b)),
      negate(apply('lgamma', a)),
      negate(apply('lgamma', b)),
    ),
};

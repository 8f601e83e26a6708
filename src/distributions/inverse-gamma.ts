import { add, apply, log, multiply, negate, ONE, power } from '../algebra/build.js';
import { standardGamma } from './gamma.js';
import type { Distribution } from './types.js';

/** log p(v) = a log b − log Γ(a) − (a + 1) log v − b / v with shape a and scale b: the prior of a variance. */
export const inverseGamma: Distribution = {
  source: 'Gelman et al.: Bayesian Data Analysis (2013), appendix A',
  signature: {
    name: 'InverseGamma',
    values: [{ domains: ['positive'], rank: 0 }],
    arguments: [
      { name: 'shape', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
      { name: 'scale', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
    ],
  },
  sample: ({ shape, scale }, random) => [scale[0] / standardGamma(shape[0], random)],
  logDensity: ({ value, arguments: { shape, scale } }) =>
    add(
      multiply(shape, log(scale)),
      negate(apply('lgamma', shape)),
      negate(multiply(add(shape, ONE), log(value))),
      negate(multiply(scale, power(value, -1))),
    ),
};

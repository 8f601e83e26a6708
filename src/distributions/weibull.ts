import { add, exp, log, multiply, negate, ONE, subtract } from '../algebra/build.js';
import type { Distribution } from './types.js';

/** log p(x) = log k − k log λ + (k − 1) log x − (x / λ)ᵏ, the power written exp(k (log x − log λ)). */
export const weibull: Distribution = {
  source: 'Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions, vol. 1 (1994), 21.2',
  signature: {
    name: 'Weibull',
    values: [{ domains: ['positive'], rank: 0 }],
    arguments: [
      { name: 'shape', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
      { name: 'scale', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
    ],
  },
  sample: ({ shape, scale }, random) => [scale[0] * (-Math.log(1 - random.uniform())) ** (1 / shape[0])],
  logDensity: ({ value, arguments: { shape, scale } }) =>
    add(
      log(shape),
      negate(multiply(shape, log(scale))),
      multiply(subtract(shape, ONE), log(value)),
      negate(exp(multiply(shape, subtract(log(value), log(scale))))),
    ),
};

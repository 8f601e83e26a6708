import { add, apply, log, multiply, negate, number, power, subtract } from '../algebra/build.js';
import type { Distribution } from './types.js';

/** log p(x) = −log 2b − |x − m| / b. */
export const laplace: Distribution = {
  source: 'Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions, vol. 2 (1995), 24.1',
  signature: {
    name: 'Laplace',
    values: [{ domains: ['real'], rank: 0 }],
    arguments: [
      { name: 'mean', pattern: { kind: 'like-value', domain: 'real' }, named: false },
      { name: 'scale', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
    ],
  },
  sample: ({ mean, scale }, random) => {
    const u = random.uniform() - 0.5;
    return [mean[0] - scale[0] * Math.sign(u) * Math.log(1 - 2 * Math.abs(u))];
  },
  logDensity: ({ value, arguments: { mean, scale } }) =>
    add(
      negate(log(multiply(number(2), scale))),
      negate(multiply(apply('abs', subtract(value, mean)), power(scale, -1))),
    ),
};

import { add, log, multiply, negate, power } from '../algebra/build.js';
import type { Distribution } from './types.js';

/** log p(x) = log λ − λ x for x > 0, with rate λ or mean 1 / λ. */
export const exponential: Distribution = {
  source: 'Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions 1 (1994), 19.1',
  signature: {
    name: 'Exponential',
    values: [{ domains: ['positive'], rank: 0 }],
    arguments: [
      { name: 'rate', pattern: { kind: 'scalar', domain: 'positive' }, named: true, alternative: 'scale' },
      { name: 'mean', pattern: { kind: 'scalar', domain: 'positive' }, named: true, alternative: 'scale' },
    ],
  },
  sample: ({ rate, mean }, random) => [-Math.log(1 - random.uniform()) * (mean?.[0] ?? 1 / rate[0])],
  logDensity: ({ value, arguments: { rate, mean } }) => {
    const lambda = rate ?? power(mean, -1);
    return add(log(lambda), negate(multiply(lambda, value)));
  },
};

import { add, log, multiply, number, power } from '../algebra/build.js';
import type { Distribution } from './types.js';

/** log p(x) = log x − 2 log s − x² / (2 s²): the length of a Gaussian vector in the plane. */
export const rayleigh: Distribution = {
  source: 'Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions, vol. 1 (1994), 18.10',
  signature: {
    name: 'Rayleigh',
    values: [{ domains: ['positive'], rank: 0 }],
    arguments: [{ name: 'scale', pattern: { kind: 'scalar', domain: 'positive' }, named: false }],
  },
  sample: ({ scale }, random) => [scale[0] * Math.sqrt(-2 * Math.log(1 - random.uniform()))],
  logDensity: ({ value, arguments: { scale } }) =>
    add(
      log(value),
      multiply(number(-2), log(scale)),
      multiply(number(-0.5), power(value, 2), power(scale, -2)),
    ),
};

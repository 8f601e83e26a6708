import { add, circle, HALF, log, multiply, number, power } from '../algebra/build.js';
import type { Distribution } from './types.js';

/**
 * log p(x) = ½ log λ − ½ log 2π − 3/2 log x − λ (x − μ)² / (2 μ² x), the square multiplied out: −λ x / (2 μ²) + λ / μ
 * − λ / (2 x).
 */
export const inverseGaussian: Distribution = {
  source: 'Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions, vol. 1 (1994), 15.2',
  signature: {
    name: 'InverseGaussian',
    values: [{ domains: ['positive'], rank: 0 }],
    arguments: [
      { name: 'mean', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
      { name: 'shape', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
    ],
  },
  // Michael, Schucany, Haas: Generating random variates using transformations with multiple roots (1976)
  sample: ({ mean, shape }, random) => {
    const [m, l] = [mean[0], shape[0]];
    const y = random.normal() ** 2;
    const x = m + (m * m * y) / (2 * l) - (m / (2 * l)) * Math.sqrt(4 * m * l * y + m * m * y * y);
    return [random.uniform() <= m / (m + x) ? x : (m * m) / x];
  },
  logDensity: ({ value, arguments: { mean, shape } }) =>
    add(
      multiply(HALF, log(shape)),
      multiply(number(-0.5), log(multiply(number(2), circle))),
      multiply(number(-1.5), log(value)),
      multiply(number(-0.5), shape, value, power(mean, -2)),
      multiply(shape, power(mean, -1)),
      multiply(number(-0.5), shape, power(value, -1)),
    ),
};

import {
  add,
  circle,
  inverse,
  log,
  logdet,
  multiply,
  number,
  power,
  quadratic,
  shapeOf,
  subtract,
} from '../algebra/build.js';
import { cholesky } from '../linear-algebra/cholesky.js';
import type { Distribution } from './types.js';

/**
 * log N(x | m, v) = −½ log(2π v) − ½ (x − m)² / v, and for vectors
 * log N(x | m, V) = −½ log|2π V| − ½ (x − m)ᵀ V⁻¹ (x − m).
 */
export const normal: Distribution = {
  source: 'Mardia, Kent, Bibby: Multivariate Analysis (1979), 2.5.1',
  signature: {
    name: 'Normal',
    values: [
      { domains: ['real'], rank: 0 },
      { domains: ['real'], rank: 1 },
    ],
    arguments: [
      { name: 'mean', pattern: { kind: 'like-value', domain: 'real' }, named: false },
      { name: 'scale', pattern: { kind: 'scale' }, named: false },
    ],
  },
  sample: ({ mean, scale }, random) => {
    const n = mean.length;
    const l = cholesky(scale, n);
    if (l === undefined) throw new RangeError('the covariance to draw from is not positive definite');
    const z = Array.from({ length: n }, () => random.normal());
    return z.map((_, i) => z.reduce((x, zj, j) => (j <= i ? x + l[i * n + j] * zj : x), mean[i]));
  },
  logDensity: ({ value, arguments: { mean, scale } }) => {
    const residual = subtract(value, mean);
    const twoPi = multiply(number(2), circle, scale);
    const isScalar = shapeOf(value).length === 0;
    return add(
      multiply(number(-0.5), isScalar ? log(twoPi) : logdet(twoPi)),
      multiply(number(-0.5), quadratic(residual, isScalar ? power(scale, -1) : inverse(scale))),
    );
  },
};

import {
  add,
  apply,
  circle,
  HALF,
  inverse,
  log,
  logdet,
  multiply,
  negate,
  number,
  ONE,
  power,
  quadratic,
  shapeOf,
  size,
  subtract,
} from '../algebra/build.js';
import { standardGamma } from './gamma.js';
import { normal } from './normal.js';
import type { Distribution } from './types.js';

/**
 * log t(x | ν, m, V) = log Γ((ν + D) / 2) − log Γ(ν / 2) − ½ D log(ν π) − ½ log|V|
 *                      − ½ (ν + D) log(1 + (x − m)ᵀ V⁻¹ (x − m) / ν).
 */
export const studentT: Distribution = {
  source: 'Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions, vol. 2 (1995), 28.1',
  signature: {
    name: 'StudentT',
    values: [
      { domains: ['real'], rank: 0 },
      { domains: ['real'], rank: 1 },
    ],
    arguments: [
      { name: 'df', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
      { name: 'mean', pattern: { kind: 'like-value', domain: 'real' }, named: false },
      { name: 'scale', pattern: { kind: 'scale' }, named: false },
    ],
  },
  sample: ({ df, mean, scale }, random) => {
    const u = standardGamma(df[0] / 2, random) / (df[0] / 2);
    const z = normal.sample!({ mean: Array.from(mean, () => 0), scale }, random);
    return z.map((x, d) => mean[d] + x / Math.sqrt(u));
  },
  logDensity: ({ value, arguments: { df, mean, scale } }) => {
    const isScalar = shapeOf(value).length === 0;
    const d = isScalar ? ONE : size(shapeOf(value)[0]);
    const distance = quadratic(subtract(value, mean), isScalar ? power(scale, -1) : inverse(scale));
    return add(
      apply('lgamma', multiply(HALF, add(df, d))),
      negate(apply('lgamma', multiply(HALF, df))),
      multiply(number(-0.5), d, log(multiply(df, circle))),
      multiply(number(-0.5), isScalar ? log(scale) : logdet(scale)),
      multiply(number(-0.5), add(df, d), log(add(ONE, multiply(distance, power(df, -1))))),
    );
  },
};

import {
  add,
  apply,
  circle,
  divide,
  inverse,
  log,
  logdet,
  multiply,
  number,
  ONE,
  position,
  product,
  shapeOf,
  size,
  subtract,
  sum,
  trace,
} from '../algebra/build.js';
import { freshCoordinate } from '../algebra/normal.js';
import type { Distribution } from './types.js';

/**
 * log p(V) = ½ ν log|Ψ| − ½ ν D log 2 − log Γ_D(ν / 2) − ½ (ν + D + 1) log|V| − ½ tr(Ψ V⁻¹), with degrees of freedom ν and
 * scale Ψ; log Γ_D(a) = ¼ D (D − 1) log π + Σ_d log Γ(a + ½ (1 − d)).
 */
export const inverseWishart: Distribution = {
  source: 'Gelman et al.: Bayesian Data Analysis (2013), appendix A',
  signature: {
    name: 'InverseWishart',
    values: [{ domains: ['covariance'], rank: 2 }],
    arguments: [
      { name: 'df', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
      { name: 'scale', pattern: { kind: 'matrix' }, named: false },
    ],
  },
  logDensity: ({ value, arguments: { df, scale } }) => {
    const dim = shapeOf(value)[0];
    const d = size(dim);
    const half = number(0.5);
    const index = freshCoordinate(df);
    const each = add(multiply(half, df), multiply(half, subtract(ONE, position(index))));
    return add(
      multiply(half, df, logdet(scale)),
      multiply(number(-0.5), df, d, log(number(2))),
      multiply(number(-1), divide(multiply(d, subtract(d, ONE)), number(4)), log(circle)),
      multiply(number(-1), sum({ index, dim }, apply('lgamma', each))),
      multiply(number(-0.5), add(df, d, ONE), logdet(value)),
      multiply(number(-0.5), trace(product(scale, inverse(value)))),
    );
  },
};

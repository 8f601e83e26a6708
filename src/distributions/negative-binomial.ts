import { add, apply, log, multiply, negate, ONE } from '../algebra/build.js';
import { standardGamma } from './gamma.js';
import { poisson } from './poisson.js';
import type { Distribution } from './types.js';

/**
 * log P(y) = log Γ(y + r) − log Γ(r) − log y! + r log r + y log μ − (r + y) log(r + μ) with mean μ and shape r: a Poisson
 * variable whose rate is gamma with shape r; its variance is μ + μ² / r.
 */
export const negativeBinomial: Distribution = {
  source: 'Johnson, Kemp, Kotz: Univariate Discrete Distributions (2005), 5.1',
  signature: {
    name: 'NegativeBinomial',
    values: [{ domains: ['count'], rank: 0 }],
    arguments: [
      { name: 'mean', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
      { name: 'shape', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
    ],
  },
  sample: ({ mean, shape }, random) =>
    poisson.sample!({ rate: [(standardGamma(shape[0], random) * mean[0]) / shape[0]] }, random),
  logDensity: ({ value, arguments: { mean, shape } }) =>
    add(
      apply('lgamma', add(value, shape)),
      negate(apply('lgamma', shape)),
      negate(apply('lgamma', add(value, ONE))),
      multiply(shape, log(shape)),
      multiply(value, log(mean)),
      negate(multiply(add(shape, value), log(add(shape, mean)))),
    ),
};

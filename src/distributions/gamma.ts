import { add, apply, log, multiply, negate, ONE, power, subtract } from '../algebra/build.js';
import type { Distribution } from './types.js';

/** log p(x) = a log b − log Γ(a) + (a − 1) log x − b x with shape a and rate b, or scale 1 / b. */
export const gamma: Distribution = {
  source: 'Gelman et al.: Bayesian Data Analysis (2013), appendix A',
  signature: {
    name: 'Gamma',
    values: [{ domains: ['positive'], rank: 0 }],
    arguments: [
      { name: 'shape', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
      { name: 'rate', pattern: { kind: 'scalar', domain: 'positive' }, named: true, alternative: 'scale' },
      { name: 'scale', pattern: { kind: 'scalar', domain: 'positive' }, named: true, alternative: 'scale' },
    ],
  },
  logDensity: ({ value, arguments: { shape, rate, scale } }) => {
    const b = rate ?? power(scale, -1);
    return add(
      multiply(shape, log(b)),
      negate(apply('lgamma', shape)),
      multiply(subtract(shape, ONE), log(value)),
      negate(multiply(b, value)),
    );
  },
};

import { add, apply, log, multiply, negate, ONE, power, subtract } from '../algebra/build.js';
import type { Distribution, Randomness } from './types.js';

/** A draw of rate one. Source: Marsaglia, Tsang: A simple method for generating gamma variables (2000). */
export function standardGamma(shape: number, random: Randomness): number {
  if (shape < 1) return standardGamma(shape + 1, random) * random.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** log p(x) = a log b − log Γ(a) + (a − 1) log x − b x with shape a and rate b, or scale 1 / b. */
export const gamma: Distribution = {
  source: 'Gelman et al.: Bayesian Data Analysis (2013), appendix A',
  signature: {
    name: 'Gamma',
    values: [{ domains: ['positive'], rank: 0 }],
    arguments: [
      { name: 'shape', pattern: { kind: 'scalar', domain: 'positive' }, named: false, edge: 0 },
      { name: 'rate', pattern: { kind: 'scalar', domain: 'positive' }, named: true, alternative: 'scale' },
      { name: 'scale', pattern: { kind: 'scalar', domain: 'positive' }, named: true, alternative: 'scale' },
    ],
  },
  sample: ({ shape, rate, scale }, random) => [standardGamma(shape[0], random) * (scale?.[0] ?? 1 / rate[0])],
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

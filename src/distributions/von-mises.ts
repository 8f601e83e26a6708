import { add, apply, circle, log, multiply, negate, number, subtract } from '../algebra/build.js';
import type { Distribution } from './types.js';

/** log p(x) = κ cos(x − m) − log 2π − log I₀(κ) for angles x in radians. */
export const vonMises: Distribution = {
  source: 'Mardia, Jupp: Directional Statistics (2000), 3.5.4',
  signature: {
    name: 'VonMises',
    values: [{ domains: ['real'], rank: 0 }],
    arguments: [
      { name: 'mean', pattern: { kind: 'like-value', domain: 'real' }, named: false },
      { name: 'concentration', pattern: { kind: 'scalar', domain: 'positive' }, named: false },
    ],
  },
  // Best, Fisher: Efficient simulation of the von Mises distribution (1979)
  sample: ({ mean, concentration }, random) => {
    const k = concentration[0];
    const t = 1 + Math.sqrt(1 + 4 * k * k);
    const rho = (t - Math.sqrt(2 * t)) / (2 * k);
    const r = (1 + rho * rho) / (2 * rho);
    for (;;) {
      const z = Math.cos(Math.PI * random.uniform());
      const f = (1 + r * z) / (r + z);
      const c = k * (r - f);
      const u = 1 - random.uniform();
      if (c * (2 - c) - u > 0 || Math.log(c / u) + 1 - c >= 0) {
        const angle = Math.acos(f);
        return [mean[0] + (random.uniform() < 0.5 ? -angle : angle)];
      }
    }
  },
  logDensity: ({ value, arguments: { mean, concentration } }) =>
    add(
      multiply(concentration, apply('cos', subtract(value, mean))),
      negate(log(multiply(number(2), circle))),
      negate(apply('logbesseli0', concentration)),
    ),
};

import { add, apply, log, multiply, negate, ONE, subtract } from '../algebra/build.js';
import type { Distribution } from './types.js';

/** log P(y) = y log p + (1 − y) log(1 − p) for y = 0, 1; with log odds η, y η − log(1 + e^η). */
export const bernoulli: Distribution = {
  source: 'Johnson, Kemp, Kotz: Univariate Discrete Distributions (2005), 3.2',
  signature: {
    name: 'Bernoulli',
    values: [{ domains: ['boolean'], rank: 0 }],
    arguments: [
      { name: 'p', pattern: { kind: 'scalar', domain: 'unit' }, named: false, alternative: 'probabilities' },
      {
        name: 'logits',
        pattern: { kind: 'scalar', domain: 'real' },
        named: true,
        alternative: 'probabilities',
      },
    ],
  },
  sample: ({ p, logits }, random) => {
    const probability = p?.[0] ?? 1 / (1 + Math.exp(-logits[0]));
    return [random.uniform() < probability ? 1 : 0];
  },
  logDensity: ({ value, arguments: { p, logits } }) =>
    p === undefined
      ? add(multiply(value, logits), negate(apply('softplus', logits)))
      : add(multiply(value, log(p)), multiply(subtract(ONE, value), log(subtract(ONE, p)))),
};

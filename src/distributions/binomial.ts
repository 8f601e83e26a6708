import { add, apply, log, multiply, negate, ONE, subtract } from '../algebra/build.js';
import type { Distribution } from './types.js';

/**
 * log P(y) = log n! − log y! − log(n − y)! + y log p + (n − y) log(1 − p) for y = 0 … n; with log odds η,
 * y η − n log(1 + e^η) in the place of the last two.
 */
export const binomial: Distribution = {
  source: 'Johnson, Kemp, Kotz: Univariate Discrete Distributions (2005), 3.1',
  signature: {
    name: 'Binomial',
    values: [{ domains: ['count'], rank: 0 }],
    arguments: [
      { name: 'n', pattern: { kind: 'scalar', domain: 'count' }, named: false },
      { name: 'p', pattern: { kind: 'scalar', domain: 'unit' }, named: false, alternative: 'probabilities' },
      {
        name: 'logits',
        pattern: { kind: 'scalar', domain: 'real' },
        named: true,
        alternative: 'probabilities',
      },
    ],
  },
  sample: ({ n, p, logits }, random) => {
    const probability = p?.[0] ?? 1 / (1 + Math.exp(-logits[0]));
    let count = 0;
    for (let t = 0; t < n[0]; t++) if (random.uniform() < probability) count++;
    return [count];
  },
  logDensity: ({ value, arguments: { n, p, logits } }) => {
    const failures = subtract(n, value);
    return add(
      apply('lgamma', add(n, ONE)),
      negate(apply('lgamma', add(value, ONE))),
      negate(apply('lgamma', add(failures, ONE))),
      p === undefined
        ? add(multiply(value, logits), negate(multiply(n, apply('softplus', logits))))
        : add(multiply(value, log(p)), multiply(failures, log(subtract(ONE, p)))),
    );
  },
};

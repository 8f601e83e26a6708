import { add, log, multiply, ONE, subtract } from '../algebra/build.js';
import type { Distribution } from './types.js';

/** log P(y) = log p + y log(1 − p): y failures before the first success. */
export const geometric: Distribution = {
  source: 'Johnson, Kemp, Kotz: Univariate Discrete Distributions (2005), 5.1',
  signature: {
    name: 'Geometric',
    values: [{ domains: ['count'], rank: 0 }],
    arguments: [{ name: 'p', pattern: { kind: 'scalar', domain: 'unit' }, named: false }],
  },
  sample: ({ p }, random) => [Math.floor(Math.log(1 - random.uniform()) / Math.log(1 - p[0]))],
  logDensity: ({ value, arguments: { p } }) => add(log(p), multiply(value, log(subtract(ONE, p)))),
};

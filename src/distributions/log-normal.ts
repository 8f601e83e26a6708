import { add, log, negate } from '../algebra/build.js';
import { normal } from './normal.js';
import type { Distribution } from './types.js';

/** log p(x) = log N(log x | m, v) − log x: the logarithm is normal. */
export const logNormal: Distribution = {
  source: 'Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions, vol. 1 (1994), 14.2',
  signature: {
    name: 'LogNormal',
    values: [{ domains: ['positive'], rank: 0 }],
    arguments: [
      { name: 'mean', pattern: { kind: 'like-value', domain: 'real' }, named: false },
      { name: 'scale', pattern: { kind: 'scale' }, named: false },
    ],
  },
  sample: (args, random) => normal.sample!(args, random).map(Math.exp),
  logDensity: ({ value, category, arguments: args }) =>
    add(normal.logDensity({ value: log(value), category, arguments: args }), negate(log(value))),
};

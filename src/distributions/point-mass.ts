import { condition, log } from '../algebra/build.js';
import type { Distribution } from './types.js';

/** All probability at one value v: log P(x) = log [x = v], 0 where x is v and −∞ elsewhere. */
export const pointMass: Distribution = {
  source: 'Lambert (1992): Zero-inflated Poisson regression, Technometrics 34, section 2',
  signature: {
    name: 'PointMass',
    values: [{ domains: ['count', 'real', 'positive', 'unit'], rank: 0 }],
    arguments: [{ name: 'value', pattern: { kind: 'like-value', domain: 'real' }, named: false }],
  },
  sample: ({ value }) => [value[0]],
  logDensity: ({ value: x, arguments: { value } }) => log(condition('=', x, value)),
};

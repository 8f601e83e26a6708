import { add, element, log, negate, running, shapeOf, sum } from '../algebra/build.js';
import { freshCoordinate } from '../algebra/normal.js';
import { normal } from './normal.js';
import type { Distribution } from './types.js';

/** log p(x) = log N(log x | m, V) − Σ_d log x_d: the logarithm is normal, of a number or of each coordinate. */
export const logNormal: Distribution = {
  source: 'Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions, vol. 1 (1994), 14.2',
  signature: {
    name: 'LogNormal',
    values: [
      { domains: ['positive'], rank: 0 },
      { domains: ['positive'], rank: 1 },
    ],
    arguments: [
      { name: 'mean', pattern: { kind: 'like-value', domain: 'real' }, named: false },
      { name: 'scale', pattern: { kind: 'scale' }, named: false },
    ],
  },
  sample: (args, random) => normal.sample!(args, random).map(Math.exp),
  logDensity: ({ value, category, arguments: args }) => {
    const [dim] = shapeOf(value);
    const index = freshCoordinate(value);
    const jacobian =
      dim === undefined ? log(value) : sum({ index, dim }, log(element(value, [running(index)])));
    return add(normal.logDensity({ value: log(value), category, arguments: args }), negate(jacobian));
  },
};

import { add, apply, element, log, multiply, negate, ONE, running, shapeOf, sum } from '../algebra/build.js';
import { freshCoordinate } from '../algebra/normal.js';
import type { Distribution } from './types.js';

/** log P(x) = log n! − Σ_c log x_c! + Σ_c x_c log p_c for counts x that sum to n. */
export const multinomial: Distribution = {
  source: 'Johnson, Kotz, Balakrishnan: Discrete Multivariate Distributions (1997), 35.1',
  signature: {
    name: 'Multinomial',
    values: [{ domains: ['count'], rank: 1 }],
    arguments: [
      { name: 'n', pattern: { kind: 'scalar', domain: 'count' }, named: false },
      { name: 'p', pattern: { kind: 'over-value', domain: 'simplex' }, named: false },
    ],
  },
  sample: ({ n, p }, random) => {
    const counts = Array.from(p, () => 0);
    for (let t = 0; t < n[0]; t++) {
      let left = random.uniform();
      let c = 0;
      while (c < p.length - 1 && (left -= p[c]) >= 0) c++;
      counts[c]++;
    }
    return counts;
  },
  logDensity: ({ value, arguments: { n, p } }) => {
    const c = freshCoordinate(add(value, p));
    const range = { index: c, dim: shapeOf(value)[0] };
    const x = element(value, [running(c)]);
    return add(
      apply('lgamma', add(n, ONE)),
      negate(sum(range, apply('lgamma', add(x, ONE)))),
      sum(range, multiply(x, log(element(p, [running(c)])))),
    );
  },
};

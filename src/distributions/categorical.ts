import { element, log } from '../algebra/build.js';
import type { Distribution } from './types.js';

/** log P(z = k) = log p[k]. */
export const categorical: Distribution = {
  source: 'Bishop: Pattern Recognition and Machine Learning (2006), 2.2',
  signature: {
    name: 'Categorical',
    values: [{ domains: ['plate', 'category'], rank: 0 }],
    arguments: [
      {
        name: 'p',
        pattern: { kind: 'over-value', domain: 'simplex' },
        named: false,
        alternative: 'probabilities',
      },
      {
        name: 'logits',
        pattern: { kind: 'over-value', domain: 'real' },
        named: true,
        alternative: 'probabilities',
      },
    ],
  },
  sample: ({ p }, random) => {
    let left = random.uniform();
    for (let k = 0; k < p.length - 1; k++) {
      left -= p[k];
      if (left < 0) return [k + 1];
    }
    return [p.length];
  },
  logDensity: ({ category, arguments: { p } }) => {
    if (category === undefined || p === undefined)
      throw new Error('Categorical: the value must be a category with p');
    return log(element(p, [category]));
  },
};

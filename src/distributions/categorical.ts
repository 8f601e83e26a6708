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
  logDensity: ({ category, arguments: { p } }) => {
    if (category === undefined || p === undefined)
      throw new Error('Categorical: the value must be a category with p');
    return log(element(p, [category]));
  },
};

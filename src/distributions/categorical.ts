import { element, log, logsumexp, running, shapeOf, subtract } from '../algebra/build.js';
import { dependsOn } from '../algebra/traverse.js';
import type { Distribution } from './types.js';

/** log P(z = k) = log p[k]; with logits η, log p[k] = η[k] − log Σ_l exp η[l]. */
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
  logDensity: ({ category, arguments: { p, logits } }) => {
    if (category === undefined) throw new Error('Categorical: the value must be a category');
    if (p !== undefined) return log(element(p, [category]));
    const range = { index: dependsOn(logits, 'l') ? 'l_' : 'l', dim: shapeOf(logits)[0] };
    return subtract(element(logits, [category]), logsumexp(range, element(logits, [running(range.index)])));
  },
};

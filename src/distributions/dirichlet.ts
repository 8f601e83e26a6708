import {
  add,
  apply,
  element,
  log,
  multiply,
  negate,
  number,
  running,
  shapeOf,
  size,
  subtract,
  sum,
  ONE,
} from '../algebra/build.js';
import { dependsOn } from '../algebra/traverse.js';
import type { Distribution } from './types.js';

/** log Dir(p | a) = log Γ(Σ a) − Σ_k log Γ(a_k) + Σ_k (a_k − 1) log p_k. */
export const dirichlet: Distribution = {
  source: 'Bishop: Pattern Recognition and Machine Learning (2006), 2.38',
  signature: {
    name: 'Dirichlet',
    values: [{ domains: ['simplex'], rank: 1 }],
    arguments: [
      { name: 'concentration', pattern: { kind: 'over-value', domain: 'positive' }, named: false, edge: 0 },
    ],
  },
  logDensity: ({ value, arguments: { concentration } }) => {
    const a = concentration;
    const dim = shapeOf(value)[0];
    const wanted = typeof dim === 'string' ? dim.toLowerCase() : 'k';
    const index = dependsOn(value, wanted) ? `${wanted}_` : wanted;
    const range = { index, dim };
    const entry = element(a, [running(index)]);
    const total = a.kind === 'fill' ? multiply(size(dim), a.value) : sum(range, entry);
    return add(
      apply('lgamma', total),
      negate(
        a.kind === 'fill'
          ? multiply(size(dim), apply('lgamma', a.value))
          : sum(range, apply('lgamma', entry)),
      ),
      sum(range, multiply(subtract(entry, ONE), log(element(value, [running(index)])))),
      number(0),
    );
  },
};

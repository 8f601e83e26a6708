/** The signatures of all distributions of the language, for tests of the front end alone. */
import type {
  ArgumentPattern,
  ArgumentSignature,
  DistributionSignature,
  Domain,
} from '../../src/model/types.js';

type Value = DistributionSignature['values'][number];

const number = (...domains: Domain[]): Value => ({ domains, rank: 0 });
const vector = (...domains: Domain[]): Value => ({ domains, rank: 1 });

const argument = (name: string, pattern: ArgumentPattern): ArgumentSignature => ({
  name,
  pattern,
  named: false,
});
const either = (
  name: string,
  pattern: ArgumentPattern,
  alternative: string,
  named: boolean,
): ArgumentSignature => ({
  name,
  pattern,
  named,
  alternative,
});

const REAL: ArgumentPattern = { kind: 'like-value', domain: 'real' };
const POSITIVE: ArgumentPattern = { kind: 'like-value', domain: 'positive' };
const UNIT: ArgumentPattern = { kind: 'like-value', domain: 'unit' };
const SCALE: ArgumentPattern = { kind: 'scale' };
const SCALAR_POSITIVE: ArgumentPattern = { kind: 'scalar', domain: 'positive' };
const COUNT: ArgumentPattern = { kind: 'scalar', domain: 'count' };
const over = (domain: 'simplex' | 'real' | 'positive'): ArgumentPattern => ({ kind: 'over-value', domain });

const reals = [number('real'), vector('real')];

export const signatures: readonly DistributionSignature[] = [
  { name: 'Normal', values: reals, arguments: [argument('mean', REAL), argument('scale', SCALE)] },
  {
    name: 'StudentT',
    values: reals,
    arguments: [argument('df', SCALAR_POSITIVE), argument('mean', REAL), argument('scale', SCALE)],
  },
  {
    name: 'LogNormal',
    values: [number('positive'), vector('positive')],
    arguments: [argument('mean', REAL), argument('scale', SCALE)],
  },
  {
    name: 'Laplace',
    values: [number('real')],
    arguments: [argument('mean', REAL), argument('scale', POSITIVE)],
  },
  {
    name: 'Uniform',
    values: [number('real', 'positive', 'unit'), vector('real', 'positive')],
    arguments: [argument('low', REAL), argument('high', REAL)],
  },
  {
    name: 'PointMass',
    values: [number('real', 'positive', 'count'), vector('real')],
    arguments: [argument('value', REAL)],
  },
  {
    name: 'Exponential',
    values: [number('positive')],
    arguments: [either('rate', POSITIVE, 'rate', true), either('mean', POSITIVE, 'rate', true)],
  },
  {
    name: 'Gamma',
    values: [number('positive')],
    arguments: [
      { ...argument('shape', POSITIVE), edge: 0 },
      either('rate', POSITIVE, 'rate', true),
      either('scale', POSITIVE, 'rate', true),
    ],
  },
  {
    name: 'InverseGamma',
    values: [number('positive')],
    arguments: [argument('shape', POSITIVE), argument('scale', POSITIVE)],
  },
  {
    name: 'InverseGaussian',
    values: [number('positive')],
    arguments: [argument('mean', POSITIVE), argument('shape', POSITIVE)],
  },
  {
    name: 'Weibull',
    values: [number('positive')],
    arguments: [argument('shape', POSITIVE), argument('scale', POSITIVE)],
  },
  {
    name: 'Beta',
    values: [number('unit')],
    arguments: [
      { ...argument('a', POSITIVE), edge: 0 },
      { ...argument('b', POSITIVE), edge: 1 },
    ],
  },
  {
    name: 'VonMises',
    values: [number('real')],
    arguments: [argument('mean', REAL), argument('concentration', POSITIVE)],
  },
  {
    name: 'Bernoulli',
    values: [number('boolean')],
    arguments: [either('p', UNIT, 'p', false), either('logits', REAL, 'p', true)],
  },
  {
    name: 'Binomial',
    values: [number('count')],
    arguments: [argument('n', COUNT), either('p', UNIT, 'p', false), either('logits', REAL, 'p', true)],
  },
  {
    name: 'Categorical',
    values: [number('plate', 'category')],
    arguments: [either('p', over('simplex'), 'p', false), either('logits', over('real'), 'p', true)],
  },
  {
    name: 'Multinomial',
    values: [vector('count')],
    arguments: [argument('n', COUNT), argument('p', over('simplex'))],
  },
  { name: 'Poisson', values: [number('count')], arguments: [argument('rate', POSITIVE)] },
  { name: 'Geometric', values: [number('count')], arguments: [argument('p', UNIT)] },
  {
    name: 'NegativeBinomial',
    values: [number('count')],
    arguments: [argument('mean', POSITIVE), argument('shape', POSITIVE)],
  },
  {
    name: 'Dirichlet',
    values: [vector('simplex')],
    arguments: [{ ...argument('concentration', over('positive')), edge: 0 }],
  },
  {
    name: 'InverseWishart',
    values: [{ domains: ['covariance'], rank: 2 }],
    arguments: [argument('df', { kind: 'scalar', domain: 'real' }), argument('scale', { kind: 'matrix' })],
  },
];

/** The words of the language that are not reserved by the grammar: types, functions, distributions. */
import type { Domain, ScaleKind } from './types.js';

interface TypeWord {
  readonly domain: Domain;
  /** how many sizes it may be written with */
  readonly sizes: readonly number[];
  /** one size stands for a square matrix */
  readonly isSquare?: true;
  readonly scale?: ScaleKind;
  readonly spellings: readonly string[];
}

export const TYPES: Readonly<Record<string, TypeWord>> = {
  real: { domain: 'real', sizes: [0, 1, 2], spellings: ['real', 'real[D]', 'real[P, D]'] },
  positive: {
    domain: 'positive',
    sizes: [0, 1, 2],
    spellings: ['positive', 'positive[D]', 'positive[P, D]'],
  },
  unit: { domain: 'unit', sizes: [0, 1], spellings: ['unit', 'unit[D]'] },
  simplex: { domain: 'simplex', sizes: [1], spellings: ['simplex[k]'] },
  variance: { domain: 'positive', sizes: [0, 1], scale: 'variance', spellings: ['variance', 'variance[D]'] },
  sd: { domain: 'positive', sizes: [0, 1], scale: 'sd', spellings: ['sd', 'sd[D]'] },
  precision: {
    domain: 'positive',
    sizes: [0, 1, 2],
    scale: 'precision',
    spellings: ['precision', 'precision[D]', 'precision[D, D]'],
  },
  covariance: {
    domain: 'covariance',
    sizes: [1],
    isSquare: true,
    scale: 'variance',
    spellings: ['covariance[D]'],
  },
  orthogonal: { domain: 'orthogonal', sizes: [1], isSquare: true, spellings: ['orthogonal[D]'] },
  shape: { domain: 'shape', sizes: [1], spellings: ['shape[D]'] },
  count: { domain: 'count', sizes: [0, 1], spellings: ['count', 'count[D]'] },
  boolean: { domain: 'boolean', sizes: [0], spellings: ['boolean'] },
  category: { domain: 'category', sizes: [1], spellings: ['category[C]'] },
};

export const FUNCTIONS = ['dot', 'diag', 'log', 'exp', 'sqrt', 'logistic', 'sum', 'softmax'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
export const isFunction = (name: string): name is FunctionName =>
  (FUNCTIONS as readonly string[]).includes(name);

export const IDENTITY = 'I';

export const SCALE_KINDS: readonly ScaleKind[] = ['variance', 'sd', 'precision'];
export const isScaleKind = (name: string): name is ScaleKind =>
  (SCALE_KINDS as readonly string[]).includes(name);

/** What other systems call ours; not accepted, and answered with our word. */
export const SYNONYMS: Readonly<Record<string, string>> = {
  Gaussian: 'Normal',
  MvNormal: 'Normal',
  MultiNormal: 'Normal',
  MultivariateNormal: 'Normal',
  T: 'StudentT',
  Student: 'StudentT',
  Discrete: 'Categorical',
  Delta: 'PointMass',
  Dirac: 'PointMass',
  InvGamma: 'InverseGamma',
  InvWishart: 'InverseWishart',
  float: 'real',
  double: 'real',
  number: 'real',
  vector: 'real',
  matrix: 'real',
  int: 'count',
  integer: 'count',
  bool: 'boolean',
  probability: 'unit',
  var: 'variance',
  std: 'sd',
  stddev: 'sd',
  cov: 'covariance',
  cov_matrix: 'covariance',
  factor: 'category',
  sigmoid: 'logistic',
  expit: 'logistic',
  ln: 'log',
};

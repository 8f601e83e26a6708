/** What a fit looks like on a terminal: compare the golden file with your eyes. */
import { expect, it } from 'vitest';
import type { FitFile } from '../../src/fit/fit-file.js';
import type { Domain, Model, Parameter, Size, SpanId, SymbolName } from '../../src/model/types.js';
import { fitText } from '../../src/report/fit-text.js';

const span = 0 as SpanId;
const id = (name: string): SymbolName => name as SymbolName;
const D: Size = { kind: 'named', name: 'D' };
const overK: Size = { kind: 'plate', plate: id('k') };

function parameter(
  name: string,
  domain: Domain,
  shape: readonly Size[],
  plates: readonly string[],
  documentation?: string,
): Parameter {
  const documented = documentation === undefined ? {} : { documentation };
  const places = { span, typeSpan: span };
  return {
    role: 'parameter',
    name: id(name),
    plates: plates.map(id),
    type: { domain, shape },
    prior: undefined,
    ...places,
    ...documented,
  };
}

function model(parameters: readonly Parameter[], title?: string): Model {
  return {
    name: 'OldFaithful',
    title,
    documentation: undefined,
    plates: [{ name: id('k'), range: { kind: 'count', upTo: { kind: 'constant', name: id('K') } }, span }],
    constants: [],
    sizes: [{ name: 'D', value: undefined, span }],
    parameters,
    latents: [
      {
        role: 'latent',
        name: id('z'),
        plates: [id('i')],
        type: { domain: 'plate', shape: [], plate: id('k') },
        line: undefined,
        labels: undefined,
        span,
        typeSpan: span,
      },
    ],
    data: [
      {
        role: 'data',
        name: id('x'),
        plates: [id('i')],
        type: { domain: 'real', shape: [D] },
        line: undefined,
        from: [],
        as: undefined,
        span,
        typeSpan: span,
      },
    ],
    definitions: [],
    factors: [],
    constraints: [],
    limit: undefined,
    spans: [],
  };
}

const faithful: FitFile = {
  schema: 'gmm-fit/1',
  version: '0.1.0',
  model: { name: 'OldFaithful', file: 'a.gmm', sha256: '', source: '', constants: { K: 2 } },
  engine: { name: 'reference', device: 'cpu', precision: 'float64', threads: 1, version: '' },
  data: { rows: 272, columns: { x: ['eruptions', 'waiting'] }, weights: null, levels: {} },
  fit: {
    objective: 'logLikelihood',
    algorithm: 'em',
    newton: [],
    tangents: [],
    logLikelihood: -1130.263957,
    logPosterior: null,
    inertia: null,
    iterations: 37,
    converged: true,
    closedForm: false,
    degreesOfFreedom: 11,
    bic: 2322.1917,
    aic: 2282.5279,
    icl: 2322.7,
    seed: '1',
    restarts: 10,
    failedRestarts: 1,
    bestRestart: 3,
    startRows: null,
    precisionLoss: null,
    trace: [],
  },
  parameters: {
    pi: [0.644127, 0.355873],
    mu: [
      [4.28966, 79.9681],
      [2.03639, 54.4785],
    ],
    Sigma: [
      [
        [0.16997, 0.94061],
        [0.94061, 36.0462],
      ],
      [
        [0.0691677, 0.435168],
        [0.435168, 33.6973],
      ],
    ],
    s2: 1e-7,
  },
  timings: { totalMs: 123, loadMs: 1, compileMs: 1, startMs: 1, iterationsMs: [] },
  warnings: [],
};

const golden = (name: string): string => `./golden/${name}.txt`;

it('a full covariance for each component', async () => {
  const text = fitText(
    faithful,
    model(
      [
        parameter('pi', 'simplex', [overK], [], 'share of each kind of eruption'),
        parameter(
          'mu',
          'real',
          [D],
          ['k'],
          'typical length of an eruption and wait for the next, in minutes',
        ),
        parameter('Sigma', 'covariance', [D, D], ['k']),
        parameter('s2', 'positive', [], []),
      ],
      'Eruptions of the Old Faithful geyser',
    ),
  );
  await expect(text).toMatchFileSnapshot(golden('fit-faithful'));
});

it('many components, many columns, labels, a k-means', async () => {
  const columns = Array.from({ length: 8 }, (_, d) => `measurement ${String(d + 1)}`);
  const components = Array.from({ length: 9 }, (_, k) => k);
  const text = fitText(
    {
      ...faithful,
      data: {
        rows: 1e6,
        columns: { x: columns },
        weights: 'w',
        levels: { z: components.map((k) => `kind ${String(k)}`) },
      },
      fit: {
        ...faithful.fit,
        objective: 'inertia',
        logLikelihood: null,
        degreesOfFreedom: null,
        bic: null,
        aic: null,
        icl: null,
        inertia: 4e-8,
        converged: false,
        restarts: 1,
        failedRestarts: 0,
      },
      parameters: {
        mu: components.map((k) => columns.map((_, d) => (k - 4) * 10 ** d)),
        Sigma: columns.map((_, a) => columns.map((__, b) => (a === b ? 10 ** a : 0))),
        w: columns.map((_, d) => d),
      },
    },
    model([
      parameter('mu', 'real', [D], ['k']),
      parameter('Sigma', 'covariance', [D, D], []),
      parameter('w', 'real', [{ kind: 'number', value: 8 }], []),
    ]),
  );
  await expect(text).toMatchFileSnapshot(golden('fit-many'));
  expect(Math.max(...text.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(100);
});

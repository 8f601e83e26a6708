/** Fits of real data against numbers that other programs computed: see test/oracle and shared/reference. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import { exampleData, exampleSource, examples, root } from '../models.js';
import { at, expectClose, expectParameters, fitExample, report } from './fits.js';
import type { Parameters } from './fits.js';
import type { FitArguments } from '../../src/index.js';

interface Oracle {
  /** the program and how it was called */
  readonly by: string;
  readonly start?: Parameters;
  readonly closedForm?: boolean;
  readonly logLikelihood?: number;
  readonly inertia?: number;
  readonly parameters: Parameters;
}

const oracles = (
  JSON.parse(readFileSync(join(root, 'test/oracle/fits.json'), 'utf8')) as {
    readonly fits: Readonly<Record<string, Oracle>>;
  }
).fits;

/** The rest of models/: test/oracle/zoo.py, and mclust for covariance families. */
const zoo = (
  JSON.parse(readFileSync(join(root, 'test/oracle/zoo.json'), 'utf8')) as {
    readonly fits: Readonly<Record<string, ZooOracle>>;
  }
).fits;

interface ZooOracle {
  readonly start: Parameters;
  /** log-likelihood plus log prior density */
  readonly objective: number;
  readonly logLikelihood: number;
  readonly parameters: Parameters;
}

it('every example has numbers of another program', () => {
  const families = examples.filter((e) => e.model.startsWith('covariance')).map((e) => e.name);
  expect([...Object.keys(oracles), ...Object.keys(zoo), ...families].sort()).toEqual(
    examples.map((e) => e.name).sort(),
  );
});

describe('models of every kind: the maximum that scipy finds from the same start', () => {
  it.each(Object.entries(zoo))('%s', async (name, oracle) => {
    const { closedForm } = report(await fitExample(name, { restarts: 1 }));
    const fit = await fitExample(name, closedForm ? {} : { tolerance: 1e-13, start: at(oracle.start) });
    expectClose(fit.logPosterior ?? fit.logLikelihood, oracle.objective, 1e-8);
    expectClose(fit.logLikelihood, oracle.logLikelihood, 1e-6);
    // a few zeros more or less in the smaller component: its p is nearly free
    if (name === 'geometric') return;
    // gating weights are the same up to what is added to all of them
    const { v: _, ...found } = fit.parameters;
    const { v: __, ...expected } = oracle.parameters;
    expectParameters(
      name === 'experts' ? found : fit.parameters,
      name === 'experts' ? expected : oracle.parameters,
      2e-3,
    );
  });

  // starts of its own: at least as high, but for rounding
  it.each(Object.entries(zoo))('%s, starts of its own', async (name, oracle) => {
    const fit = await fitExample(name);
    expect(fit.logPosterior ?? fit.logLikelihood).toBeGreaterThan(
      oracle.objective - 1e-4 * Math.abs(oracle.objective),
    );
  });
});

describe('the same maximum as another program', () => {
  it.each(Object.entries(oracles))('%s', async (name, oracle) => {
    const start = oracle.start === undefined ? {} : { start: at(oracle.start) };
    const fit = await fitExample(name, { tolerance: 1e-14, ...start });
    expect(fit.converged).toBe(true);
    if (oracle.inertia === undefined) expectClose(fit.logLikelihood, oracle.logLikelihood!, 1e-10);
    else expectClose(fit.inertia, oracle.inertia, 1e-12);
    expectParameters(fit.parameters, oracle.parameters, 2e-5);
  });
});

describe('by default', () => {
  it.each(Object.keys(oracles))('%s reaches it from starts of its own', async (name) => {
    const oracle = oracles[name];
    const fit = await fitExample(name, { tolerance: 1e-12 });
    expect(fit.converged).toBe(true);
    if (oracle.inertia !== undefined) expectClose(fit.inertia, oracle.inertia, 1e-9);
    // a maximum that is higher still is none of the other program's business
    else
      expect(fit.logLikelihood).toBeGreaterThan(
        oracle.logLikelihood! - 1e-6 * Math.abs(oracle.logLikelihood!),
      );
  });
});

describe('closed forms', () => {
  it.each(Object.entries(oracles).filter(([, o]) => o.closedForm))(
    '%s takes one step',
    async (name, oracle) => {
      const fit = await fitExample(name);
      const { closedForm, iterations, converged, trace, restarts } = report(fit);
      expect([closedForm, iterations, converged, trace.length, restarts]).toEqual([true, 1, true, 2, 1]);
      expectClose(fit.logLikelihood, oracle.logLikelihood!, 1e-13);
      expectParameters(fit.parameters, oracle.parameters, 1e-11);
    },
  );
});

const faithful = join(root, 'models/data/faithful.csv');
const iris = join(root, 'models/data/iris.csv');

/** Converged maxima of shared/reference/README.md: R mclust 6.0.0 and scikit-learn 1.9.1. */
describe('published maxima', () => {
  /** the model without the names of its columns */
  const sourceOf = (name: string): string =>
    exampleSource(examples.find((e) => e.name === name)!).replace(/ from .* ~/, ' ~');
  const geyser = (options: FitArguments = {}): FitArguments => ({
    bind: { x: ['eruptions', 'waiting'] },
    set: { K: 2 },
    ...options,
  });
  const flowers: FitArguments = {
    bind: { x: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'] },
    set: { K: 3 },
  };
  const waiting: FitArguments = { bind: { velocity: ['waiting'] }, set: { K: 2 } };
  it.each([
    ['Old Faithful', 'old-faithful', faithful, geyser(), -1130.26396],
    ['Old Faithful', 'tied', faithful, geyser(), -1140.186759],
    ['Old Faithful', 'diagonal', faithful, geyser(), -1147.806353],
    ['Old Faithful', 'tied-diagonal', faithful, geyser(), -1157.680012],
    ['Old Faithful', 'spherical', faithful, geyser(), -1709.529282],
    ['Old Faithful', 'tied-spherical', faithful, geyser(), -1709.681373],
    ['Old Faithful, K = 1,', 'old-faithful', faithful, geyser({ set: { K: 1 } }), -1289.796745],
    ['waiting alone', 'galaxies', faithful, waiting, -1034.00175],
    ['iris', 'spherical', iris, flowers, -384.314095],
    ['iris', 'tied', iris, flowers, -256.354043],
    ['iris', 'diagonal', iris, flowers, -306.860461],
    ['iris', 'old-faithful', iris, flowers, -180.185477],
  ] as const)('%s %s', async (_, model, data, options, expected) => {
    const fit = await compile(sourceOf(model)).fit(data, { tolerance: 1e-12, ...options });
    expect(fit.converged).toBe(true);
    expectClose(fit.logLikelihood, expected, 2e-9);
  });

  it('waiting alone, equal variances', async () => {
    const source = sourceOf('galaxies').replace('s[k]  : sd', 's : sd').replace('s[z[i]]', 's');
    const fit = await compile(source).fit(faithful, { tolerance: 1e-12, ...waiting });
    expectClose(fit.logLikelihood, -1034.00176, 1e-9);
  });

  it('Old Faithful, the components', async () => {
    const { parameters } = await fitExample('old-faithful', { tolerance: 1e-12 });
    expectParameters(
      { pi: parameters['pi'], mu: parameters['mu'] },
      {
        pi: [0.64413, 0.35587],
        mu: [
          [4.289662, 79.968115],
          [2.036388, 54.478516],
        ],
      },
      1e-5,
    );
  });

  it.each([
    ['iris', iris, flowers, 78.851441426, [62, 50, 38]],
    ['Old Faithful', faithful, geyser(), 8901.768720947, [172, 100]],
    ['Old Faithful', faithful, geyser({ set: { K: 3 } }), 5188.540468, undefined],
  ] as const)('k-means on %s', async (_, data, options, expected, sizes) => {
    const model = compile(sourceOf('k-means'));
    const fit = await model.fit(data, { bind: {}, ...options });
    expectClose(fit.inertia, expected, 1e-9);
    expect([fit.logLikelihood, fit.degreesOfFreedom, fit.bic, fit.aic, fit.icl]).toEqual(Array(5).fill(null));
    if (sizes === undefined) return;
    const component = await fit.predict(data);
    expect(sizes.map((_size, k) => component.filter((z) => z === k + 1).length)).toEqual([...sizes]);
  });
});

describe('missing cells', () => {
  // Murray (1977): two maxima at rho = ±0.5, variance 8/3, and a saddle between them
  it.each([0.4, -0.4])('Murray’s twelve rows from a covariance of %d', async (covariance) => {
    const murray = compile(
      'model Murray\nplate i over rows\nparam Sigma : covariance[2]\ndata x[i] : real[2] from a, b ~ Normal(0, Sigma)\n',
    );
    const a = [1, 1, -1, -1, 2, 2, -2, -2, null, null, null, null];
    const b = [1, -1, 1, -1, null, null, null, null, 2, 2, -2, -2];
    const start = at({
      Sigma: [
        [2.5, covariance],
        [covariance, 2.5],
      ],
    });
    const fit = await murray.fit({ a, b }, { start, tolerance: 1e-14 });
    expectClose(fit.logLikelihood, -29.97428641, 1e-9);
    const c = (Math.sign(covariance) * 4) / 3;
    expectParameters(
      fit.parameters,
      {
        Sigma: [
          [8 / 3, c],
          [c, 8 / 3],
        ],
      },
      1e-5,
    );
  });
});

it('missing cells beside known classes: each class is a Gaussian of its own', async () => {
  // class by class and column by column, since the variances are independent: the mean and variance of what is observed
  const source = `model Classes
const K = 2
plate i over rows
plate k in 1..K
param pi   : simplex[k]
param mu[k] : real[2]
param v[k]  : variance[2]
data kind[i] : k ~ Categorical(pi)
data x[i] : real[2] from a, b ~ Normal(mu[kind[i]], diag(v[kind[i]]))
`;
  const table = {
    kind: ['p', 'p', 'p', 'q', 'q', 'q'],
    a: [1, null, 3, 10, 14, null],
    b: [0, 2, 4, null, 5, 7],
  };
  const { parameters } = await compile(source).fit(table, { tolerance: 1e-15, maxIterations: 2000 });
  expectParameters(
    parameters,
    {
      pi: [0.5, 0.5],
      mu: [
        [2, 2],
        [12, 6],
      ],
      v: [
        [1, 8 / 3],
        [4, 1],
      ],
    },
    1e-6,
  );
});

it('two rows far apart, with a floor under the variances', async () => {
  const source = `model Floor
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real
param s2[k] : variance
latent z[i] : k    ~ Categorical(pi)
data   x[i] : real ~ Normal(mu[z[i]], s2[z[i]])
constrain s2[k] >= 0.1
`;
  const start = { kind: 'labels', labels: { z: [1, 2] } } as const;
  const { parameters } = await compile(source).fit({ x: Float64Array.of(9999, 0) }, { start });
  expectParameters(parameters, { pi: [0.5, 0.5], mu: [9999, 0], s2: [0.1, 0.1] }, 1e-9);
});

it('criteria follow from the log-likelihood', async () => {
  const fit = await fitExample('old-faithful', { tolerance: 1e-12 });
  expect(fit.degreesOfFreedom).toBe(11);
  expectClose(fit.bic, -2 * fit.logLikelihood! + 11 * Math.log(272), 1e-14);
  expectClose(fit.aic, -2 * fit.logLikelihood! + 22, 1e-14);
  const r = await fit.predictProba(exampleData(examples.find((e) => e.name === 'old-faithful')!));
  const icl = fit.bic! - 2 * r.reduce((s, row) => s + Math.log(Math.max(...row)), 0);
  expectClose(fit.icl, icl, 1e-12);
});

/** What must not matter, or must be the same said in another way: weights, labels, the order of rows, K = 1. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import { stream } from '../../src/random.js';
import {
  at,
  clusters,
  expectClose,
  expectParameters,
  kMeans,
  report,
  twoGroups,
  univariate,
} from './fits.js';
import type { Columns, Parameters } from './fits.js';
import type { FitArguments } from '../../src/index.js';

const full = `model Full
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real[2]
param S[k]  : covariance[2]
latent z[i] : k       ~ Categorical(pi)
data   x[i] : real[2] from a, b ~ Normal(mu[z[i]], S[z[i]])
`;
const lines = `model Lines
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param c[k]  : real[2]
param s2[k] : variance
data  a[i] : real
let   phi[i] = [1, a[i]]
latent z[i] : k    ~ Categorical(pi)
data   b[i] : real ~ Normal(dot(c[z[i]], phi[i]), s2[z[i]])
`;

const [a, b] = clusters(
  [
    [0, 0],
    [3, 4],
    [3, 4],
  ],
  60,
);
const identity = [
  [1, 0],
  [0, 1],
];
const starts: Readonly<Record<string, NonNullable<FitArguments['start']>>> = {
  full: at({
    pi: [0.4, 0.6],
    mu: [
      [0, 0],
      [3, 4],
    ],
    S: [identity, identity],
  }),
  lines: at({
    pi: [0.5, 0.5],
    c: [
      [0, 1],
      [2, 0],
    ],
    s2: [2, 2],
  }),
  'k-means': at({
    mu: [
      [0, 1],
      [2, 4],
      [4, 4],
    ],
  }),
};
const models = { full, lines, 'k-means': kMeans };
const withWeights = (source: string): string => `${source}data w[i] : positive as weight\n`;

const fit = (source: string, table: Columns, name: string, options: FitArguments = {}) =>
  compile(source).fit(table, { start: starts[name], tolerance: 1e-12, ...options });

describe.each(Object.entries(models))('%s', (name, source) => {
  const objective = (f: Awaited<ReturnType<typeof fit>>): number => f.inertia ?? f.logLikelihood!;

  it('weight w is w copies of the row, and weight 0 leaves it out', async () => {
    const w = Float64Array.from(a, (_, i) => i % 4);
    const copy = (column: Float64Array): Float64Array =>
      Float64Array.from([...column].flatMap((v, i) => Array.from({ length: w[i] }, () => v)));
    const weighted = await fit(withWeights(source), { a, b, w }, name);
    const copied = await fit(source, { a: copy(a), b: copy(b) }, name);
    expectClose(objective(weighted), objective(copied), 1e-12);
    expectParameters(weighted.parameters, copied.parameters, 1e-8);
    if (name !== 'k-means')
      for (const c of ['bic', 'aic', 'icl'] as const) expectClose(weighted[c], copied[c], 1e-9);
    expect(weighted.degreesOfFreedom).toBe(copied.degreesOfFreedom);
  });

  it('a row of weight 0 does not matter, wherever it is', async () => {
    const w = new Float64Array(61).fill(1);
    w[60] = 0;
    const beyond = { a: Float64Array.of(...a, 1e4), b: Float64Array.of(...b, -1e4), w };
    const with0 = await fit(withWeights(source), beyond, name, { tolerance: 0, maxIterations: 20 });
    const without = await fit(source, { a, b }, name, { tolerance: 0, maxIterations: 20 });
    expectClose(objective(with0), objective(without), 1e-13);
    expectParameters(with0.parameters, without.parameters, 1e-12);
  });

  it('fractional weights: what the sums say', async () => {
    const w = Float64Array.from(a, (_, i) => 0.25 * (1 + (i % 3)));
    const quarter = await fit(withWeights(source), { a, b, w }, name);
    const whole = await fit(withWeights(source), { a, b, w: w.map((v) => 4 * v) }, name);
    expectClose(4 * objective(quarter), objective(whole), 1e-12);
    expectParameters(quarter.parameters, whole.parameters, 1e-10);
  });

  it('the order of the rows does not matter beyond rounding', async () => {
    const random = stream('rows', 'shuffle');
    const order = Array.from(a, (_, i) => i);
    for (let i = order.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    const shuffle = (column: Float64Array): Float64Array => Float64Array.from(order, (i) => column[i]);
    const options = { tolerance: 0, maxIterations: 25 };
    const one = await fit(source, { a, b }, name, options);
    const two = await fit(source, { a: shuffle(a), b: shuffle(b) }, name, options);
    expectClose(objective(two), objective(one), 1e-12);
    expectParameters(two.parameters, one.parameters, 1e-10);
  });

  it('one component is no mixture', async () => {
    const single = await compile(source.replace(/K = \d/, 'K = 1')).fit({ a, b });
    const bare = source
      .replace(/const K.*\n/, '')
      .replace(/plate k.*\n/, '')
      .replace(/param pi.*\n/, '')
      .replace(/latent.*\n/, '')
      .replaceAll('[k]', '')
      .replaceAll('[z[i]]', '');
    if (name === 'k-means') {
      // the inertia about the mean
      const spread = [a, b].reduce((s, column) => {
        const mean = column.reduce((x, v) => x + v, 0) / column.length;
        return s + column.reduce((x, v) => x + (v - mean) ** 2, 0);
      }, 0);
      expectClose(single.inertia, spread, 1e-13);
      return;
    }
    const plain = await compile(bare).fit({ a, b });
    expectClose(single.logLikelihood, plain.logLikelihood, 1e-13);
    expect(single.degreesOfFreedom).toBe(plain.degreesOfFreedom);
    expect(report(plain).closedForm).toBe(true);
    const { pi, ...others } = single.parameters;
    expect(pi).toEqual([1]);
    const first = Object.fromEntries(
      Object.entries(others).map(([key, v]) => [key, (v as Parameters[string][])[0]]),
    );
    expectParameters(first, plain.parameters, 1e-11);
  });
});

describe('known labels', () => {
  const x = twoGroups(80);
  const labelled = compile(univariate.replace(': k    ~ Cat', ': k from kind ~ Cat'));
  const truth = Array.from(x, (_, i) => (i % 4 === 0 ? 1 : 2));

  it('when every row has one, the fit is the closed form of each group', async () => {
    const fitted = await labelled.fit({ x, kind: truth });
    const groups = [1, 2].map((k) => {
      const own = x.filter((_, i) => truth[i] === k);
      const mean = own.reduce((s, v) => s + v, 0) / own.length;
      return { n: own.length, mean, variance: own.reduce((s, v) => s + (v - mean) ** 2, 0) / own.length };
    });
    expectParameters(
      fitted.parameters,
      { pi: groups.map((g) => g.n / 80), mu: groups.map((g) => g.mean), s2: groups.map((g) => g.variance) },
      1e-13,
    );
    const expected = groups.reduce(
      (s, g) => s + g.n * (Math.log(g.n / 80) - 0.5 * (Math.log(2 * Math.PI * g.variance) + 1)),
      0,
    );
    expectClose(fitted.logLikelihood, expected, 1e-13);
    expect(fitted.converged).toBe(true);
  });

  it('stay through the whole fit, against what the column says', async () => {
    // the first of the rows about 6 is labelled as one of those about 0, with all the weight in the world
    const kind = truth.map((k, i) => (i === 1 ? 1 : i < 12 ? k : null));
    const w = Float64Array.from(x, (_, i) => (i === 1 ? 1e6 : 1));
    const weighted = compile(
      `${univariate.replace(': k    ~ Cat', ': k from kind ~ Cat')}data w[i] : positive as weight\n`,
    );
    const fitted = await weighted.fit({ x, kind, w });
    expect((fitted.parameters['mu'] as number[])[0]).toBeCloseTo(x[1], 2);
  });

  it('count log pi[k] plus the log density, not the sum over k', async () => {
    const start = at({ pi: [0.3, 0.7], mu: [0, 6], s2: [1, 2] });
    const kind = truth.map((k, i) => (i < 10 ? k : null));
    const { trace } = report(await labelled.fit({ x, kind }, { start, maxIterations: 1 }));
    const logJoint = (v: number, k: number): number =>
      Math.log([0.3, 0.7][k]) -
      0.5 * Math.log(2 * Math.PI * [1, 2][k]) -
      (0.5 * (v - [0, 6][k]) ** 2) / [1, 2][k];
    const expected = x.reduce((s, v, i) => {
      const [p, q] = [logJoint(v, 0), logJoint(v, 1)];
      return s + (i < 10 ? [p, q][truth[i] - 1] : Math.log(Math.exp(p) + Math.exp(q)));
    }, 0);
    expectClose(trace[0], expected, 1e-13);
  });

  it('in k-means too', async () => {
    const model = compile(kMeans.replace(': k       ~ Cat', ': k from kind ~ Cat'));
    const kind = Array.from(a, (_, i) => (i < 9 ? i % 3 : null));
    const fitted = await model.fit({ a, b, kind });
    expect(fitted.converged).toBe(true);
    const mu = fitted.parameters['mu'] as number[][];
    const owner = Array.from(a, (v, i) => {
      const d = mu.map(([p, q]) => (v - p) ** 2 + (b[i] - q) ** 2);
      return kind[i] ?? d.indexOf(Math.min(...d));
    });
    // each mean is the mean of the rows it owns, the labelled ones among them
    mu.forEach((mean, k) => {
      const own = [...a].filter((_, i) => owner[i] === k);
      expectClose(mean[0], own.reduce((s, v) => s + v, 0) / own.length, 1e-12);
    });
  });
});

describe('offsets', () => {
  it('rows at 1e8 fit as rows at 0', async () => {
    const move = (column: Float64Array): Float64Array =>
      column.map((v) => Math.round(v * 1024) / 1024 + 2 ** 27);
    const back = (column: Float64Array): Float64Array => move(column).map((v) => v - 2 ** 27);
    const z = Array.from(a, (_, i) => (i % 3 === 0 ? 1 : 2));
    const options = { start: { kind: 'labels', labels: { z } }, tolerance: 1e-11 } as const;
    const near = await compile(full).fit({ a: back(a), b: back(b) }, options);
    const far = await compile(full).fit({ a: move(a), b: move(b) }, options);
    expectClose(far.logLikelihood, near.logLikelihood, 1e-9);
    expectParameters({ S: far.parameters['S'] }, { S: near.parameters['S'] }, 1e-5);
  });
});

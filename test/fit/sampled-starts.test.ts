import { describe, expect, it } from 'vitest';
import { sampleSize } from '../../src/fit/sampled-starts.js';
import { compile } from '../../src/index.js';
import { stream } from '../../src/random.js';
import { clusters, expectClose, expectParameters, report } from './fits.js';

const gaussians = `
model Clusters
const K = 3
plate i over rows
plate k in 1..K
param pi       : simplex[k]
param mu[k]    : real[2]
param Sigma[k] : covariance[2]
latent z[i] : k ~ Categorical(pi)
data   x[i] : real[2] from a, b ~ Normal(mu[z[i]], Sigma[z[i]])
`;
const kMeans = `
model KMeans
const K = 3
const s2 : variance
plate i over rows
plate k in 1..K
param mu[k] : real[2]
latent z[i] : k ~ Categorical(1 / K)
data   x[i] : real[2] from a, b ~ Normal(mu[z[i]], s2 * I)
limit  s2 -> 0+
`;
const [a, b] = clusters(
  [
    [0, 0],
    [8, 0],
    [0, 9],
  ],
  6000,
);

describe('how many rows starts run on', () => {
  it('is all where rows are few, a sample where they are many, more for more components', () => {
    expect(sampleSize(undefined, { rows: 100_000, components: 3 })).toBeUndefined();
    expect(sampleSize(undefined, { rows: 100_001, components: 3 })).toBe(20_000);
    expect(sampleSize(undefined, { rows: 1_000_000, components: 64 })).toBe(64_000);
    expect(sampleSize(undefined, { rows: 200_000, components: 64 })).toBeUndefined();
  });

  it('is what is asked for', () => {
    expect(sampleSize('all', { rows: 1e7, components: 3 })).toBeUndefined();
    expect(sampleSize(500, { rows: 1000, components: 3 })).toBe(500);
    expect(sampleSize(500, { rows: 500, components: 3 })).toBeUndefined();
    expect(sampleSize(2, { rows: 1000, components: 5 })).toBe(5);
  });
});

describe('starts on a sample', () => {
  it.each([gaussians, kMeans])('lead to the maximum that all rows lead to', async (source) => {
    const model = compile(source);
    const all = await model.fit({ a, b }, { startRows: 'all' });
    const sampled = await model.fit({ a, b }, { startRows: 300 });
    expect([report(all).startRows, report(sampled).startRows]).toEqual([null, 300]);
    expect(report(sampled).converged).toBe(true);
    expectClose(
      sampled.logLikelihood ?? report(sampled).inertia,
      all.logLikelihood ?? report(all).inertia,
      1e-9,
    );
    expectParameters(sampled.parameters, all.parameters, 1e-4);
  });

  it('are the same for the same seed, to the last bit', async () => {
    const of = async (seed: number) =>
      (await compile(gaussians).fit({ a, b }, { startRows: 300, seed, maxIterations: 2 })).parameters;
    expect(await of(1)).toEqual(await of(1));
    expect(await of(1)).not.toEqual(await of(2));
  });

  it('are not used where rows are few, unless asked for', async () => {
    expect(report(await compile(gaussians).fit({ a, b })).startRows).toBeNull();
  });

  it('draw no row without weight', async () => {
    // nine rows of ten are far away and count nothing
    const far = Float64Array.from(a, (x, i) => (i % 10 === 0 ? x : 1e6 * (i % 7)));
    const w = Float64Array.from(a, (_, i) => (i % 10 === 0 ? 1 : 0));
    const weighted = compile(`${gaussians}data w[i] : positive as weight\n`);
    const all = await weighted.fit({ a: far, b, w }, { startRows: 'all' });
    const sampled = await weighted.fit({ a: far, b, w }, { startRows: 300 });
    expect(report(sampled).startRows).toBe(300);
    expectClose(sampled.logLikelihood, all.logLikelihood, 1e-9);
    // as many as count: nothing to draw
    expect(report(await weighted.fit({ a: far, b, w }, { startRows: 600 })).startRows).toBeNull();
  });

  it('give way to all rows where the sample lacks a value, whose probability would stay 0', async () => {
    const model = compile(`
model Words
const K = 2
plate i over rows
plate k in 1..K
plate v in 1..4
param pi       : simplex[k]
param theta[k] : simplex[v]
latent z[i] : k ~ Categorical(pi)
data   x[i] : v ~ Categorical(theta[z[i]])
`);
    const random = stream('words', 'rows');
    const n = 2000;
    const x = Array.from({ length: n }, (_, i) => (i === 77 ? 4 : 1 + random.below(3)));
    const fit = await model.fit({ x }, { startRows: 40, maxIterations: 50 });
    expect(report(fit).startRows).toBeNull();
    expect(fit.logLikelihood).toBe(
      (await model.fit({ x }, { startRows: 'all', maxIterations: 50 })).logLikelihood,
    );
  });

  it('keep what is missing and what is labelled', async () => {
    const table = { a: a.slice(0, 900), b: [...b.subarray(0, 900)].map((x, i) => (i % 20 === 0 ? null : x)) };
    const all = await compile(gaussians).fit(table, { startRows: 'all', restarts: 1, tolerance: 1e-7 });
    const sampled = await compile(gaussians).fit(table, { startRows: 200, restarts: 1, tolerance: 1e-7 });
    expect(report(sampled).startRows).toBe(200);
    expectClose(sampled.logLikelihood, all.logLikelihood, 1e-7);
    const labelled = compile(gaussians.replace('z[i] : k ~', 'z[i] : k from kind ~'));
    const kind = Array.from(a, (_, i) => (i % 3 === 0 ? ((i / 3) % 3 === 0 ? 'x' : null) : null));
    const known = await labelled.fit({ a, b, kind }, { startRows: 400 });
    expectClose(
      known.logLikelihood,
      (await labelled.fit({ a, b, kind }, { startRows: 'all' })).logLikelihood,
      1e-9,
    );
  });

  it('are refused for rows that belong to groups', async () => {
    const model = compile(`
model Raters
plate g over distinct id
plate i over rows
plate k in 1..2
param pi    : simplex[k]
param mu[k] : real
param s2    : variance
latent z[g] : k ~ Categorical(pi)
data id[i] : g
data x[i] : real ~ Normal(mu[z[id[i]]], s2)
`);
    const x = Float64Array.from({ length: 20 }, (_, i) => (i % 4) + i / 50);
    const id = Array.from({ length: 20 }, (_, i) => `g${String(i % 10)}`);
    await expect(model.fit({ x, id }, { startRows: 10 })).rejects.toThrow(/start-rows/);
  });
});

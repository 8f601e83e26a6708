/** Where the numbers do not allow a fit: which component, which column, what is dropped and what is an error. */
import { describe, expect, it } from 'vitest';
import { FitError, compile } from '../../src/index.js';
import { at, expectClose, expectParameters, kMeans, report, twoGroups, univariate } from './fits.js';
import type { FitArguments, TableInput } from '../../src/index.js';

/** The one problem of a fit that cannot be. */
async function problemOf(source: string, table: TableInput, options: FitArguments = {}) {
  const error = await compile(source)
    .fit(table, options)
    .then(
      () => undefined,
      (e: unknown) => e,
    );
  expect(error).toBeInstanceOf(FitError);
  const { diagnostics } = error as FitError;
  expect(diagnostics).toHaveLength(1);
  return diagnostics[0];
}

const labels = (...z: readonly number[]): NonNullable<FitArguments['start']> => ({
  kind: 'labels',
  labels: { z },
});

const full = univariate
  .replaceAll('real\n', 'real[D]\n')
  .replace('s2[k] : variance', 'S[k] : covariance[D]')
  .replace('x[i] : real ~', 'x[i] : real[D] ~')
  .replace('s2[z[i]]', 'S[z[i]]');
const tied = full.replace('S[k]', 'S').replace('S[z[i]]', 'S');
const diagonal = full
  .replace('S[k] : covariance[D]', 'S[k] : variance[D]')
  .replace('S[z[i]])', 'diag(S[z[i]]))');

describe('a start that is given', () => {
  it('names the component whose variance has gone', async () => {
    const problem = await problemOf(
      univariate,
      { x: [0, 0.1, -0.2, 0.3, 9] },
      { start: labels(1, 1, 1, 1, 2) },
    );
    expect(problem.code).toBe('GMM0501');
    expect(problem.message).toContain('`s2[2]` (component 2): its variance in column x has fallen to zero');
  });

  it('names the column of a diagonal', async () => {
    const table = { a: [1, 2, 3, 4, 5, 7], b: [1, 3, 2, 8, 8, 8] };
    const { message } = await problemOf(diagonal, table, { start: labels(1, 1, 1, 2, 2, 2) });
    expect(message).toContain('`S[2]` (component 2): its variance in column b has fallen to zero');
  });

  it('names the component whose covariance is singular', async () => {
    const table = { a: [1, 2, 3, 4, 5, 7], b: [1, 3, 2, 8, 10, 14] };
    const { code, message } = await problemOf(full, table, { start: labels(1, 1, 1, 2, 2, 2) });
    expect(code).toBe('GMM0501');
    expect(message).toMatch(/`S\[2\]` \(component 2\): the matrix is not positive definite at column b/);
  });

  it('a scale that all share has no component', async () => {
    const table = { a: [1, 2, 3, 4, 5, 7], b: [1, 2, 3, 4, 5, 7] };
    const { message } = await problemOf(tied, table, { start: labels(1, 1, 1, 2, 2, 2) });
    expect(message).toContain('collapsed at `S`: ');
  });

  it('a component of a mixture that owns nothing', async () => {
    const responsibilities = { z: Array.from({ length: 4 }, () => [1, 0]) };
    const problem = await problemOf(
      univariate,
      { x: [1, 2, 3, 5] },
      { start: { kind: 'responsibilities', responsibilities } },
    );
    expect(problem.message).toMatch(/\(component 2\): the component owns no rows/);
  });

  it('a component so far away that no row is left to it', async () => {
    const start = at({ pi: [0.5, 0.5], mu: [2, 1e6], s2: [1, 1] });
    const { message } = await problemOf(univariate, { x: [1, 2, 3, 5] }, { start });
    expect(message).toContain('(component 2): the component owns no rows');
  });
});

describe('scales of any density', () => {
  const mixture = (parameters: string, type: string, density: string): string => `model M
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
${parameters}
latent z[i] : k ~ Categorical(pi)
data   x[i] : ${type} ~ ${density}
`;
  const two = (a: string, b: string): string => `param ${a}\nparam ${b}`;
  const x = [1, 2, 3, 2.5, 6, 6, 6, 6];
  const start = labels(1, 1, 1, 1, 2, 2, 2, 2);
  const fallen = 'has fallen to zero (rounding level)';
  const oneValue = 'its estimate has no bound: the rows that the component owns all have one value in column';
  it.each([
    [
      'Laplace(m[z[i]], b[z[i]])',
      'real',
      two('m[k] : real', 'b[k] : positive'),
      `its scale in column x ${fallen}`,
    ],
    [
      'StudentT(4, m[z[i]], b[z[i]])',
      'real',
      two('m[k] : real', 'b[k] : variance'),
      `its variance in column x ${fallen}`,
    ],
    [
      'LogNormal(m[z[i]], b[z[i]])',
      'positive',
      two('m[k] : real', 'b[k] : variance'),
      `its variance in column log x[i] ${fallen}`,
    ],
    ['Normal(m[z[i]], b[z[i]])', 'real', two('m[k] : real', 'b[k] : sd'), `column x ${fallen}`],
    [
      'InverseGaussian(a[z[i]], b[z[i]])',
      'positive',
      two('a[k] : positive', 'b[k] : positive'),
      'its estimate has no bound',
    ],
    [
      'Gamma(b[z[i]], rate: a[z[i]])',
      'positive',
      two('b[k] : positive', 'a[k] : positive'),
      `${oneValue} log x[i]`,
    ],
    [
      'Weibull(b[z[i]], a[z[i]])',
      'positive',
      two('b[k] : positive', 'a[k] : positive'),
      `${oneValue} log x[i]`,
    ],
    ['VonMises(m[z[i]], b[z[i]])', 'real', two('m[k] : real', 'b[k] : positive'), `${oneValue} x`],
  ])('%s: named with its component and column', async (density, type, parameters, detail) => {
    const source = mixture(parameters, type, density);
    const one = await problemOf(source, { x }, { start });
    expect(one.code).toBe('GMM0501');
    expect(one.message).toContain('`b[2]` (component 2): ');
    expect(one.message).toContain(detail);
    const all = await problemOf(source, { x: [1, 1, 1, 6, 6, 6] });
    expect(all.message).toMatch(
      /`b\[[12]\]` \(component [12]\): .* \(all 10 starts failed; this is the first\)/,
    );
  });

  it('Beta: on the unit interval', async () => {
    const source = mixture(two('b[k] : positive', 'c[k] : positive'), 'unit', 'Beta(b[z[i]], c[z[i]])');
    const { message } = await problemOf(source, { x: x.map((v) => v / 10) }, { start });
    expect(message).toContain(`\`b[2]\` (component 2): ${oneValue} log x[i]`);
  });

  it('a scale that all share has no component', async () => {
    const source = mixture(two('m[k] : real', 'b : positive'), 'real', 'Laplace(m[z[i]], b)');
    const { message } = await problemOf(source, { x: [1, 1, 1, 6, 6, 6] });
    expect(message).toContain('collapsed at `b`: its scale in column x has fallen to zero');
  });

  it('of a regression with absolute deviations, in the column of the answers', async () => {
    const source = `model L
plate i over rows
param a : real
param b : positive
data t[i] : real
data y[i] : real ~ Laplace(a * t[i], b)
`;
    const problem = await problemOf(source, { t: [1, 2, 3, 4], y: [2, 4, 6, 8] });
    expect(problem.code).toBe('GMM0501');
    expect(problem.message).toContain('collapsed at `b`: its scale');
  });

  it('a matrix inside another function is found, too', async () => {
    const source = mixture(
      two('m[k] : real[2]', 'S[k] : covariance[2]'),
      'real[2] from u, v',
      'StudentT(4, m[z[i]], S[z[i]])',
    );
    const u = [1, 2, 4, 3, 7, 8, 9, 10];
    const v = [2, 1, 3, 5, 5, 5, 5, 5];
    const { message } = await problemOf(source, { u, v }, { start });
    expect(message).toMatch(
      /`S\[2\]` \(component 2\): (its variance in column v|the matrix is not positive definite at column v)/,
    );
  });

  it('starts that collapse are dropped, the others go on', async () => {
    const source = mixture(two('m[k] : real', 'b[k] : positive'), 'real', 'Laplace(m[z[i]], b[z[i]])');
    const rows = Float64Array.from([...twoGroups(20), 16]);
    const fit = await compile(source).fit({ x: rows }, { restarts: 30, seed: 2 });
    expect(report(fit).failedRestarts).toBeGreaterThan(0);
    expect(fit.warnings[0].message).toMatch(
      /starts failed and were dropped \(b\[[12]\]: its scale in column x/,
    );
  });

  it('large concentrations of rows that differ are estimates', async () => {
    const source = `model G
plate i over rows
param a : positive
param b : positive
data x[i] : positive ~ Gamma(a, rate: b)
`;
    const x = [1e5 - 3, 1e5 + 2, 1e5 + 1, 1e5 - 1, 1e5];
    const fit = await compile(source).fit({ x });
    // mean² / variance, to the digits that log Γ leaves at this size
    expectClose(fit.parameters['a'] as number, 1e10 / 3, 0.1);
  });

  it('a count that does not vary is no collapse: probabilities have a bound', async () => {
    const source = `model C
plate i over rows
param m : positive
param r : positive
data y[i] : count ~ NegativeBinomial(m, r)
`;
    const fit = await compile(source).fit({ y: [3, 3, 3, 3] });
    expectClose(fit.parameters['m'] as number, 3, 1e-6);
  });
});

describe('starts of its own', () => {
  // a component that begins on the last row alone has no variance
  const x = Float64Array.from([...twoGroups(20), 16]);

  it('those that collapse are dropped, with a warning', async () => {
    const fit = await compile(univariate).fit({ x }, { seed: 2, restarts: 30 });
    const { failedRestarts, restarts, bestRestart, converged } = report(fit);
    expect(failedRestarts).toBeGreaterThan(0);
    expect(failedRestarts).toBeLessThan(30);
    expect([restarts, converged]).toEqual([30, true]);
    expect(bestRestart).toBeGreaterThan(0);
    const warning = fit.warnings.find((w) => w.code === 'GMM0510')!;
    expect(warning.message).toContain(`${String(failedRestarts)} of 30 starts failed and were dropped`);
    expect(warning.message).toMatch(/s2\[[12]\]/);
  });

  it('nothing is said where none has', async () => {
    expect((await compile(univariate).fit({ x: twoGroups(100) })).warnings).toEqual([]);
  });

  it('when all collapse it is an error, which names the component of the first', async () => {
    const { code, message, helps } = await problemOf(univariate, { x: [1, 1, 1, 2, 2, 2] });
    expect(code).toBe('GMM0501');
    expect(message).toMatch(/`s2\[[12]\]` \(component [12]\).* \(all 10 starts failed; this is the first\)/);
    expect(helps.join(' ')).toContain('--set K');
  });

  it('a column that never changes', async () => {
    const table = { a: [1, 2, 4, 8, 9, 11], b: [5, 5, 5, 5, 5, 5] };
    expect((await problemOf(diagonal, table)).message).toContain('in column b');
    expect((await problemOf(tied, table)).message).toMatch(/`S`: .*column b/);
  });

  it('a floor keeps them all', async () => {
    const floored = `${univariate}constrain s2[k] >= 0.01\n`;
    const fit = await compile(floored).fit({ x: Float64Array.of(1, 1, 1, 2, 2, 2) });
    expect(report(fit).failedRestarts).toBe(0);
    expectParameters(fit.parameters, { pi: [0.5, 0.5], mu: fit.parameters['mu'], s2: [0.01, 0.01] }, 1e-12);
  });

  it('smallness is a matter of the column: units of 1e-9 and of 1e9 collapse nothing', async () => {
    const rows = twoGroups(100);
    const model = compile(univariate);
    const { logLikelihood } = await model.fit({ x: rows });
    for (const unit of [1e-9, 1e9]) {
      const fit = await model.fit({ x: rows.map((v) => v * unit) });
      expectClose(fit.logLikelihood, logLikelihood! - 100 * Math.log(unit), 1e-8);
    }
  });
});

describe('not determined', () => {
  const lines = `model Lines
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param w[k]  : real[3]
param s2[k] : variance
data  a[i] : real
data  b[i] : real
let   phi[i] = [1, a[i], b[i]]
latent z[i] : k    ~ Categorical(pi)
data   y[i] : real ~ Normal(dot(w[z[i]], phi[i]), s2[z[i]])
`;
  const a = [1, 2, 3, 4, 5, 6, 7, 8];
  const y = [1, 3, 2, 5, 4, 7, 6, 9];

  it('coefficients of covariates that follow from each other', async () => {
    const table = { a, b: a.map((v) => 2 * v - 3), y };
    const { code, message } = await problemOf(lines, table, { start: labels(1, 1, 1, 1, 2, 2, 2, 2) });
    expect(code).toBe('GMM0502');
    expect(message).toContain('`w[1]` (component 1) is not determined by the data');
  });

  it('of one component only', async () => {
    const table = { a, b: [1, 4, 2, 8, 5, 6, 7, 8], y };
    const { code, message } = await problemOf(lines, table, { start: labels(1, 1, 1, 1, 2, 2, 2, 2) });
    expect(code).toBe('GMM0502');
    expect(message).toContain('`w[2]` (component 2)');
  });
});

describe('fewer rows than components', () => {
  it('is said before anything is computed', async () => {
    const { code, message } = await problemOf(univariate, { x: [1] });
    expect([code, message]).toEqual(['GMM0503', 'there is 1 row for 2 components']);
  });

  it('rows of weight 0 do not count', async () => {
    const weighted = `${univariate}data w[i] : positive as weight\n`;
    const { code } = await problemOf(weighted, { x: [1, 2, 3], w: [1, 0, 0] });
    expect(code).toBe('GMM0503');
  });
});

describe('k-means', () => {
  const a = Float64Array.of(0, 1, 2, 10, 11, 12);
  const b = new Float64Array(6);
  const means = [
    [1, 0],
    [11, 0],
    [500, 300],
  ];

  it('a component without rows keeps its parameters, with a warning', async () => {
    const fit = await compile(kMeans).fit({ a, b }, { start: at({ mu: means }) });
    expect(fit.parameters['mu']).toEqual(means);
    expect(fit.parameters['pi']).toEqual([0.5, 0.5, 0]);
    expect(fit.inertia).toBe(4);
    expect(fit.warnings).toEqual([
      { code: 'GMM0511', message: 'component 3 owns no row; it keeps the parameters it had' },
    ]);
  });

  it('fewer distinct rows than centres fit', async () => {
    const twice = Float64Array.of(0, 0, 0, 5, 5, 5);
    const fit = await compile(kMeans).fit({ a: twice, b });
    expect(fit.inertia).toBe(0);
    expect(fit.converged).toBe(true);
    expect(fit.warnings.map((w) => w.code)).toContain('GMM0511');
    for (const mean of fit.parameters['mu'] as number[][]) expect(mean.every(Number.isFinite)).toBe(true);
  });

  it('a row between two centres goes to the first', async () => {
    const start = at({
      mu: [
        [4, 0],
        [0, 0],
        [-50, 0],
      ],
    });
    const fit = await compile(kMeans).fit(
      { a: Float64Array.of(0, 2, 4, -50), b: new Float64Array(4) },
      { start, tolerance: 0, maxIterations: 1 },
    );
    expect(fit.parameters['mu']).toEqual([
      [3, 0],
      [0, 0],
      [-50, 0],
    ]);
  });
});

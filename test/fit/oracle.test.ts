/** Fits of real data against numbers that something else computed. */
import { existsSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import { exampleData, exampleSource, examples, mixture, root } from '../models.js';
import type { FitArguments } from '../../src/index.js';

const fitExample = (name: string, options: FitArguments = {}) => {
  const example = examples.find((e) => e.name === name)!;
  return compile(exampleSource(example)).fit(exampleData(example), { tolerance: 1e-12, ...options });
};

describe('converged log-likelihoods', () => {
  // R mclust 6.0.0 and scikit-learn 1.9.1, converged
  it.each([
    ['old-faithful', {}, -1130.26396],
    ['precisions', {}, -1130.26396],
    ['spherical', {}, -384.314095],
    ['tied', {}, -256.354043],
    ['one-gaussian', {}, -1289.796745],
  ])('%s', async (name, options, expected) => {
    const fit = await fitExample(name, options);
    expect(fit.converged).toBe(true);
    expect(Math.abs(fit.logLikelihood! - expected) / Math.abs(expected)).toBeLessThan(1e-6);
  });

  it('k-means on iris', async () => {
    const fit = await fitExample('k-means');
    expect(Math.abs(fit.inertia! / 78.851441426 - 1)).toBeLessThan(1e-9);
    expect(fit.bic).toBeNull();
  });
});

it('linear regression is least squares, in closed form', async () => {
  // numpy.linalg.lstsq on the same rows; the variance divides by n
  const fit = await fitExample('line');
  const [intercept, slope] = fit.parameters['w'] as number[];
  expect(intercept).toBeCloseTo(33.47439702, 7);
  expect(slope).toBeCloseTo(10.7296414, 7);
  expect(fit.iterations).toBe(1);
  expect(fit.toJSON().fit.closedForm).toBe(true);
});

it('every example fits', async () => {
  for (const example of examples) {
    const fit = await compile(exampleSource(example)).fit(exampleData(example));
    expect([example.name, fit.converged]).toEqual([example.name, true]);
  }
});

describe('the rules of a fit', () => {
  const source = mixture('param s2[k] : variance', 's2[z[i]]', 'real');
  const x = Float64Array.from({ length: 60 }, (_, i) => Math.sin(i * 12.9898) * 2 + (i % 3 === 0 ? 6 : 0));

  it('same seed, same numbers, bit for bit', async () => {
    const model = compile(source);
    const [a, b] = [await model.fit({ x }, { seed: 5 }), await model.fit({ x }, { seed: 5 })];
    expect(a.parameters).toEqual(b.parameters);
  });

  it('weight w is w copies of the row, and weight 0 leaves it out', async () => {
    const weighted = compile(`${source}data w[i] : positive as weight\n`);
    const w = Float64Array.from(x, (_, i) => i % 4);
    const copies = [...x].flatMap((v, i) => Array.from({ length: i % 4 }, () => v));
    const start = { kind: 'parameters', parameters: { pi: [0.5, 0.5], mu: [0, 6], s2: [1, 1] } } as const;
    const a = await weighted.fit({ x, w }, { start, tolerance: 1e-13 });
    const b = await compile(source).fit({ x: Float64Array.from(copies) }, { start, tolerance: 1e-13 });
    expect(a.logLikelihood).toBeCloseTo(b.logLikelihood!, 8);
    expect((a.parameters['mu'] as number[])[1]).toBeCloseTo((b.parameters['mu'] as number[])[1], 8);
  });

  it('exactly n steps with tolerance 0, and a trace that never falls', async () => {
    const start = { kind: 'parameters', parameters: { pi: [0.5, 0.5], mu: [0, 1], s2: [4, 4] } } as const;
    const { iterations, trace, converged } = (
      await compile(source).fit({ x }, { start, tolerance: 0, maxIterations: 25 })
    ).toJSON().fit;
    expect([iterations, trace.length, converged]).toEqual([25, 26, false]);
    trace.slice(1).forEach((value, n) => {
      expect(value).toBeGreaterThanOrEqual(trace[n] - 1e-9);
    });
  });

  it('the engines agree', async () => {
    const start = { kind: 'parameters', parameters: { pi: [0.5, 0.5], mu: [0, 6], s2: [2, 2] } } as const;
    const options = { start, tolerance: 0, maxIterations: 10 };
    const model = compile(source);
    const reference = await model.fit({ x }, { ...options, engine: 'reference' });
    const single = await model.fit({ x }, { ...options, engine: 'tfjs', precision: 'float32' });
    expect(Math.abs(single.logLikelihood! / reference.logLikelihood! - 1)).toBeLessThan(1e-4);
  });

  it('missing cells are integrated out: Murray (1977), the maximum at rho = ±0.5', async () => {
    const murray = compile(
      'model Murray\nplate i over rows\nparam Sigma : covariance[2]\ndata x[i] : real[2] from a, b ~ Normal(0, Sigma)\n',
    );
    const a = [1, 1, -1, -1, 2, 2, -2, -2, null, null, null, null];
    const b = [1, -1, 1, -1, null, null, null, null, 2, 2, -2, -2];
    const start = {
      kind: 'parameters',
      parameters: {
        Sigma: [
          [2.5, 0.4],
          [0.4, 2.5],
        ],
      },
    } as const;
    const fit = await murray.fit({ a, b }, { start, tolerance: 1e-14 });
    expect(fit.logLikelihood).toBeCloseTo(-29.97428641, 6);
    const [[v, c]] = fit.parameters['Sigma'] as number[][];
    expect(v).toBeCloseTo(8 / 3, 4);
    expect(c / v).toBeCloseTo(0.5, 4);
  });
});

const shared = join(root, '../shared');
describe('what others computed, through the command line', () => {
  const python = (script: string, ...parameters: readonly string[]): string =>
    execFileSync('python3', [join(shared, script), ...parameters], { encoding: 'utf8', maxBuffer: 1 << 26 });

  it.skipIf(!existsSync(shared))('all covariance families agree with mclust', { timeout: 300_000 }, () => {
    expect(
      python(
        'reference/check.py',
        '--engine',
        'reference',
        '--quiet',
        '--command',
        `node ${join(root, 'dist/cli.js')}`,
      ),
    ).toContain('62 passed, 0 failed');
  });

  it.skipIf(!existsSync(shared))('all cases of public bug reports pass', { timeout: 600_000 }, () => {
    const count = (readFileSync(join(shared, 'cases/README.md'), 'utf8').match(/\| (\d+) \|$/gm) ?? [])
      .length;
    expect(count).toBeGreaterThan(0);
    expect(python('cases/run.py', '--command', `node ${join(root, 'dist/cli.js')}`)).toContain(
      '75 of 75 cases passed',
    );
  });
});

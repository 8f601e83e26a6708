/** `--accelerate`: fewer steps to the same place, and what must hold at every step holds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import { examples, exampleData, exampleSource, mixture, root } from '../models.js';
import { at, fitExample, flat, report } from './fits.js';
import type { Parameters } from './fits.js';

const { fits } = JSON.parse(readFileSync(join(root, 'test/oracle/zoo.json'), 'utf8')) as {
  readonly fits: Readonly<Record<string, { readonly start: Parameters; readonly objective: number }>>;
};

describe('the maximum that scipy finds from the same start, with no step down', () => {
  it.each(Object.entries(fits))('%s', async (name, { start, objective }) => {
    const fit = await fitExample(name, { accelerate: true, tolerance: 1e-13, start: at(start) });
    const { trace, closedForm } = report(fit);
    expect(closedForm || fit.converged).toBe(true);
    trace.slice(1).forEach((x, n) => {
      expect(x).toBeGreaterThanOrEqual(trace[n] - 1e-11 * Math.abs(x));
    });
    if (closedForm) return;
    const reached = fit.logPosterior ?? fit.logLikelihood!;
    expect(reached).toBeGreaterThanOrEqual(objective - 1e-8 * Math.abs(objective));
  });
});

describe('slow problems', () => {
  it.each([
    ['old-faithful', 4],
    ['galaxies', 4],
  ] as const)('%s, K = %d: at most half of the steps', async (name, K) => {
    const source = exampleSource(examples.find((e) => e.name === name)!);
    const run = (accelerate: boolean) =>
      compile(source).fit(exampleData(examples.find((e) => e.name === name)!), {
        restarts: 4,
        accelerate,
        seed: 3,
        set: { K },
      });
    const [plain, fast] = [await run(false), await run(true)];
    expect(report(fast).iterations).toBeLessThanOrEqual(report(plain).iterations / 2);
    expect(fast.logLikelihood).toBeGreaterThanOrEqual(plain.logLikelihood! - 1e-6);
  });
});

it('a long step at the beginning does not leave the maximum that EM climbs', async () => {
  // four clusters that overlap: with extrapolation from the first step on this start ended 210 below
  const u = seedrandom.alea('5');
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u());
  const centres = Array.from({ length: 4 }, () => Array.from({ length: 8 }, normal));
  const n = 10_000;
  const rows = Array.from({ length: n }, (_, i) => centres[i % 4].map((m) => m + normal()));
  const names = centres[0].map((_, d) => `x${String(d + 1)}`);
  const table = Object.fromEntries(names.map((name, d) => [name, rows.map((r) => r[d])]));
  const model = compile(
    mixture('param Sigma[k] : covariance[D]', 'Sigma[z[i]]')
      .replace('const K = 2', 'const K = 4')
      .replace('data x[i] : real[D]', `data x[i] : real[D] from ${names.join(', ')}`),
  );
  const mean = names.map((_, d) => rows.reduce((sum, r) => sum + r[d], 0) / n);
  const Sigma = mean.map((a, p) =>
    mean.map((b, q) => rows.reduce((sum, r) => sum + (r[p] - a) * (r[q] - b), 0) / n),
  );
  const mu = [0, 1, 2, 3].map((k) => rows[Math.floor(((k + 0.5) * n) / 4)]);
  const parameters = { pi: mu.map(() => 0.25), mu, Sigma: mu.map(() => Sigma) };
  const run = (accelerate: boolean) =>
    model.fit(table, { start: { kind: 'parameters', parameters }, accelerate });
  const [plain, fast] = [await run(false), await run(true)];
  expect(fast.logLikelihood).toBeGreaterThanOrEqual(plain.logLikelihood! - 0.1);
  expect(report(fast).iterations).toBeLessThan(report(plain).iterations);
});

describe('what the model holds stays held, to the bit', () => {
  it('a share that is given', async () => {
    const pi = flat((await fitExample('known-shares', { accelerate: true })).parameters['pi']);
    expect(pi[0]).toBe(0.2);
    expect(pi.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 14);
  });

  it('equations between means', async () => {
    const [zero, left, right] = flat(
      (await fitExample('opposite-means', { accelerate: true })).parameters['mu'],
    );
    expect(zero).toBe(0);
    expect(Math.abs(left)).toBeGreaterThan(1);
    expect(left + right).toBeCloseTo(0, 12);
  });
});

it('says why where there is nothing to extrapolate', async () => {
  await expect(fitExample('k-means', { accelerate: true })).rejects.toThrow(
    /GMM0514: `--accelerate` cannot run/,
  );
  await expect(fitExample('old-faithful', { accelerate: true, algorithm: 'gradient' })).rejects.toThrow(
    /GMM0514: `--accelerate` cannot run: it extrapolates the steps of EM/,
  );
});

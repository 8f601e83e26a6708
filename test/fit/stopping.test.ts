/** When EM ends: nats per row, rounding, the number of steps; and that the objective never gets worse on the way. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import { hasConverged as hasConvergedAfter } from '../../src/fit/em.js';
import { exampleData, examples } from '../models.js';
import { at, clusters, expectClose, fitExample, kMeans, report, twoGroups, univariate } from './fits.js';

const x = twoGroups(120);
const slow = at({ pi: [0.5, 0.5], mu: [2.9, 3.1], s2: [9, 9] });
const model = compile(univariate);

describe('tolerance 0', () => {
  it.each([0, 1, 7, 200])('exactly %i steps', async (maxIterations) => {
    const fit = await model.fit({ x }, { start: slow, tolerance: 0, maxIterations });
    const { iterations, converged, trace } = report(fit);
    expect([iterations, converged, trace.length]).toEqual([maxIterations, false, maxIterations + 1]);
    expect(fit.toJSON().timings.iterationsMs).toHaveLength(maxIterations);
  });

  it('also where the fixed point is reached', async () => {
    const start = { kind: 'labels', labels: { z: [1, 1, 1, 2, 2, 2] } } as const;
    const table = { a: Float64Array.of(0, 1, 2, 10, 11, 12), b: new Float64Array(6) };
    const k = compile(kMeans.replace('K = 3', 'K = 2'));
    expect(report(await k.fit(table, { start, tolerance: 0, maxIterations: 9 })).iterations).toBe(9);
    const { iterations, converged } = report(await k.fit(table, { start }));
    expect([iterations, converged]).toEqual([1, true]);
  });

  it('n steps and m more are n + m steps', async () => {
    const { parameters } = await model.fit({ x }, { start: slow, tolerance: 0, maxIterations: 5 });
    const rest = await model.fit({ x }, { start: at(parameters), tolerance: 0, maxIterations: 6 });
    const whole = await model.fit({ x }, { start: slow, tolerance: 0, maxIterations: 11 });
    expect(rest.parameters).toEqual(whole.parameters);
    expect(report(rest).trace).toEqual(report(whole).trace.slice(5));
  });
});

describe('a change of T nats per row', () => {
  it.each([1e-3, 1e-6, 1e-10])('ends it at once, not before: %d', async (tolerance) => {
    const { trace, converged } = report(await model.fit({ x }, { start: slow, tolerance }));
    const changes = trace.slice(1).map((f, n) => Math.abs(f - trace[n]));
    expect(converged).toBe(true);
    changes.slice(0, -1).forEach((change) => expect(change).toBeGreaterThan(tolerance * 120));
    expect(changes.at(-1)).toBeLessThanOrEqual(tolerance * 120);
  });

  it('is the same for all weights doubled', async () => {
    const weighted = compile(`${univariate}data w[i] : positive as weight\n`);
    const options = { start: slow, tolerance: 1e-7 };
    const [one, two] = await Promise.all(
      [1, 2].map(async (w) => report(await weighted.fit({ x, w: new Float64Array(120).fill(w) }, options))),
    );
    expect(two.iterations).toBe(one.iterations);
    expectClose(two.logLikelihood, 2 * one.logLikelihood!, 1e-13);
  });

  it('is the same in other units', async () => {
    const large = x.map((v) => 1024 * v);
    const start = at({ pi: [0.5, 0.5], mu: [2.9 * 1024, 3.1 * 1024], s2: [9 * 2 ** 20, 9 * 2 ** 20] });
    const [one, two] = [
      report(await model.fit({ x }, { start: slow, tolerance: 1e-7 })),
      report(await model.fit({ x: large }, { start, tolerance: 1e-7 })),
    ];
    expect(two.iterations).toBe(one.iterations);
  });

  it('of an inertia: T of what it was', async () => {
    const [a, b] = clusters(
      [
        [0, 0],
        [2, 1],
        [1, 3],
      ],
      3000,
    );
    const k = compile(kMeans);
    const tolerance = 1e-3;
    const { trace, converged } = report(await k.fit({ a, b }, { restarts: 1, tolerance }));
    expect(converged).toBe(true);
    const shares = trace.slice(1).map((f, n) => Math.abs(f - trace[n]) / trace[n]);
    shares.slice(0, -1).forEach((share) => expect(share).toBeGreaterThan(tolerance));
    expect(shares.at(-1)).toBeLessThanOrEqual(tolerance);
  });
});

describe('rounding', () => {
  it('ends a fit of whatever tolerance above 0', async () => {
    const { converged, iterations } = report(await model.fit({ x }, { start: slow, tolerance: 1e-300 }));
    expect(converged).toBe(true);
    expect(iterations).toBeLessThan(2000);
  });

  it('of float32, in float32', async () => {
    const options = { start: slow, engine: 'tfjs', precision: 'float32' } as const;
    const { converged, iterations } = report(await model.fit({ x }, options));
    expect(converged).toBe(true);
    expect(iterations).toBeLessThan(1000);
  });

  const hasConverged = (
    trace: readonly number[],
    hard: boolean,
    standsStill: boolean,
    input: Parameters<typeof hasConvergedAfter>[4],
  ) => hasConvergedAfter(trace.slice(0, -1), trace.at(-1)!, hard, () => standsStill, input);

  const by = { tolerance: 1e-10, epsilon: 2 ** -52, weight: 100 };
  it.each([
    ['a change of T W', [-500, -500 + 0.9e-8], false, by, true],
    ['a change above it', [-500, -500 + 1.1e-8], false, by, false],
    ['an inertia that changes by T of itself', [1e6, 1e6 - 1e-4], true, by, true],
    ['an inertia that changes by more', [1e6, 1e6 - 1.1e-4], true, by, false],
    ['an inertia of zero that stays', [1, 0], true, by, false],
    ['a fall of T W', [-500, -500 - 0.9e-8], false, by, true],
    ['tolerance 0', [-500, -500], false, { ...by, tolerance: 0 }, false],
  ] as const)('%s', (_, trace, hard, input, expected) => {
    expect(hasConverged(trace, hard, false, input)).toBe(expected);
  });

  it('is what is left where T W is below it, and never with tolerance 0', () => {
    const still = Array.from({ length: 25 }, () => -1e6);
    const tiny = { ...by, tolerance: 1e-16 };
    expect(hasConverged(still, false, false, tiny)).toBe(true);
    expect(hasConverged([...still.slice(0, 5), -1e6], false, true, tiny)).toBe(true);
    const climbing = still.map((f, n) => f + n * 1e-9);
    expect(hasConverged(climbing, false, false, tiny)).toBe(false);
    expect(hasConverged(still, false, true, { ...tiny, tolerance: 0 })).toBe(false);
  });
});

it('not converged is an answer, and says so', async () => {
  const { converged, iterations } = report(await model.fit({ x }, { start: slow, maxIterations: 3 }));
  expect([converged, iterations]).toEqual([false, 3]);
});

it('an interrupted fit stops', async () => {
  const control = new AbortController();
  const fit = await model.fit(
    { x },
    {
      start: slow,
      tolerance: 0,
      maxIterations: 1e6,
      signal: control.signal,
      onProgress: ({ iteration }) => {
        if (iteration === 12) control.abort();
      },
    },
  );
  expect(report(fit).iterations).toBe(12);
  expect(fit.converged).toBe(false);
});

describe('every example', () => {
  it.each(examples)('$name: the trace never gets worse, and ends at what is reported', async (example) => {
    for (const seed of [11, 12, 13]) {
      const options = {
        seed,
        restarts: 1,
        init: seed === 13 ? 'random' : 'kmeans++',
        maxIterations: 60,
      } as const;
      const fit = await fitExample(example.name, options);
      const { trace, iterations, objective } = report(fit);
      expect(trace).toHaveLength(iterations + 1);
      const up = objective === 'inertia' ? -1 : 1;
      trace.slice(1).forEach((f, n) => {
        expect(up * (f - trace[n])).toBeGreaterThanOrEqual(-1e-12 * Math.abs(f));
      });
      expect(trace.at(-1)).toBe(fit.inertia ?? fit.logPosterior ?? fit.logLikelihood);
      // weights and labels count in a fit, not in the densities of rows
      if (objective === 'inertia' || ['weighted', 'some-labels'].includes(example.name)) continue;
      const density = await fit.scoreSamples(exampleData(example));
      expectClose(
        density.reduce((s, d) => s + d, 0),
        fit.logLikelihood,
        1e-12,
      );
    }
  });
});

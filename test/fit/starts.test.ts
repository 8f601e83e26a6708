/** Where EM begins: named streams, kmeans++ and random starts, known labels, starts that are given. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import type { RowData } from '../../src/engine/types.js';
import { startResponsibilities } from '../../src/fit/starts.js';
import type { StartInput } from '../../src/fit/starts.js';
import { examples } from '../models.js';
import {
  clusters,
  expectClose,
  expectParameters,
  fitExample,
  kMeans,
  report,
  twoGroups,
  univariate,
} from './fits.js';
import type { Columns } from './fits.js';
import type { FitArguments } from '../../src/index.js';

/** The objective after the first step of each start, and its number of steps. */
async function firstSteps(source: string, table: Columns, options: FitArguments) {
  const starts = new Map<number, { first: number; steps: number }>();
  await compile(source).fit(table, {
    ...options,
    onProgress: ({ restart, iteration, objective }) => {
      const known = starts.get(restart);
      if (known === undefined) starts.set(restart, { first: objective, steps: iteration });
      else known.steps = iteration;
    },
  });
  return starts;
}

const [a, b] = clusters(
  [
    [0, 0],
    [4, 1],
    [1, 5],
  ],
  90,
);

describe('streams', () => {
  it('start r is the same whatever the number of restarts', async () => {
    for (const init of ['kmeans++', 'random'] as const) {
      const few = await firstSteps(kMeans, { a, b }, { init, seed: 'text', restarts: 3 });
      const many = await firstSteps(kMeans, { a, b }, { init, seed: 'text', restarts: 8 });
      expect(few.size).toBe(3);
      expect(many.size).toBe(8);
      for (const [restart, seen] of few) expect(many.get(restart)).toEqual(seen);
    }
  });

  it('the best start alone gives the same fit', async () => {
    const x = twoGroups(80);
    const model = compile(univariate.replace('K = 2', 'K = 3'));
    const all = report(await model.fit({ x }, { restarts: 6, seed: 4 }));
    const upTo = report(await model.fit({ x }, { restarts: all.bestRestart, seed: 4 }));
    expect(upTo.trace).toEqual(all.trace);
    expect(upTo.bestRestart).toBe(all.bestRestart);
  });

  it.each(examples.map((e) => e.name))('%s: same seed, same answer bit for bit', async (name) => {
    const options = { seed: 'again', restarts: 2, maxIterations: 30 };
    const [one, two] = [await fitExample(name, options), await fitExample(name, options)];
    expect(one.parameters).toEqual(two.parameters);
    expect(report(one)).toEqual(report(two));
  });

  it('another seed draws other starts; a number and its text are one seed', async () => {
    const of = async (seed: string | number): Promise<readonly unknown[]> => [
      ...(await firstSteps(kMeans, { a, b }, { seed, restarts: 4 })).values(),
    ];
    expect(await of(1)).not.toEqual(await of(2));
    expect(await of(7)).toEqual(await of('7'));
  });

  it('ties go to the earlier start', async () => {
    const far = clusters(
      [
        [0, 0],
        [100, 0],
        [0, 100],
      ],
      30,
    );
    const fit = report(await compile(kMeans).fit({ a: far[0], b: far[1] }, { restarts: 10 }));
    expect([fit.restarts, fit.bestRestart]).toEqual([10, 1]);
    // every row has its label, so that all starts are one
    const labelled = compile(univariate.replace(': k    ~ Cat', ': k from kind ~ Cat'));
    const table = { x: Float64Array.of(1, 2, 4, 7, 9, 12), kind: [1, 1, 1, 2, 2, 2] };
    const known = report(await labelled.fit(table, { restarts: 5 }));
    expect([known.restarts, known.bestRestart]).toEqual([5, 1]);
  });

  it('the best of all starts is kept', async () => {
    const best = new Map<number, number>();
    const fit = report(
      await compile(kMeans.replace('K = 3', 'K = 6')).fit(
        { a, b },
        { onProgress: ({ restart, objective }) => best.set(restart, objective) },
      ),
    );
    expect(new Set(best.values()).size).toBeGreaterThan(1);
    expect(fit.inertia).toBe(Math.min(...best.values()));
    expect(best.get(fit.bestRestart)).toBe(fit.inertia);
  });
});

describe('drawn starts', () => {
  const input = (
    columns: readonly Float64Array[],
    change: Partial<StartInput & RowData & { components: number }> = {},
  ): StartInput => ({
    axes: [{ per: 'row', size: change.components ?? 2 }],
    sameKind: [undefined],
    data: {
      rows: columns[0]?.length ?? change.rows!,
      columns,
      weights: change.weights,
      labels: change.labels ?? [undefined],
    },
    columns,
    seed: change.seed ?? '1',
    init: change.init ?? 'kmeans++',
  });
  const owners = (responsibilities: Float64Array, components: number): number[] =>
    Array.from({ length: responsibilities.length / components }, (_, i) =>
      responsibilities.subarray(i * components, (i + 1) * components).indexOf(1),
    );

  it('kmeans++ draws each centre by squared distance to the nearest so far', () => {
    // rows 0, 1, 3, two centres: the four ways to divide them, and their probabilities by hand
    const expected = { '0,1,1': 1 / 30, '0,0,1': 17 / 30, '1,0,0': 1 / 15, '1,1,0': 1 / 3 };
    const n = 4000;
    const counts: Record<string, number> = {};
    for (let restart = 1; restart <= n; restart++) {
      const r = startResponsibilities(input([Float64Array.of(0, 1, 3)]), restart);
      const key = owners(r, 2).join(',');
      counts[key] = (counts[key] ?? 0) + 1;
    }
    expect(Object.keys(counts).sort()).toEqual(Object.keys(expected).sort());
    for (const [key, p] of Object.entries(expected))
      expect(Math.abs(counts[key] / n - p), key).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n));
  });

  it('gives each row to the nearest of rows', () => {
    const [x, y] = clusters([[0, 0]], 7, 'few');
    const distance = (i: number, j: number): number => (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2;
    const rows = Array.from({ length: 7 }, (_, i) => i);
    const possible = new Set(
      rows.flatMap((p) =>
        rows
          .filter((q) => q !== p)
          .map((q) => rows.map((i) => (distance(i, q) < distance(i, p) ? 1 : 0)).join(',')),
      ),
    );
    for (let restart = 1; restart <= 50; restart++)
      expect(possible).toContain(owners(startResponsibilities(input([x, y]), restart), 2).join(','));
  });

  it('a row of weight 0 is no centre', () => {
    const x = Float64Array.of(0, 1, 50, 1000);
    for (let restart = 1; restart <= 50; restart++) {
      const r = startResponsibilities(input([x], { weights: Float64Array.of(1, 1, 1, 0) }), restart);
      const owner = owners(r, 2);
      expect(owner[0]).toBe(owner[1]);
      expect(owner[3]).toBe(owner[2]);
      expect(owner[0]).not.toBe(owner[2]);
    }
  });

  it('random gives every label its share; so does a model without numeric columns', () => {
    const n = 6000;
    const drawn = owners(
      startResponsibilities(input([new Float64Array(n)], { init: 'random', components: 3 }), 1),
      3,
    );
    for (const k of [0, 1, 2])
      expect(Math.abs(drawn.filter((z) => z === k).length / n - 1 / 3)).toBeLessThan(
        4 * Math.sqrt(2 / 9 / n),
      );
    expect(owners(startResponsibilities(input([], { rows: n, components: 3 }), 1), 3)).toEqual(drawn);
  });

  it('known labels stay, in both', () => {
    const labels = Int32Array.from({ length: 40 }, (_, i) => (i % 5 === 0 ? 1 + ((i / 5) % 2) : 0));
    const [x] = clusters([[0]], 40);
    for (const init of ['kmeans++', 'random'] as const)
      for (let restart = 1; restart <= 5; restart++) {
        const owner = owners(startResponsibilities(input([x], { init, labels: [labels] }), restart), 2);
        labels.forEach((label, i) => {
          if (label > 0) expect(owner[i]).toBe(label - 1);
        });
      }
  });

  it('does not ask in which units a mixture’s columns are; a limit does', async () => {
    const scaled = a.map((x) => 1024 * x);
    const mixture = kMeans
      .replace('const eps\nlimit eps -> 0+\n', 'param S[k] : covariance[2]\n')
      .replace('eps * I', 'S[z[i]]');
    const options = { restarts: 4, maxIterations: 1, tolerance: 0 };
    const small = await firstSteps(mixture, { a, b }, options);
    const large = await firstSteps(mixture, { a: scaled, b }, options);
    for (const [restart, { first }] of small)
      expectClose(large.get(restart)!.first, first - 90 * Math.log(1024), 1e-10);
    const means = async (table: Columns) =>
      (await compile(kMeans).fit(table, { restarts: 1, maxIterations: 0, seed: 3 })).parameters['mu'];
    const [plain, wide] = [await means({ a, b }), await means({ a: scaled, b })];
    expect((wide as number[][]).map(([x]) => x / 1024).sort()).not.toEqual(
      (plain as number[][]).map(([x]) => x).sort(),
    );
  });
});

describe('starts that are given', () => {
  const x = Float64Array.of(1, 2, 3, 10, 12, 14, 16);
  const model = compile(univariate);
  const labels = { kind: 'labels', labels: { z: [1, 1, 1, 2, 2, 2, 2] } } as const;

  it('labels: the M-step that comes first is not counted', async () => {
    const fit = await model.fit({ x }, { start: labels, tolerance: 0, maxIterations: 0 });
    const { iterations, trace, restarts } = report(fit);
    expect([iterations, trace.length, restarts]).toEqual([0, 1, 1]);
    expectParameters(fit.parameters, { pi: [3 / 7, 4 / 7], mu: [2, 13], s2: [2 / 3, 5] }, 1e-15);
    const { parameters } = fit;
    const start = { kind: 'parameters', parameters } as const;
    const [one, two] = [
      await model.fit({ x }, { start: labels, tolerance: 0, maxIterations: 4 }),
      await model.fit({ x }, { start, tolerance: 0, maxIterations: 4 }),
    ];
    expect(one.parameters).toEqual(two.parameters);
    expect(report(one).trace).toEqual(report(two).trace);
  });

  it('responsibilities of 0 and 1 are labels', async () => {
    const z = labels.labels.z.map((k) => (k === 1 ? [1, 0] : [0, 1]));
    const start = { kind: 'responsibilities', responsibilities: { z } } as const;
    const [one, two] = [await model.fit({ x }, { start }), await model.fit({ x }, { start: labels })];
    expect(one.parameters).toEqual(two.parameters);
    expect(report(one).trace).toEqual(report(two).trace);
  });

  it('responsibilities: the M-step by hand', async () => {
    const z = Array.from(x, (_, i) => [1 - i / 10, i / 10]);
    const start = { kind: 'responsibilities', responsibilities: { z } } as const;
    const fit = await model.fit({ x }, { start, tolerance: 0, maxIterations: 0 });
    const moments = [0, 1].map((k) => {
      const n = z.reduce((s, r) => s + r[k], 0);
      const mean = z.reduce((s, r, i) => s + r[k] * x[i], 0) / n;
      return { n, mean, variance: z.reduce((s, r, i) => s + r[k] * (x[i] - mean) ** 2, 0) / n };
    });
    expectParameters(
      fit.parameters,
      { pi: moments.map((m) => m.n / 7), mu: moments.map((m) => m.mean), s2: moments.map((m) => m.variance) },
      1e-14,
    );
  });

  it('known labels stay in given labels and responsibilities', async () => {
    const labelled = compile(univariate.replace(': k    ~ Cat', ': k from g ~ Cat'));
    const g = [2, null, null, null, null, null, 2];
    const table = { x, g };
    const z = [1, 1, 1, 2, 2, 2, 2];
    const options = { tolerance: 0, maxIterations: 0 };
    // one label alone is component 1
    const given = await labelled.fit(table, { ...options, start: { kind: 'labels', labels: { z } } });
    expectParameters({ mu: given.parameters['mu'] }, { mu: [(1 + 2 + 3 + 16) / 4, 12] }, 1e-14);
    const responsibilities = { z: z.map((k) => (k === 1 ? [0.9, 0.1] : [0.1, 0.9])) };
    const soft = await labelled.fit(table, {
      ...options,
      start: { kind: 'responsibilities', responsibilities },
    });
    const n = 2 + 2 * 0.9 + 3 * 0.1;
    expectParameters(
      { mu1: (soft.parameters['mu'] as number[])[0] },
      { mu1: (1 + 16 + 0.9 * 5 + 0.1 * 36) / n },
      1e-14,
    );
  });

  it('one start where nothing is drawn', async () => {
    const one = compile(univariate.replace('K = 2', 'K = 1'));
    expect(report(await one.fit({ x }, { restarts: 5 })).restarts).toBe(1);
    expect(report(await fitExample('one-number', { restarts: 5 })).restarts).toBe(1);
    expect(report(await fitExample('line', { restarts: 5 })).restarts).toBe(1);
    expect(report(await model.fit({ x: twoGroups(60) })).restarts).toBe(10);
  });
});

/** The order of the components: by decreasing share of the data, or as something has named them. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import { exampleSource, examples } from '../models.js';
import { at, expectClose, expectParameters, fitExample, kMeans, twoGroups, univariate } from './fits.js';
import type { FittedModel } from '../../src/index.js';

const x = twoGroups(200);
const mu = (fit: FittedModel): readonly number[] => fit.parameters['mu'] as number[];
const falls = (values: readonly number[]): boolean => values.every((v, n) => n === 0 || v <= values[n - 1]);

describe('by decreasing share of the data', () => {
  const named = new Set([
    'known-shares',
    'some-labels',
    'raters',
    'opposite-means',
    'tied-coordinates',
    'equal-spreads',
  ]);
  const mixtures = examples.filter((e) => exampleSource(e).includes('simplex') && !named.has(e.name));
  it.each(mixtures.map((e) => e.name))('%s', async (name) => {
    for (const seed of [1, 2]) {
      const { parameters } = await fitExample(name, { seed, restarts: 2, maxIterations: 100 });
      if (parameters['pi'] !== undefined) expect(falls(parameters['pi'] as number[])).toBe(true);
    }
  });

  it('also where the shares are no parameter', async () => {
    const source = univariate.replace('param pi    : simplex[k]\n', '').replace('(pi)', '(1 / K)');
    for (const seed of [1, 2, 3]) {
      const fit = await compile(source).fit({ x }, { seed, restarts: 1 });
      const r = await fit.predictProba({ x });
      expect(falls([0, 1].map((k) => r.reduce((s, row) => s + row[k], 0)))).toBe(true);
      expect(mu(fit)[0]).toBeGreaterThan(mu(fit)[1]);
    }
  });

  it('on every engine', async () => {
    for (const engine of ['reference', 'tfjs'] as const)
      for (const seed of [1, 2, 3]) {
        const precision = engine === 'tfjs' ? 'float32' : 'float64';
        const fit = await compile(univariate).fit({ x }, { engine, precision, seed, restarts: 1 });
        expectParameters({ mu: mu(fit) }, { mu: [6, 0] }, 0.1);
      }
  });

  it('weights count', async () => {
    const weighted = compile(`${univariate}data w[i] : positive as weight\n`);
    const w = x.map((v) => (v < 3 ? 10 : 1));
    const fit = await weighted.fit({ x, w });
    expectParameters({ mu: mu(fit) }, { mu: [0, 6] }, 0.1);
  });

  it('equal shares stay in their order', async () => {
    const even = Float64Array.of(0, 1, 2, 10, 11, 12);
    const model = compile(kMeans.replace('K = 3', 'K = 2'));
    const fits = [];
    for (const seed of [1, 2, 3, 4, 5, 6])
      fits.push(mu(await model.fit({ a: even, b: new Float64Array(6) }, { seed, restarts: 1 })));
    // the first of a start's own centres is the first component
    expect(new Set(fits.map(String)).size).toBe(2);
  });

  it('leaves the fit as it was', async () => {
    const fit = await compile(univariate).fit({ x }, { restarts: 3 });
    const density = await fit.scoreSamples({ x });
    expectClose(
      density.reduce((s, d) => s + d, 0),
      fit.logLikelihood,
      1e-13,
    );
  });
});

describe('in the order given', () => {
  const model = compile(univariate);
  const upside = at({ pi: [0.3, 0.7], mu: [0, 6], s2: [1, 1] });
  const turned = at({ pi: [0.7, 0.3], mu: [6, 0], s2: [1, 1] });

  it('where a start was given', async () => {
    const [one, two] = [await model.fit({ x }, { start: upside }), await model.fit({ x }, { start: turned })];
    expect(mu(one)[0]).toBeLessThan(1);
    expect(mu(two)[0]).toBeGreaterThan(5);
    const swapped = Object.fromEntries(
      Object.entries(two.parameters).map(([name, v]) => [name, [...(v as number[])].reverse()]),
    );
    expectParameters(one.parameters, swapped, 1e-12);
  });

  it('where labels were given as a start', async () => {
    const z = Array.from(x, (v) => (v < 3 ? 1 : 2));
    const fit = await model.fit({ x }, { start: { kind: 'labels', labels: { z } } });
    expect(mu(fit)[0]).toBeLessThan(1);
  });

  it('where some rows have labels', async () => {
    const labelled = compile(univariate.replace(': k    ~ Cat', ': k from kind ~ Cat'));
    const kind = Array.from(x, (v, i) => (i < 8 ? (v < 3 ? 'low' : 'upper') : null));
    const fit = await labelled.fit({ x, kind });
    expect(mu(fit)[0]).toBeLessThan(1);
    expect(fit.toJSON().data.levels).toEqual({ z: ['low', 'upper'] });
  });

  it.each(['constrain pi[1] = 0.2', 'constrain mu[1] = 0', 'constrain s2[1] = 1.44'])(
    'where the model says %s',
    async (line) => {
      const held = compile(`${univariate}${line}\n`);
      for (const seed of [1, 2, 3, 4]) {
        const fit = await held.fit({ x }, { seed, restarts: 5 });
        const [, name, value] = /constrain (\w+)\[1\] = (.*)/.exec(line)!;
        expect((fit.parameters[name] as number[])[0]).toBe(Number(value));
        // what is reported is what was fitted
        const density = await fit.scoreSamples({ x });
        expectClose(
          density.reduce((s, d) => s + d, 0),
          fit.logLikelihood,
          1e-12,
        );
      }
    },
  );

  const logLikelihoodOf = async (fit: FittedModel): Promise<number> =>
    (await fit.scoreSamples({ x })).reduce((s, d) => s + d, 0);

  // a constant or a prior with a value for each component names the components too
  it('where the shares are constants of the components', async () => {
    const known = compile(
      univariate
        .replace('param pi    : simplex[k]', 'const p : simplex[2] = [0.25, 0.75]')
        .replace('(pi)', '(p)'),
    );
    for (const seed of [1, 2, 3, 4]) {
      const fit = await known.fit({ x }, { seed, restarts: 1 });
      expectClose(await logLikelihoodOf(fit), fit.logLikelihood, 1e-12);
    }
  });

  it('where a prior is another one for each component', async () => {
    const prior = compile(univariate.replace('simplex[k]', 'simplex[k] ~ Dirichlet([60, 1.5])'));
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const fit = await prior.fit({ x }, { seed, restarts: 1 });
      const [p1, p2] = fit.parameters['pi'] as number[];
      // the mode under that prior: (n + a − 1) / (N + Σ a − 2)
      const r = await fit.predictProba({ x });
      const n1 = r.reduce((s, row) => s + row[0], 0);
      expect(p1).toBeCloseTo((n1 + 59) / (200 + 59.5), 4);
      expect(p2).toBeCloseTo((200 - n1 + 0.5) / (200 + 59.5), 4);
    }
  });
});

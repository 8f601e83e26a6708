/** What a step costs, against counts written by hand; and the plan as it is shown. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import { multiplyAdds } from '../../src/engine/choose.js';
import { numberOf, operationsOf, totalOf } from '../../src/plan/cost.js';
import type { OperationName } from '../../src/plan/cost.js';
import { program } from '../../src/plan/program.js';
import { planText } from '../../src/report/plan-text.js';
import { compiled, mixture, root } from '../models.js';
import { sources } from './instances.js';

const [N, D, K] = [1000, 5, 3];
const sizes = { N, D, K };
const pairs = (D * (D + 1)) / 2;

const models: Readonly<Record<string, string>> = {
  full: mixture('param Sigma[k] : covariance[D]', 'Sigma[z[i]]'),
  diagonal: mixture('param v[k] : variance[D]', 'diag(v[z[i]])'),
  tied: mixture('param Sigma : covariance[D]', 'Sigma'),
  'k-means': mixture('const eps\nlimit eps -> 0+', 'eps * I'),
  curves: sources['curves of three coefficients'],
  'latent classes': sources['latent-classes'],
};

const measured = (
  source: string,
  measure: 'multiplyAdds' | 'functions' | 'bytes',
  name: OperationName,
): number => numberOf(totalOf(operationsOf(compiled(source).plan), measure, [name]), sizes);

describe('the data stage', () => {
  it.each([
    // features, logits, softmax, sums
    ['full', N * pairs, N * K * (1 + D + pairs), 3 * N * K, N * K * (1 + D + pairs)],
    ['diagonal', N * D, N * K * (1 + D + D), 3 * N * K, N * K * (1 + D + D)],
    // products leave the softmax, and are summed once before the first step
    ['tied', 0, N * K * (1 + D), 3 * N * K, N * K * (1 + D)],
    // one comparison for each centre
    ['k-means', 0, N * K * (1 + D), N * K, N * K * (1 + D)],
    // columns: y and three covariates, so ten products
    ['curves', N * 10, N * K * (1 + 4 + 10), 3 * N * K, N * K * (1 + 4 + 10)],
    // four questions, yes and no
    ['latent classes', 0, N * K * (1 + 8), 3 * N * K, N * K * (1 + 8)],
  ] as const)('multiply-adds of %s', (name, features, logits, softmax, sums) => {
    const of = (operation: OperationName): number => measured(models[name], 'multiplyAdds', operation);
    expect([of('features'), of('logits'), of('softmax'), of('sums')]).toEqual([
      features,
      logits,
      softmax,
      sums,
    ]);
  });

  it('an exponential for each row and component and a logarithm for each row; none where rows belong to one', () => {
    expect(measured(models['full'], 'functions', 'softmax')).toBe(N * K + N);
    expect(measured(models['k-means'], 'functions', 'softmax')).toBe(0);
    expect(measured(sources['line'], 'functions', 'softmax')).toBe(0);
  });

  it('bytes of the rows', () => {
    expect(measured(models['full'], 'bytes', 'features')).toBe(8 * N * (D + pairs));
    expect(measured(models['full'], 'bytes', 'logits')).toBe(8 * N * (D + pairs + K));
    expect(measured(models['full'], 'bytes', 'softmax')).toBe(8 * N * 2 * K);
  });

  it('expressions of the row: what differs between components K times, what does not once', () => {
    // −2.5 log(1 + ¼ (x − mu)² / s2): x − mu, square, two products, 1 +, the product with −2.5
    expect(measured(sources['student-t'], 'multiplyAdds', 'expressions')).toBe(6 * N * K);
    expect(measured(sources['student-t'], 'functions', 'expressions')).toBe(N * K);
    // exp(a (log x − log b)): log x is a column
    expect(measured(sources['weibull'], 'functions', 'expressions')).toBe(N * K);
    // lgamma(caught + r), one r
    expect(measured(sources['negative-binomial'], 'functions', 'expressions')).toBe(N);
  });

  it('sums over the rows that Newton’s method asks for, apart from those of a step', () => {
    const rowSums = (name: string) =>
      operationsOf(compiled(sources[name]).plan).filter((o) => o.name === 'row sums');
    expect(rowSums('weibull').map((o) => [o.of, o.per, numberOf(o.functions, sizes)])).toEqual([
      ['S', 'round', N * K],
      ['s_hours', 'round', N * K],
      ['S_hours', 'round', N * K],
    ]);
    expect(new Set(rowSums('student-t').map((o) => o.per))).toEqual(new Set(['step']));
  });
});

describe('the parameter stage', () => {
  const of = (source: string, name: OperationName, parameter?: string): number => {
    const found = operationsOf(compiled(source).plan).filter(
      (o) => o.name === name && (parameter === undefined || o.of === parameter),
    );
    return numberOf(totalOf(found, 'multiplyAdds', [name]), sizes);
  };
  it('full covariances', () => {
    // s[k]: D of n (m + 0); S[k]: the upper triangle, scatter and mean
    expect(of(models['full'], 'statistics')).toBe(K * (2 * D + 2 * pairs));
    // 1 / n[k], and a product for each entry
    expect(of(models['full'], 'updates', 'Sigma')).toBe(K * (1 + D * D));
    const factor = (D * (D + 1) * (D + 2)) / 6;
    // −mu, a factor for the determinant, three for the inverse, and the products with −½ D, 2π and −½
    expect(of(models['full'], 'coefficients')).toBe(K * (D + 4 * factor + 1) + 3);
  });
  it('a covariance that is one is factorised once', () => {
    const factor = (D * (D + 1) * (D + 2)) / 6;
    expect(of(models['tied'], 'coefficients')).toBe(K * D + 4 * factor + 1 + 3);
  });
});

describe('where it is read', () => {
  it('the engine is chosen by logits and sums, nothing left out', () => {
    const { plan } = compiled(models['tied']);
    const run = program(plan, sizes, new Map());
    expect(multiplyAdds(run, N)).toBe(2 * N * K * (1 + D + pairs));
  });

  it('a program gets formulas, and values at the sizes that are known', () => {
    const [features, logits] = compile(models['full']).cost({ N });
    expect(features.multiplyAdds).toEqual({ formula: '½ N D (1 + D)', value: undefined });
    expect(logits.multiplyAdds.formula).toBe('N K (1 + D + ½ D (1 + D))');
    expect(
      compile(models['full'])
        .cost({ N, D })
        .find((o) => o.name === 'logits')?.multiplyAdds.value,
    ).toBe(N * 2 * (1 + D + pairs));
  });

  it.each(['tied', 'old-faithful', 'weibull', 'k-means', 'mixed-columns', 'experts', 'raters'])(
    '%s is shown',
    async (name) => {
      const known = name === 'old-faithful' ? { N: 272, K: 2 } : {};
      await expect(planText(compiled(sources[name]).plan, known)).toMatchFileSnapshot(
        join(root, `test/golden/plans/${name}.txt`),
      );
    },
  );

  it.each(Object.entries(sources))('%s: every operation has a number of its own', (_, source) => {
    const { plan } = compiled(source);
    const all = new Proxy<Record<string, number>>(
      {},
      { get: (_target, name) => (typeof name === 'string' ? 3 : undefined) },
    );
    for (const o of operationsOf(plan))
      for (const measure of ['multiplyAdds', 'functions', 'bytes'] as const) {
        const value = numberOf(o[measure], all);
        expect([o.name, o.of, measure, Number.isInteger(value) && value >= 0]).toEqual([
          o.name,
          o.of,
          measure,
          true,
        ]);
      }
    expect(planText(plan, {}).length).toBeGreaterThan(200);
  });
});

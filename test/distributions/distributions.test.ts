/** Each distribution's log density against scipy's, at points that test/oracle/distributions.py has computed. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fill, fixed, number, symbol } from '../../src/algebra/build.js';
import { evaluate } from '../../src/algebra/evaluate.js';
import type { Tensor } from '../../src/algebra/evaluate.js';
import { float64 } from '../../src/algebra/fields.js';
import type { Expr } from '../../src/algebra/types.js';
import { distributionNamed, distributions, signatures } from '../../src/distributions/registry.js';
import { evaluateFloat64 } from '../../src/plan/evaluate-float64.js';
import { stream } from '../../src/random.js';
import { root } from '../models.js';

type Numbers = number | readonly number[] | readonly (readonly number[])[];
interface Point {
  readonly distribution: string;
  readonly arguments: Readonly<Record<string, Numbers>>;
  readonly value: Numbers;
  readonly logDensity: number;
}

const { points } = JSON.parse(readFileSync(join(root, 'test/oracle/distributions.json'), 'utf8')) as {
  readonly points: readonly Point[];
};

const tensor = (x: Numbers): Tensor<number> => {
  if (typeof x === 'number') return { shape: [], data: [x] };
  const rows = x as readonly (number | readonly number[])[];
  const [first] = rows;
  return {
    shape: typeof first === 'number' ? [rows.length] : [rows.length, first.length],
    data: rows.flat(),
  };
};

/** A log density as an expression of symbols, and their values. */
function densityOf({ distribution, arguments: args, value }: Point) {
  const values = new Map<string, Tensor<number>>();
  const named = (name: string, x: Numbers): Expr => {
    const t = tensor(x);
    values.set(name, t);
    return symbol(name, 'parameter', [], t.shape);
  };
  const isCategory = distribution === 'Categorical';
  const expression = distributionNamed(distribution).logDensity({
    value: isCategory ? number(0) : named('x', value),
    category: isCategory ? fixed(value as number) : undefined,
    arguments: Object.fromEntries(Object.entries(args).map(([name, x]) => [name, named(name, x)])),
  });
  return { expression, values };
}

const judged = (e: Expr, values: ReadonlyMap<string, Tensor<number>>): number =>
  evaluate(e, {
    field: float64,
    sizes: {},
    indices: {},
    values: (name) => values.get(name)!,
    indicators: () => NaN,
  }).data[0];

const fast = (e: Expr, values: ReadonlyMap<string, Tensor<number>>): number => {
  const value = (name: string) => {
    const { shape, data } = values.get(name)!;
    return { shape, data: Float64Array.from(data) };
  };
  return evaluateFloat64(e, { sizes: {}, indices: {}, value, fail: () => undefined }).data[0];
};

const expectClose = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected), `${String(actual)}, not ${String(expected)}`).toBeLessThan(
    1e-12 * Math.max(1, Math.abs(expected)),
  );

describe('log densities are scipy’s', () => {
  it.each(
    points.map((p) => [p.distribution, JSON.stringify({ ...p.arguments, value: p.value }), p] as const),
  )('%s %s', (_, __, point) => {
    const { expression, values } = densityOf(point);
    expectClose(judged(expression, values), point.logDensity);
    expectClose(fast(expression, values), point.logDensity);
  });

  it('−∞ outside of what a distribution gives', () => {
    const at = (distribution: string, args: Point['arguments'], value: Numbers): void => {
      const { expression, values } = densityOf({ distribution, arguments: args, value, logDensity: 0 });
      expect([judged(expression, values), fast(expression, values)]).toEqual([-Infinity, -Infinity]);
    };
    at('Uniform', { low: 0, high: 1 }, 1.5);
    at('Uniform', { low: [0, 0], high: [1, 1] }, [0.5, -0.1]);
    at('PointMass', { value: 2 }, 2.5);
  });

  it('one concentration for all is that many', () => {
    const each = points.find(
      (p) => p.distribution === 'Dirichlet' && String(p.arguments['concentration']) === '2.5,2.5,2.5',
    )!;
    const value = symbol('x', 'parameter', [], [3]);
    const e = distributionNamed('Dirichlet').logDensity({
      value,
      category: undefined,
      arguments: { concentration: fill(number(2.5), 3) },
    });
    expectClose(judged(e, new Map([['x', tensor(each.value)]])), each.logDensity);
  });
});

describe('the registry', () => {
  it('has every distribution of the folder', () => {
    const files = readdirSync(join(root, 'src/distributions'))
      .map((f) => f.replace(/\.ts$/, ''))
      .filter((f) => f !== 'registry' && f !== 'types');
    const kebab = (name: string): string => name.replace(/(?<=[a-z])([A-Z])/g, '-$1').toLowerCase();
    expect(signatures.map((s) => kebab(s.name)).sort()).toEqual(files.sort());
  });

  it('has a name once, a source and points of scipy for each', () => {
    const names = signatures.map((s) => s.name);
    expect(new Set(names).size).toBe(names.length);
    expect([...new Set(points.map((p) => p.distribution))].sort()).toEqual([...names].sort());
    for (const d of distributions) expect(d.source).toMatch(/\w.*\(\d{4}\)/);
    expect(() => distributionNamed('Gauss')).toThrow('no distribution Gauss');
  });
});

/** Means and variances of the distributions that can be drawn from, by their formulas. */
describe('draws', () => {
  const n = 20000;
  const moments: readonly (readonly [string, Readonly<Record<string, readonly number[]>>, number, number])[] =
    [
      ['Normal', { mean: [3], scale: [4] }, 3, 4],
      ['Exponential', { rate: [2] }, 0.5, 0.25],
      ['Exponential', { mean: [2] }, 2, 4],
      ['Gamma', { shape: [2.5], rate: [2] }, 1.25, 0.625],
      ['Gamma', { shape: [0.4], scale: [3] }, 1.2, 3.6],
      ['InverseGamma', { shape: [6], scale: [10] }, 2, 1],
      ['Poisson', { rate: [0.3] }, 0.3, 0.3],
      ['Poisson', { rate: [75] }, 75, 75],
      ['Uniform', { low: [-1], high: [5] }, 2, 3],
      ['Bernoulli', { p: [0.3] }, 0.3, 0.21],
      ['Bernoulli', { logits: [0] }, 0.5, 0.25],
      ['Binomial', { n: [12], p: [0.25] }, 3, 2.25],
      ['Multinomial', { n: [12], p: [0.25, 0.75] }, 3, 2.25],
      ['Geometric', { p: [0.25] }, 3, 12],
      ['Beta', { a: [2], b: [3] }, 0.4, 0.04],
      ['LogNormal', { mean: [0], scale: [0.25] }, Math.exp(0.125), (Math.exp(0.25) - 1) * Math.exp(0.25)],
      ['InverseGaussian', { mean: [2], shape: [8] }, 2, 1],
      ['Laplace', { mean: [3], scale: [2] }, 3, 8],
      ['Rayleigh', { scale: [2] }, 2 * Math.sqrt(Math.PI / 2), 4 * (2 - Math.PI / 2)],
      ['Weibull', { shape: [1], scale: [2] }, 2, 4],
      ['NegativeBinomial', { mean: [4], shape: [2] }, 4, 12],
      ['StudentT', { df: [8], mean: [3], scale: [3] }, 3, 4],
      ['Categorical', { p: [0.2, 0.5, 0.3] }, 2.1, 0.49],
    ];
  it.each(moments)('%s %j', (name, args, mean, variance) => {
    const random = stream(name, JSON.stringify(args));
    const draws = Array.from({ length: n }, () => distributionNamed(name).sample!(args, random)[0]);
    const average = draws.reduce((s, x) => s + x, 0) / n;
    const spread = draws.reduce((s, x) => s + (x - average) ** 2, 0) / n;
    expect(Math.abs(average - mean)).toBeLessThan(4.5 * Math.sqrt(variance / n));
    expect(Math.abs(spread / variance - 1)).toBeLessThan(0.15);
  });

  it('Normal of a covariance', () => {
    const random = stream('Normal', 'vector');
    const scale = [2, 0.6, 0.6, 1];
    const draws = Array.from({ length: n }, () =>
      distributionNamed('Normal').sample!({ mean: [1, -1], scale }, random),
    );
    const moment = (f: (x: readonly number[]) => number): number => draws.reduce((s, x) => s + f(x), 0) / n;
    expect(moment((x) => x[0])).toBeCloseTo(1, 1);
    expect(moment((x) => x[1])).toBeCloseTo(-1, 1);
    expect(Math.abs(moment((x) => (x[0] - 1) * (x[1] + 1)) - 0.6)).toBeLessThan(0.06);
    expect(Math.abs(moment((x) => (x[0] - 1) ** 2) - 2)).toBeLessThan(0.1);
    expect(() => distributionNamed('Normal').sample!({ mean: [0, 0], scale: [1, 2, 2, 1] }, random)).toThrow(
      'not positive definite',
    );
  });
});

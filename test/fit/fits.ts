/** Fits of the examples and of made-up rows, for the tests of this folder. */
import { expect } from 'vitest';
import { compile } from '../../src/index.js';
import { stream } from '../../src/random.js';
import { exampleData, exampleSource, examples } from '../models.js';
import type { FitArguments, FitFile, FittedModel, Nested } from '../../src/index.js';

export type Columns = Readonly<Record<string, Float64Array>>;
export type Parameters = Readonly<Record<string, Nested>>;

export const fitExample = (name: string, options: FitArguments = {}): Promise<FittedModel> => {
  const example = examples.find((e) => e.name === name)!;
  return compile(exampleSource(example)).fit(exampleData(example), options);
};

/** What `gmm fit --json` prints under `fit`. */
export const report = (fit: FittedModel): FitFile['fit'] => fit.toJSON().fit;

/** A start at these parameters. */
export const at = (parameters: Readonly<Record<string, unknown>>): NonNullable<FitArguments['start']> => ({
  kind: 'parameters',
  parameters,
});

export const flat = (values: Nested): readonly number[] =>
  typeof values === 'number' ? [values] : values.flatMap(flat);

/** Each parameter is equal to `tolerance` of the largest of its numbers. */
export function expectParameters(actual: Parameters, expected: Parameters, tolerance: number): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    const [a, b] = [flat(actual[name]), flat(values)];
    const scale = Math.max(...b.map(Math.abs));
    expect(a.length, name).toBe(b.length);
    a.forEach((x, n) => {
      expect(Math.abs(x - b[n]), `${name}: ${String(x)} and ${String(b[n])}`).toBeLessThanOrEqual(
        tolerance * scale,
      );
    });
  }
}

export function expectClose(actual: number | null, expected: number | null, relative: number): void {
  expect(Math.abs(actual! - expected!), `${String(actual)} and ${String(expected)}`).toBeLessThanOrEqual(
    relative * Math.abs(expected!),
  );
}

/** Rows of clusters about `centres`, one after another in turn, each coordinate with standard deviation one. */
export function clusters(
  centres: readonly (readonly number[])[],
  rows: number,
  seed = 'clusters',
): readonly Float64Array[] {
  const random = stream(seed, 'rows');
  const columns = centres[0].map(() => new Float64Array(rows));
  for (let i = 0; i < rows; i++)
    columns.forEach((column, d) => (column[i] = centres[i % centres.length][d] + random.normal()));
  return columns;
}

/** One numeric column in two unequal groups: three rows in four about 6, the others about 0. */
export function twoGroups(rows: number, seed = 'groups'): Float64Array {
  const random = stream(seed, 'rows');
  return Float64Array.from({ length: rows }, (_, i) => (i % 4 === 0 ? 0 : 6) + 1.2 * random.normal());
}

/** A mixture of numbers with free variances. */
export const univariate = `model Univariate
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real
param s2[k] : variance
latent z[i] : k    ~ Categorical(pi)
data   x[i] : real ~ Normal(mu[z[i]], s2[z[i]])
`;

/** Hard k-means over two columns. */
export const kMeans = `model KMeans
const K = 3
const eps
limit eps -> 0+
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real[2]
latent z[i] : k       ~ Categorical(pi)
data   x[i] : real[2] from a, b ~ Normal(mu[z[i]], eps * I)
`;

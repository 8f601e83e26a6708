/** `--start`: what a start file may say, and what is wrong with one that does not fit the model. */
import { describe, expect, it } from 'vitest';
import { FitError, compile } from '../../src/index.js';
import { readStartFile } from '../../src/fit/fit-file.js';
import { at, expectClose, expectParameters, kMeans, report, twoGroups, univariate } from './fits.js';
import type { FitArguments } from '../../src/index.js';

const x = twoGroups(12);
const good = { pi: [0.5, 0.5], mu: [0, 6], s2: [1, 1] };

describe('the text of a start file', () => {
  it.each([
    ['{"parameters": {"pi": [0.5, 0.5]}}', { kind: 'parameters', parameters: { pi: [0.5, 0.5] } }],
    ['{"labels": {"z": [1, 2]}}', { kind: 'labels', labels: { z: [1, 2] } }],
    [
      '{"responsibilities": {"z": [[1, 0]]}}',
      { kind: 'responsibilities', responsibilities: { z: [[1, 0]] } },
    ],
  ])('%s', (text, value) => {
    expect(readStartFile(text)).toEqual({ value, problem: undefined });
  });

  it.each([
    '',
    'pi: 1',
    '[]',
    'null',
    '3',
    '{}',
    '{"parameters": 3}',
    '{"labels": [1, 2]}',
    '{"labels": {"z": 1}}',
  ])('is none: %s', (text) => {
    const { value, problem } = readStartFile(text);
    expect(value).toBeUndefined();
    expect(problem?.reason).toMatch(/\w/);
  });

  it('a fit file is one', async () => {
    const model = compile(univariate);
    const first = await model.fit({ x: twoGroups(100) }, { maxIterations: 5, tolerance: 0 });
    const { value } = readStartFile(JSON.stringify(first.toJSON()));
    const going = await model.fit({ x: twoGroups(100) }, { start: value!, tolerance: 0, maxIterations: 3 });
    expect(report(going).trace[0]).toBe(first.logLikelihood);
  });
});

/** What is said of a start; undefined where it is taken. */
async function refusal(start: FitArguments['start'], source = univariate, table: object = { x }) {
  try {
    await compile(source).fit(table as { x: Float64Array }, { start: start!, maxIterations: 1 });
    return undefined;
  } catch (e) {
    expect(e).toBeInstanceOf(FitError);
    const { diagnostics } = e as FitError;
    expect(diagnostics.map((d) => d.code)).toEqual(diagnostics.map(() => 'GMM0504'));
    return diagnostics.map((d) => d.message).join('\n');
  }
}

describe('a start from a program', () => {
  it('is what a file would say, or a fit', async () => {
    const model = compile(univariate);
    const options = { tolerance: 0, maxIterations: 2 };
    const named = await model.fit({ x }, { ...options, start: { kind: 'parameters', parameters: good } });
    const bare = await model.fit({ x }, { ...options, start: { parameters: good } });
    expect(report(bare).trace).toEqual(report(named).trace);
    const further = await model.fit({ x }, { ...options, start: named.toJSON() });
    expect(report(further).trace[0]).toBe(named.logLikelihood);
    const labels = { z: Int32Array.from(x, (_, i) => 1 + (i % 2)) } as never;
    expect(await refusal({ labels })).toBeUndefined();
  });

  it.each([
    [3],
    ['faithful'],
    [[0.5, 0.5]],
    [good],
    [{ kind: 'parameters', params: good }],
    [{ parameters: 3 }],
  ])('is none: %j', async (start) => {
    expect(await refusal(start as never)).toMatch(/`start`: it (is not|has none of)/);
  });
});

describe('parameters', () => {
  it.each([
    [
      'one is left out',
      { pi: [0.5, 0.5], mu: [0, 6] },
      /`s2`: it is not in the start, and the E-step needs it/,
    ],
    ['a name of no parameter', { ...good, sigma: [1, 1] }, /`sigma`: the model has no such parameter/],
    ['another K', { ...good, mu: [0, 3, 6] }, /`mu`: it is an array of 3 .* wants an array of 2/],
    ['a number for an array', { ...good, mu: 3 }, /`mu`: it is a number .* wants an array of 2/],
    ['a text', { ...good, mu: [0, 'six'] }, /`mu`/],
    ['null', { ...good, mu: [0, null] }, /`mu`/],
    [
      'weights that sum to 0.8',
      { ...good, pi: [0.4, 0.4] },
      /`pi`: it sums to 0\.8, and a simplex sums to 1/,
    ],
    ['a negative weight', { ...good, pi: [1.2, -0.2] }, /`pi`: it has a negative weight/],
    ['a variance of 0', { ...good, s2: [1, 0] }, /`s2`: entry 2 of it must be positive/],
    ['a negative variance', { ...good, s2: [-1, 1] }, /`s2`: entry 1 of it must be positive/],
  ])('%s', async (_, parameters, said) => {
    expect(await refusal(at(parameters))).toMatch(said);
  });

  it('all that is wrong at once', async () => {
    const said = await refusal(at({ pi: [1, 1], mu: [0], s2: [1, -1], extra: 1 }));
    expect(said!.split('\n')).toHaveLength(4);
  });

  it('a simplex need only sum to 1 within 1e-6', async () => {
    expect(await refusal(at({ ...good, pi: [0.5, 0.5 + 9e-7] }))).toBeUndefined();
    expect(await refusal(at({ ...good, pi: [0.5, 0.5 + 2e-6] }))).toContain('`pi`');
  });

  const covariances = `model Two
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real[2]
param S[k]  : covariance[2]
latent z[i] : k       ~ Categorical(pi)
data   x[i] : real[2] from a, b ~ Normal(mu[z[i]], S[z[i]])
`;
  it.each([
    [
      'not symmetric',
      [
        [2, 1],
        [0.9, 2],
      ],
      /`S`: entry 2 of it is not symmetric/,
    ],
    [
      'not positive definite',
      [
        [1, 2],
        [2, 1],
      ],
      /`S`: entry 2 of it is not positive definite/,
    ],
    [
      'of the wrong size',
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      /`S`/,
    ],
  ])('a covariance that is %s', async (_, matrix, said) => {
    const table = { a: twoGroups(20, 'a'), b: twoGroups(20, 'b') };
    const start = at({
      pi: [0.5, 0.5],
      mu: [
        [0, 0],
        [6, 6],
      ],
      S: [
        [
          [1, 0],
          [0, 1],
        ],
        matrix,
      ],
    });
    expect(await refusal(start, covariances, table)).toMatch(said);
  });

  it('only what the E-step reads must be there: k-means needs no shares', async () => {
    const table = { a: twoGroups(20, 'a'), b: twoGroups(20, 'b') };
    const start = at({
      mu: [
        [0, 0],
        [6, 6],
        [0, 6],
      ],
    });
    expect(await refusal(start, kMeans, table)).toBeUndefined();
    expect(await refusal(at({ pi: [0.2, 0.3, 0.5] }), kMeans, table)).toContain('`mu`');
  });

  it('a constraint need only hold after the first M-step', async () => {
    const floored = compile(`${univariate}constrain s2[k] >= 2\n`);
    const held = compile(`${univariate}constrain pi[1] = 0.25\n`);
    const options = { start: at(good), tolerance: 0, maxIterations: 1 };
    const table = { x: twoGroups(80) };
    expect((await floored.fit(table, options)).parameters['s2']).toEqual([2, 2]);
    expectParameters({ pi: (await held.fit(table, options)).parameters['pi'] }, { pi: [0.25, 0.75] }, 1e-15);
  });

  it('the trace begins at them', async () => {
    const table = { x: twoGroups(80) };
    const density = (v: number): number =>
      Math.log((0.5 * (Math.exp(-0.5 * v ** 2) + Math.exp(-0.5 * (v - 6) ** 2))) / Math.sqrt(2 * Math.PI));
    const { trace } = report(await compile(univariate).fit(table, { start: at(good), maxIterations: 2 }));
    expectClose(
      trace[0],
      table.x.reduce((s, v) => s + density(v), 0),
      1e-12,
    );
  });
});

describe('labels and responsibilities', () => {
  const z = Array.from(x, (_, i) => (i % 4 === 0 ? 1 : 2));
  const labels = (of: Record<string, unknown>): FitArguments['start'] =>
    ({ kind: 'labels', labels: of }) as unknown as NonNullable<FitArguments['start']>;
  const soft = (list: readonly unknown[]): FitArguments['start'] =>
    ({ kind: 'responsibilities', responsibilities: { z: list } }) as unknown as NonNullable<
      FitArguments['start']
    >;
  const rows = z.map((k) => (k === 1 ? [0.9, 0.1] : [0.1, 0.9]));

  it.each([
    ['another latent', labels({ y: z }), /`y`: the model has no such latent/],
    ['too few', labels({ z: z.slice(1) }), /`z`: the start has 11 entries and the data 12 rows/],
    ['label 0', labels({ z: [0, ...z.slice(1)] }), /label 0 of row 1 is not one of 1 to 2/],
    ['label 3', labels({ z: [...z.slice(1), 3] }), /label 3 of row 12/],
    ['label 1.5', labels({ z: [1, 1.5, ...z.slice(2)] }), /label 1\.5 of row 2/],
    ['a text', labels({ z: ['one', ...z.slice(1)] }), /label "one" of row 1/],
    ['nothing of the latent', labels({}), /`z`: the start says nothing of it/],
    [
      'rows of another K',
      soft(rows.map(() => [0.2, 0.3, 0.5])),
      /responsibilities of row 1 must be 2 numbers/,
    ],
    ['a row that sums to 0.9', soft([[0.5, 0.4], ...rows.slice(1)]), /of row 1 .* sum to 1/],
    ['a negative number', soft([...rows.slice(1), [1.1, -0.1]]), /of row 12/],
    ['numbers, not rows', soft(z), /of row 1/],
  ])('%s', async (_, start, said) => {
    expect(await refusal(start)).toMatch(said);
  });

  it('of a model without a latent', async () => {
    const one =
      'model One\nplate i over rows\nparam mu : real\nparam s2 : variance\ndata x[i] : real ~ Normal(mu, s2)\n';
    expect(await refusal(labels({ z }), one)).toContain('no such latent');
  });
});

/** Rows of a group that own one component together: steps go through the groups, and answer as the rows do. */
import { describe, expect, it } from 'vitest';
import { compileSource } from '../../src/compile.js';
import type { LaneOptions } from '../../src/engine/javascript/lanes.js';
import { openTogether } from '../../src/engine/javascript/together.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import type { RowData, Session } from '../../src/engine/types.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import { program } from '../../src/plan/program.js';
import type { Parameters, Program } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';

const GROUPS = 40;
const ROWS = 300;

const source = (parameters: string, data: string): string => `model Repeated
const K = 3
plate i over rows
plate g over distinct id
plate k in 1..K
param pi : simplex[k]
${parameters}
latent z[g] : k ~ Categorical(pi)
data id[i] : g
${data}
`;

const models = {
  numbers: source(
    'param mu[k] : real\nparam s2[k] : variance',
    'data y[i] : real ~ Normal(mu[z[id[i]]], s2[z[id[i]]])',
  ),
  vectors: source(
    'param mu[k] : real[3]\nparam Sigma[k] : covariance[3]',
    'data y[i] : real[3] ~ Normal(mu[z[id[i]]], Sigma[z[id[i]]])',
  ),
  diagonal: source(
    'param mu[k] : real[3]\nparam v[k] : variance[3]',
    'data y[i] : real[3] ~ Normal(mu[z[id[i]]], diag(v[z[id[i]]]))',
  ),
  lines: source(
    'param w[k] : real[2]\nparam s2[k] : variance',
    'data phi[i] : real[2]\ndata y[i] : real ~ Normal(dot(w[z[id[i]]], phi[i]), s2[z[id[i]]])',
  ),
  counts: source(
    'param rate[k] : positive\nparam chance[k] : unit',
    'data n[i] : count ~ Poisson(rate[z[id[i]]])\ndata flag[i] : boolean ~ Bernoulli(chance[z[id[i]]])',
  ),
};

function programOf(text: string): Program {
  const { plan, diagnostics } = compileSource(text);
  if (plan === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return program(plan, { K: 3, D: 3, N: ROWS, N_g: GROUPS }, new Map());
}

/** Rows of the model, of groups in no order, and parameters of an M-step from responsibilities drawn at random. */
async function drawn(p: Program, more: Partial<RowData> = {}, far = 0) {
  const random = stream('groups', 'rows');
  const of = Int32Array.from({ length: ROWS }, (_, i) =>
    i < GROUPS ? i : Math.floor(GROUPS * random.uniform()),
  );
  const isCount = p.plan.groups.some((g) => g.kind === 'symbol' && String(g.symbol) === 'n');
  const columns = p.columns.map((_, c) =>
    Float64Array.from(of, (group) => {
      const x = far + (group % 3) * (c + 1) + 2 * random.uniform();
      return isCount ? Math.floor(x) % (c === 0 ? 9 : 2) : x;
    }),
  );
  const data: RowData = {
    rows: ROWS,
    columns,
    weights: undefined,
    labels: [undefined],
    groups: { count: GROUPS, of },
    ...more,
  };
  const r = new Float64Array(3 * ROWS);
  for (let i = 0; i < ROWS; i++) for (let k = 0; k < 3; k++) r[3 * i + k] = k === of[i] % 3 ? 0.6 : 0.2;
  const moments = await (await referenceEngine.open(p, data)).momentsOf(r);
  return { data, parameters: parameterStage(p, moments, new Map() as Parameters).parameters };
}

const opened = (p: Program, data: RowData, options: LaneOptions = { threads: 1 }): Session | undefined =>
  openTogether(p, data, options, () => {
    throw new Error('asked for the rows');
  });

const weights = (least: number): Float64Array => {
  const random = stream('groups', 'weights');
  return Float64Array.from({ length: ROWS }, (_, i) =>
    i < GROUPS ? least : Math.floor(4 * random.uniform()) / 2,
  );
};

function expectAlike(actual: Float64Array, expected: Float64Array, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  actual.forEach((x, n) => {
    expect(Math.abs(x - expected[n]), what).toBeLessThan(1e-11 * largest);
  });
}

describe.each(Object.entries(models))('%s', (_, text) => {
  it.each([
    ['plain', {}, 0],
    ['weighted', { weights: weights(1) }, 0],
    ['some way from 0', {}, 1000],
  ] as const)('%s: the answers of the reference engine', async (__, more, far) => {
    const p = programOf(text);
    const { data, parameters } = await drawn(p, more, text === models.counts ? 0 : far);
    const truth = await (await referenceEngine.open(p, data)).expectation(parameters);
    const found = await opened(p, data)!.expectation(parameters);
    expect(Math.abs(found.logLikelihood / truth.logLikelihood - 1)).toBeLessThan(1e-11);
    expectAlike(found.moments.weight, truth.moments.weight, 'weight');
    expectAlike(found.moments.groupWeight!, truth.moments.groupWeight!, 'weight of groups');
    expectAlike(found.moments.mean, truth.moments.mean, 'means');
    // columns that are constant, as 1 − x is beside x, have their scatter to the size of the others
    expectAlike(found.moments.scatter, truth.moments.scatter, 'scatter');
  });

  it('the same bits on any number of threads', async () => {
    const p = programOf(text);
    const { data, parameters } = await drawn(p);
    const [one, five] = [1, 5].map((threads) => opened(p, data, { threads, limit: 0, leastRows: 2 })!);
    const [a, b] = [await one.expectation(parameters), await five.expectation(parameters)];
    expect(structuredClone([b.logLikelihood, b.moments])).toEqual(
      structuredClone([a.logLikelihood, a.moments]),
    );
    one.dispose();
    five.dispose();
  });
});

describe('steps go through the rows', () => {
  const p = programOf(models.numbers);
  it.each([
    ['where groups have labels', { labels: [Int32Array.from({ length: ROWS }, () => 1)] }, 0],
    [
      'where a group weighs nothing',
      { weights: weights(0).map((w, i) => (i % 7 === 0 ? 0 : w * +(i > 250))) },
      0,
    ],
    ['where means would be rounded', {}, 1e6],
    [
      'where groups are of few rows',
      { groups: { count: ROWS, of: Int32Array.from({ length: ROWS }, (_, i) => i) } },
      0,
    ],
  ] as const)('%s', async (_, more, far) => {
    const { data } = await drawn(p, more, far);
    expect(opened(p, data)).toBeUndefined();
  });

  it('where a row has a latent of its own', async () => {
    const two = programOf(
      source(
        'param rho[k] : simplex[k]\nparam mu[k] : real\nparam s2 : variance',
        'latent s[i] : k ~ Categorical(rho[z[id[i]]])\ndata y[i] : real ~ Normal(mu[s[i]], s2)',
      ),
    );
    const { data } = await drawn(p);
    expect(opened(two, data)).toBeUndefined();
  });
});

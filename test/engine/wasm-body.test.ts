/** What the kernel of any logits runs beside polynomials: categories, exponentials, sums over the rows under its responsibilities. */
import { describe, expect, it } from 'vitest';
import { compileSource } from '../../src/compile.js';
import { bind } from '../../src/data/bind.js';
import { openTable } from '../../src/data/read.js';
import { automatic } from '../../src/engine/choose.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import type { Session } from '../../src/engine/types.js';
import { wasmFeatures } from '../../src/engine/wasm/features.js';
import { bodyKernel } from '../../src/engine/wasm/mixture/body-kernel.js';
import { constantValues, prepare } from '../../src/fit/prepare.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import type { Parameters } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';
import { expectAlike, readMoments } from './alike.js';
import { plainParameters } from './programs.js';

const source = (parameters: string, data: string): string => `model Rows
const K = 3
plate i over rows
plate k in 1..K
param pi : simplex[k]
${parameters}
latent z[i] : k ~ Categorical(pi)
${data}
`;

const models = {
  'a category, a truth value, a count': source(
    'param kinds[k] : simplex[4]\nparam chance[k] : unit\nparam rate[k] : positive',
    `data kind[i] : category[4] ~ Categorical(kinds[z[i]])
data flag[i] : boolean ~ Bernoulli(chance[z[i]])
data n[i] : count ~ Poisson(rate[z[i]])`,
  ),
  'two categories beside numbers': source(
    'param a[k] : simplex[4]\nparam b[k] : simplex[2]\nparam mu[k] : real[2]\nparam Sigma[k] : covariance[2]',
    `data kind[i] : category[4] ~ Categorical(a[z[i]])
data flag[i] : category[2] ~ Categorical(b[z[i]])
data y[i] : real[2] from x, t ~ Normal(mu[z[i]], Sigma[z[i]])`,
  ),
  'counts on a covariate': source(
    'param b[k] : real[2]\nlet phi[i] = [1, t[i]]',
    'data t[i] : real\ndata n[i] : count ~ Poisson(exp(dot(b[z[i]], phi[i])))',
  ),
  robust: source(
    'param mu[k] : real[2]\nparam Sigma[k] : covariance[2]',
    'data y[i] : real[2] from x, t ~ StudentT(4, mu[z[i]], Sigma[z[i]])',
  ),
};
const ROWS = [9, 255, 258, 20_003];

interface Run extends Awaited<ReturnType<typeof prepared>> {
  readonly parameters: Parameters;
}

async function prepared(text: string, rows: number, weighted: boolean) {
  const { plan, diagnostics } = compileSource(text + (weighted ? 'data w[i] : positive as weight\n' : ''));
  if (plan === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const random = stream('body', String(rows));
  const z = Array.from({ length: rows }, () => Math.floor(3 * random.uniform()));
  const column = (of: (k: number, u: number) => number): number[] => z.map((k) => of(k, random.uniform()));
  const columns = {
    kind: column((k, u) => 1 + ((k + Math.floor(1.6 * u)) % 4)),
    flag: column((k, u) => Number(u < 0.2 + 0.3 * k)),
    n: column((k, u) => Math.floor(-(1 + 2 * k) * Math.log(1 - u))),
    x: column((k, u) => 3 * k + 2 * u),
    t: column((k, u) => k - 4 * u),
    w: column((_, u) => 0.5 + Math.floor(3 * u)),
  };
  const constants = constantValues(plan.model, {}).value;
  const { value: table } = await openTable({ kind: 'columns', columns }, {});
  const bound = await bind(plan.model, table!, { bind: {}, constants, use: 'fit' });
  return { ...prepare(plan, bound.value!, constants), z };
}

/** With parameters of an M-step from responsibilities that know the component a little. */
async function drawn(text: string, rows: number, weighted = false, labelled = false): Promise<Run> {
  const run = await prepared(text, rows, weighted);
  const data = labelled
    ? { ...run.data, labels: [Int32Array.from(run.z, (k, i) => (i % 3 === 0 ? k + 1 : 0))] }
    : run.data;
  const r = Float64Array.from({ length: 3 * rows }, (_, at) =>
    at % 3 === run.z[Math.floor(at / 3)] ? 0.8 : 0.1,
  );
  const moments = await (await referenceEngine.open(run.program, data)).momentsOf(r);
  const { parameters, failures } = parameterStage(run.program, moments, plainParameters(run.program));
  expect(failures).toEqual([]);
  return { ...run, data, parameters };
}

const features = wasmFeatures();
const opened = ({ program, data }: Run, threads: number): Session => {
  expect(bodyKernel.whyNot(program, data.rows)).toBeUndefined();
  return bodyKernel.open(program, data, { threads, fused: features.ok && features.fused });
};

describe.each(Object.entries(models))('%s', (_, text) => {
  it.each(ROWS)('the reference engine’s answers, and its next parameters, on %i rows', async (rows) => {
    for (const [weighted, labelled] of [
      [false, false],
      [true, false],
      [false, true],
    ]) {
      const run = await drawn(text, rows, weighted, labelled);
      const { program, data, parameters } = run;
      const truth = await (await referenceEngine.open(program, data)).expectation(parameters);
      const session = opened(run, 2);
      const found = await session.expectation(parameters);
      expectAlike([found.logLikelihood], [truth.logLikelihood], 'log-likelihood');
      const theirs = readMoments(program, truth.moments);
      readMoments(program, found.moments).forEach((own, n) => {
        expectAlike(own, theirs[n], `moments ${String(n)}`);
      });
      const wanted = parameterStage(program, truth.moments, parameters).parameters;
      const next = parameterStage(program, found.moments, parameters).parameters;
      // Newton's method stops where it sees no rise any more
      for (const [name, { data: values }] of wanted)
        next.get(name)!.data.forEach((x, n) => {
          expect(Math.abs(x - values[n]), name).toBeLessThan(1e-8 * Math.max(1, Math.abs(values[n])));
        });
      session.dispose();
    }
  });

  it('the same bits on any number of threads', async () => {
    const run = await drawn(text, 30_001);
    const answers = await Promise.all(
      [1, 5].map(async (threads) => {
        const session = opened(run, threads);
        const { moments, logLikelihood } = await session.expectation(run.parameters);
        const next = [...parameterStage(run.program, moments, run.parameters).parameters.values()];
        session.dispose();
        return [logLikelihood, ...readMoments(run.program, moments), next];
      }),
    );
    expect(answers[1]).toEqual(answers[0]);
  });

  it('is what is chosen where there is enough to do', async () => {
    const { program } = await drawn(text, 300);
    const request = { engine: 'auto', precision: 'float64', device: 'auto', threads: 2, steps: 100 } as const;
    expect(automatic(program, 100_000, request).name).toBe('wasm');
  });
});

it('a share of 0 rules a component out, and 0 log 0 is 0', async () => {
  const run = await drawn(models['a category, a truth value, a count'], 600);
  const set = (name: string, at: number, values: readonly number[]) =>
    [...run.parameters].map(([n, p]) => {
      const data = p.data.slice();
      if (String(n) === name) data.set(values, at);
      return [n, { ...p, data }] as const;
    });
  const parameters: Parameters = new Map([
    ...set('kinds', 0, [0, 0.5, 0.5, 0]).filter(([n]) => String(n) === 'kinds'),
    ...set('chance', 1, [0]).filter(([n]) => String(n) !== 'kinds'),
  ]);
  const truth = await (await referenceEngine.open(run.program, run.data)).expectation(parameters);
  const session = opened(run, 1);
  const found = await session.expectation(parameters);
  expect(found.sumLogLargest, 'by the kernel itself').toBeDefined();
  expectAlike([found.logLikelihood], [truth.logLikelihood], 'log-likelihood');
  expectAlike(found.moments.weight, truth.moments.weight, 'weight');
  expectAlike(found.moments.strata![0].weight, truth.moments.strata![0].weight, 'weight by category');
  expect(found.moments.strata![0].weight[0]).toBe(0);
  session.dispose();
});

it.each([
  [
    'means told apart by categories',
    'param mu[c, k] : real\nparam s2 : variance\nparam a : simplex[c]',
    'plate c in 1..4\ndata kind[i] : c ~ Categorical(a)\ndata x[i] : real ~ Normal(mu[kind[i], z[i]], s2)',
    'categories',
  ],
  [
    'a median',
    'param mu[k] : real\nparam b[k] : positive',
    'data x[i] : real ~ Laplace(mu[z[i]], b[z[i]])',
    'median',
  ],
])('not %s', async (_, parameters, data, reason) => {
  const { program } = await prepared(source(parameters, data), 20, false);
  expect(bodyKernel.whyNot(program, 20)).toContain(reason);
});

/** The kernel of rows with missing cells: each step is its own, as what it leaves to another session would be a promise. */
import { describe, expect, it } from 'vitest';
import { compileSource } from '../../src/compile.js';
import { bind } from '../../src/data/bind.js';
import { openTable } from '../../src/data/read.js';
import { withIncompleteRows } from '../../src/engine/incomplete.js';
import { inPatterns } from '../../src/engine/patterns.js';
import type { PatternRows } from '../../src/engine/patterns.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import type { Expectation, RowData, Session } from '../../src/engine/types.js';
import { openWasm } from '../../src/engine/wasm/engine.js';
import { wasmFeatures } from '../../src/engine/wasm/features.js';
import { openPatterns } from '../../src/engine/wasm/patterns/session.js';
import { constantValues, prepare } from '../../src/fit/prepare.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import type { Parameters, Program } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';
import { examples } from '../models.js';
import { expectAlike, readMoments } from './alike.js';
import { columnsThatMayMiss, drawnParameters, prepared } from './programs.js';

const features = wasmFeatures();
const opened = (program: Program, rows: PatternRows, threads: number): Session | string =>
  openPatterns(program, rows, { threads, fused: features.ok && features.fused });

function stepOf(session: Session | string, parameters: Parameters): Expectation {
  if (typeof session === 'string') throw new Error(session);
  const found = session.expectation(parameters);
  if (found instanceof Promise) throw new Error('the kernel has left the step to another session');
  return found;
}

/** One step beside the reference engine's. */
async function expectTheReferences(program: Program, data: RowData, parameters: Parameters): Promise<void> {
  const rows = inPatterns(program, data);
  const session = opened(program, rows, 2);
  const found = stepOf(session, parameters);
  const truth = await (await referenceEngine.open(program, rows.data)).expectation(parameters);
  expectAlike([found.logLikelihood], [truth.logLikelihood], 'log-likelihood');
  const theirs = readMoments(program, truth.moments);
  readMoments(program, found.moments).forEach((own, n) => {
    expectAlike(own, theirs[n], `moments ${String(n)}`);
  });
  (session as Session).dispose();
}

describe('the reference engine’s answers on the examples, a fifth of the cells missing', () => {
  const ran: string[] = [];
  it.each(examples)('$name', async (example) => {
    for (const marks of [{}, { weights: true, labels: true }]) {
      // it has weights or labels of its own
      if ('weights' in marks && example.model.startsWith('rows')) continue;
      const run = await prepared(example, { ...marks, missing: true });
      if (columnsThatMayMiss(run.program).length === 0) return;
      const session = opened(run.program, inPatterns(run.program, run.data), 1);
      if (typeof session === 'string') return;
      session.dispose();
      ran.push(example.name);
      await expectTheReferences(run.program, run.data, await drawnParameters(run, 1));
    }
  });
  it('are many', () => {
    expect(new Set(ran).size).toBeGreaterThan(40);
  });
});

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
  'full covariances': source(
    'param mu[k] : real[3]\nparam Sigma[k] : covariance[3]',
    'data y[i] : real[3] from x, t, u ~ Normal(mu[z[i]], Sigma[z[i]])',
  ),
  'a tied covariance beside a category': source(
    'param mu[k] : real[3]\nparam Sigma : covariance[3]\nparam kinds[k] : simplex[4]',
    `data y[i] : real[3] from x, t, u ~ Normal(mu[z[i]], Sigma)
data kind[i] : category[4] ~ Categorical(kinds[z[i]])`,
  ),
  'a response on covariates': source(
    'param b[k] : real[2]\nparam s2[k] : variance\nlet phi[i] = [1, n[i]]',
    'data n[i] : real\ndata x[i] : real ~ Normal(dot(b[z[i]], phi[i]), s2[z[i]])',
  ),
  'means by a category': source(
    'plate c in 1..4\nparam mu[c, k] : real[2]\nparam v[k] : positive[2]\nparam a : simplex[c]',
    'data kind[i] : c ~ Categorical(a)\ndata y[i] : real[2] from x, t ~ Normal(mu[kind[i], z[i]], diag(v[z[i]]))',
  ),
  'zeros of two kinds beside numbers': source(
    `param theta : unit\nparam rate[k] : positive\nparam mu[k] : real[2]\nparam Sigma[k] : covariance[2]
latent idle[i] : boolean ~ Bernoulli(theta)`,
    `data n[i] : count ~ if idle[i] then PointMass(0) else Poisson(rate[z[i]])
data y[i] : real[2] from x, t ~ Normal(mu[z[i]], Sigma[z[i]])`,
  ),
};

/** Three clusters; a fifth of the cells of x, t and u are missing, in some rows all. */
async function drawn(text: string, rows: number, weighted = false) {
  const { plan, diagnostics } = compileSource(text + (weighted ? 'data w[i] : positive as weight\n' : ''));
  if (plan === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const random = stream('patterns', String(rows));
  const z = Array.from({ length: rows }, () => Math.floor(3 * random.uniform()));
  const column = (of: (k: number, u: number) => number): number[] => z.map((k) => of(k, random.uniform()));
  const cells = (of: (k: number, u: number) => number): (number | null)[] =>
    column(of).map((x) => (random.uniform() < 0.2 ? null : x));
  const columns = {
    kind: column((k, u) => 1 + ((k + Math.floor(1.6 * u)) % 4)),
    n: column((k, u) => Math.floor(-(1 + 2 * k) * Math.log(1 - u))),
    x: cells((k, u) => 1000 + 3 * k + 2 * u),
    t: cells((k, u) => k - 4 * u),
    u: cells((k, u) => (u - k) ** 2),
    w: column((_, u) => 0.5 + Math.floor(3 * u)),
  };
  const constants = constantValues(plan.model, {}).value;
  const { value: table } = await openTable({ kind: 'columns', columns }, {});
  const bound = await bind(plan.model, table!, { bind: {}, constants, use: 'fit' });
  const { program, data } = prepare(plan, bound.value!, constants);
  return { program, data, symbols: bound.value!.symbols, z };
}

describe.each(Object.entries(models))('%s', (_, text) => {
  it.each([7, 300, 9001])('the reference engine’s answers on %i rows', async (rows) => {
    for (const weighted of [false, true]) {
      const run = await drawn(text, rows, weighted);
      const { program, data } = run;
      expect(data.hasMissing).toBe(true);
      const parameters = await drawnParameters({ ...run, symbols: new Map() }, 1);
      await expectTheReferences(program, data, parameters);
      if (program.plan.axes.length > 1) continue;
      const labels = [Int32Array.from(run.z, (k, i) => (i % 3 === 0 ? k + 1 : 0))];
      await expectTheReferences(program, { ...data, labels }, parameters);
    }
  });

  it('the same bits on any number of threads', async () => {
    const run = await drawn(text, 60_001);
    const rows = inPatterns(run.program, run.data);
    const parameters = await drawnParameters({ ...run, symbols: new Map() }, 1);
    const answers = [1, 2, 5].map((threads) => {
      const session = opened(run.program, rows, threads);
      expect((session as Session).threads).toBe(threads);
      const { moments, logLikelihood } = stepOf(session, parameters);
      (session as Session).dispose();
      return [logLikelihood, ...readMoments(run.program, moments)];
    });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });
});

it.each(['full covariances', 'a tied covariance beside a category'] as const)(
  'one step after another, beside the kernel of complete rows: %s',
  async (name) => {
    const { program, data } = await drawn(models[name], 20_000);
    let parameters = await drawnParameters({ program, data, symbols: new Map() }, 1);
    const engine = withIncompleteRows(openWasm({ threads: 2, device: 'cpu' }).engine!);
    const truth = await referenceEngine.open(program, data);
    const session = await engine.open(program, data);
    for (let step = 0; step < 3; step++) {
      const theirs = await truth.expectation(parameters);
      const found = await session.expectation(parameters);
      expectAlike([found.logLikelihood], [theirs.logLikelihood], 'log-likelihood');
      parameters = parameterStage(program, theirs.moments, parameters).parameters;
    }
    session.dispose();
  },
);

it('the engine leaves few rows to generated JavaScript', async () => {
  const { openIncomplete } = openWasm({ threads: 2, device: 'cpu' }).engine!;
  for (const [rows, takes] of [
    [300, false],
    [30_000, true],
  ] as const) {
    const { program, data } = await drawn(models['full covariances'], rows);
    const session = openIncomplete!(program, inPatterns(program, data));
    expect(session !== undefined).toBe(takes);
    session?.dispose();
  }
});

it('narrow components far from the mean of all rows keep their digits', async () => {
  const { program, data, z } = await drawn(models['full covariances'], 3000);
  const far = { ...data, columns: data.columns.map((c) => c.map((x, i) => 1e6 * z[i] + x)) };
  const r = Float64Array.from({ length: 9000 }, (_, at) => Number(at % 3 === z[Math.floor(at / 3)]));
  const moments = await (await referenceEngine.open(program, far)).momentsOf(r);
  const start = await drawnParameters({ program, data, symbols: new Map() }, 1);
  const { parameters } = parameterStage(program, moments, start);
  await expectTheReferences(program, far, parameters);
});

it('where a row has no density for any component the reference engine’s answer is given', async () => {
  const { program, data } = await drawn(models['a tied covariance beside a category'], 600);
  const drawnOnes = await drawnParameters({ program, data, symbols: new Map() }, 1);
  const parameters: Parameters = new Map(
    [...drawnOnes].map(([name, p]) => [
      name,
      String(name) === 'kinds' ? { ...p, data: p.data.map((_, at) => (at % 4 === 0 ? 0 : 1 / 3)) } : p,
    ]),
  );
  const rows = inPatterns(program, data);
  const session = opened(program, rows, 1) as Session;
  const found = await session.expectation(parameters);
  const truth = await (await referenceEngine.open(program, rows.data)).expectation(parameters);
  expect(truth.logLikelihood).toBe(-Infinity);
  expect(found.logLikelihood).toBe(-Infinity);
  session.dispose();
});

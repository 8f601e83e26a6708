/** All engines answer alike, on every example: the reference engine is the truth. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { withIncompleteRows } from '../../src/engine/incomplete.js';
import { javascriptEngine } from '../../src/engine/javascript/engine.js';
import { openByPatterns } from '../../src/engine/incomplete.js';
import { openIncomplete } from '../../src/engine/javascript/incomplete.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import { openTensorFlow } from '../../src/engine/tensorflow/engine.js';
import { isTensorFlowInstalled } from '../../src/engine/tensorflow/load.js';
import { openTfjs } from '../../src/engine/tfjs/engine.js';
import type { Engine, Session } from '../../src/engine/types.js';
import { openWasm, whyNotWasm } from '../../src/engine/wasm/engine.js';
import { whyNoWebGpu } from './webgpu.js';
import type { SymbolName } from '../../src/model/types.js';
import { canBeMissing } from '../../src/plan/marginal.js';
import { neededMoments } from '../../src/plan/needed-moments.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import type { Moments, Parameters, Program } from '../../src/plan/types.js';
import { compiled, examples, exampleSource, plainExamples } from '../models.js';
import type { Example } from '../models.js';
import { drawnParameters, prepared } from './programs.js';
import type { Marks, Prepared } from './programs.js';

const installed = isTensorFlowInstalled();
const why = installed.ok ? '' : ` (skipped: ${installed.reason})`;
const noWebGpu = await whyNoWebGpu();
const whyNoGpu = noWebGpu === undefined ? '' : ` (skipped: ${noWebGpu})`;

/** Soft ones; hard assignment has a test of its own. */
const onWasm: Example[] = [];
for (const example of examples) {
  const { program, data } = await prepared(example);
  if (program.plan.assignment === 'soft' && whyNotWasm(program, data.rows) === undefined)
    onWasm.push(example);
}

const engines = [
  {
    name: 'javascript',
    skip: false,
    tolerance: 1e-10,
    examples,
    open: () =>
      Promise.resolve({ engine: withIncompleteRows(javascriptEngine({ threads: 1 })), problem: undefined }),
  },
  {
    name: `tensorflow${why}`,
    skip: !installed.ok,
    tolerance: 1e-10,
    examples,
    open: async () => {
      const { engine, problem } = await openTensorFlow({ threads: 2, device: 'auto' });
      return { engine: engine && withIncompleteRows(engine), problem };
    },
  },
  {
    name: `tensorflow in float32${why}`,
    skip: !installed.ok,
    tolerance: 1e-5,
    examples,
    open: async () => {
      const { engine, problem } = await openTensorFlow({ threads: 2, device: 'auto', precision: 'float32' });
      return { engine: engine && withIncompleteRows(engine), problem };
    },
  },
  {
    name: 'tfjs',
    skip: false,
    tolerance: 1e-4,
    examples,
    open: async () => {
      const { engine, problem } = await openTfjs({ threads: 1, device: 'cpu', backend: 'cpu' });
      return { engine: engine && withIncompleteRows(engine), problem };
    },
  },
  {
    name: `webgpu${whyNoGpu}`,
    skip: noWebGpu !== undefined,
    // shaders have exp and log to fewer digits
    tolerance: 2e-4,
    afterSteps: 1e-3,
    examples,
    open: async () => {
      const { engine, problem } = await openTfjs({ threads: 1, device: 'gpu', backend: 'webgpu' });
      return { engine: engine && withIncompleteRows(engine), problem };
    },
  },
  {
    name: 'wasm',
    skip: false,
    tolerance: 1e-10,
    examples: onWasm,
    open: () => {
      const { engine, problem } = openWasm({ threads: 2, device: 'auto' });
      return Promise.resolve({ engine: engine && withIncompleteRows(engine), problem });
    },
  },
] as const;

const [, tensorflow, single] = engines;

const variants: Readonly<Record<string, Marks>> = {
  plain: {},
  weighted: { weights: true },
  'weighted and labelled': { weights: true, labels: true },
};

/** Equal to `tolerance` of the largest of them. */
function expectAlike(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
) {
  expect(actual.length, what).toBe(expected.length);
  let largest = 0;
  let off = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    off = Number.isFinite(actual[i]) ? Math.max(off, Math.abs(actual[i] - expected[i])) : Infinity;
  }
  expect(off, `${what}: off by this much, of at most ${String(largest)}`).toBeLessThanOrEqual(
    tolerance * largest,
  );
}

/** Column by column, since the columns have units of their own, those that are read; pooled scatter only in its sum. */
function expectMoments(
  program: Program,
  actual: Moments,
  expected: Moments,
  tolerance: number,
  stratum = 0,
): void {
  const { means, products } = neededMoments(program, stratum);
  expectAlike(actual.weight, expected.weight, tolerance, 'weight');
  if (expected.groupWeight !== undefined)
    expectAlike(actual.groupWeight!, expected.groupWeight, tolerance, 'weight of groups');
  expect(actual.strata?.length).toBe(expected.strata?.length);
  expected.strata?.forEach((s, n) => {
    expectMoments(program, actual.strata![n], s, tolerance, n + 1);
  });
  const c = program.columns.length;
  for (let a = 0; a < c; a++) {
    if (!means[a]) continue;
    // the mean of no rows is nothing to agree on
    const column = (m: Moments): Float64Array =>
      m.mean.filter((_, at) => at % c === a && expected.weight[Math.floor(at / c)] > 0);
    expectAlike(column(actual), column(expected), tolerance, `mean of column ${String(a)}`);
  }
  const each = expected.scatter.length / expected.components;
  const entry = (m: Moments, at: number): readonly number[] => {
    const values = Array.from({ length: m.components }, (_, k) => m.scatter[k * each + at]);
    return program.plan.pooledScatter ? [values.reduce((s, v) => s + v, 0)] : values;
  };
  // an off-diagonal entry is measured by the diagonal ones that it stands between
  const spread = (at: number): number => Math.max(...entry(expected, at).map(Math.abs));
  for (let at = 0; at < each; at++) {
    const [i, j] = each === c * c ? [Math.floor(at / c), at % c] : [at, at];
    if (!products[Math.min(i, j) * c + Math.max(i, j)]) continue;
    const scale = each === c * c ? Math.sqrt(spread(i * c + i) * spread(j * c + j)) : spread(at);
    const gaps = entry(actual, at).map((x, k) => Math.abs(x - entry(expected, at)[k]));
    expect(Math.max(...gaps), `scatter ${String(i)}, ${String(j)}`).toBeLessThanOrEqual(
      tolerance * scale + 1e-300,
    );
  }
}

const opened = async (engine: (typeof engines)[number]): Promise<Engine> => {
  const { engine: found, problem } = await engine.open();
  if (found === undefined) throw new Error(problem?.reason);
  return found;
};

async function expectSameAnswers(
  { program, data }: Prepared,
  engine: Engine,
  parameters: Parameters,
  tolerance: number,
): Promise<void> {
  const truth = await referenceEngine.open(program, data);
  const session = await engine.open(program, data);
  try {
    const [ours, theirs] = [await session.expectation(parameters), await truth.expectation(parameters)];
    expectAlike([ours.logLikelihood], [theirs.logLikelihood], tolerance, 'log-likelihood');
    expectMoments(program, ours.moments, theirs.moments, tolerance);
    const [rows, trueRows] = [await session.posterior(parameters), await truth.posterior(parameters)];
    expectAlike(rows.responsibilities, trueRows.responsibilities, tolerance, 'responsibilities');
    expectAlike(rows.logDensity, trueRows.logDensity, tolerance, 'log densities');
    const r = trueRows.responsibilities;
    expectMoments(program, await session.momentsOf(r), await truth.momentsOf(r), tolerance);
  } finally {
    session.dispose();
  }
}

/** Five EM steps by an engine alone; the objective at the end too. */
async function fiveSteps(session: Session, program: Program, start: Parameters) {
  let parameters = start;
  let expectation = await session.expectation(parameters);
  for (let step = 0; step < 5; step++) {
    parameters = parameterStage(program, expectation.moments, parameters).parameters;
    expectation = await session.expectation(parameters);
  }
  return { parameters, logLikelihood: expectation.logLikelihood };
}

/** Examples without weights and labels of their own. */
const isUnmarked = (e: Example): boolean =>
  !e.model.startsWith('rows') &&
  (plainExamples.includes(e) || compiled(exampleSource(e)).plan.latent !== undefined);

// before tfjs runs: its plain backend, which only tests ask for, stays the current one of the process
describe.skipIf(!installed.ok)(`far from zero: tensorflow${why}`, () => {
  const far = plainExamples.filter((e) => /^(clustering|covariance|gaussian|mixtures)/.test(e.model));
  it.each([
    ...far.map((example) => ({ ...example, engine: tensorflow, tolerance: 1e-8 })),
    // the columns are standardised in float64
    ...far.map((example) => ({ ...example, engine: single, tolerance: 1e-4 })),
  ])('$name at 1e6, $engine.name', async ({ engine, tolerance, ...example }) => {
    const run = await prepared(example);
    const far = {
      ...run,
      data: { ...run.data, columns: run.data.columns.map((c) => c.map((x) => x + 1e6)) },
    };
    const parameters = await drawnParameters(far, 4);
    const { program, data } = far;
    const truth = await referenceEngine.open(program, data);
    const session = await (await opened(engine)).open(program, data);
    const [ours, theirs] = [await session.expectation(parameters), await truth.expectation(parameters)];
    const posterior = await session.posterior(parameters);
    session.dispose();
    expectAlike([ours.logLikelihood], [theirs.logLikelihood], tolerance, 'log-likelihood');
    expectMoments(program, ours.moments, theirs.moments, tolerance);
    const { responsibilities, logDensity } = await truth.posterior(parameters);
    expectAlike(posterior.responsibilities, responsibilities, tolerance, 'responsibilities');
    expectAlike(posterior.logDensity, logDensity, tolerance, 'log densities');
  });
});

/** Σ_rows log Σ_k pi_k Π_q p^q (1 − p)^(1 − q), term by term. */
function bernoulliLogLikelihood(
  columns: readonly Float64Array[],
  pi: readonly number[],
  p: readonly number[][],
): number {
  let total = 0;
  for (let i = 0; i < columns[0].length; i++)
    total += Math.log(
      pi.reduce(
        (s, share, k) => s + share * p.reduce((x, pq, q) => x * (columns[q][i] === 1 ? pq[k] : 1 - pq[k]), 1),
        0,
      ),
    );
  return total;
}

describe('tfjs leaves no tensors behind', () => {
  it.each(examples.filter((e) => !plainExamples.includes(e)))('$name', async (example) => {
    const run = await prepared(example);
    const engine = await opened(engines.find((e) => e.name === 'tfjs')!);
    const parameters = await drawnParameters(run, 1);
    const before = tf.memory().numTensors;
    const session = await engine.open(run.program, run.data);
    const held = tf.memory().numTensors;
    await session.expectation(parameters);
    const { responsibilities } = await session.posterior(parameters);
    await session.momentsOf(responsibilities);
    expect(tf.memory().numTensors).toBe(held);
    session.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a probability that has reached 1', () => {
  it.each(engines.filter((e) => !e.skip).map((e) => [e.name, e] as const))('%s', async (_, engine) => {
    const { program, data } = await prepared(examples.find((e) => e.name === 'latent-classes')!);
    const name = (text: string): SymbolName => text as unknown as SymbolName;
    const [pi, ...p] = [
      [0.6, 0.4],
      [1, 0.2],
      [0.8, 0.3],
      [0.7, 0.1],
      [0.2, 0.6],
    ];
    const parameters: Parameters = new Map(
      [pi, ...p].map((values, n) => [
        name(n === 0 ? 'pi' : `p${String(n)}`),
        { shape: [2], data: Float64Array.from(values) },
      ]),
    );
    const answers = program.columns.flatMap((_, c) => (c % 2 === 0 ? [data.columns[c]] : []));
    const session = await (await opened(engine)).open(program, data);
    const { logLikelihood, moments } = await session.expectation(parameters);
    const { responsibilities } = await session.posterior(parameters);
    session.dispose();
    const isSingle = engine.tolerance > 1e-10;
    const tolerance = isSingle ? 1e-6 : 1e-12;
    expectAlike([logLikelihood], [bernoulliLogLikelihood(answers, pi, p)], tolerance, 'log-likelihood');
    // who said no cannot be of the class that always says yes, and what is left is a number between 0 and 1
    answers[0].forEach((q, i) => {
      if (q === 0) expect(responsibilities[2 * i]).toBe(0);
    });
    const [q1] = parameterStage(program, moments, parameters).parameters.get(name('p1'))!.data;
    expect(q1).toBeLessThanOrEqual(1);
    expect(q1).toBeCloseTo(1, isSingle ? 6 : 14);
  });
});

describe('rows with missing cells, compiled', () => {
  const compiledRows: Engine = {
    ...javascriptEngine({ threads: 1 }),
    open: (program, data) =>
      Promise.resolve(openByPatterns(program, data, (rows) => openIncomplete(program, rows, { threads: 1 }))),
  };
  const some = examples.filter((e) => {
    const { plan } = compiled(exampleSource(e));
    return plan.groups.some((g) => g.kind === 'symbol' && canBeMissing(plan, g.symbol));
  });
  it('are there', () => {
    expect(some.length).toBeGreaterThan(20);
  });
  for (const [variant, marks] of Object.entries(variants))
    it.each(variant === 'plain' ? some : some.filter(isUnmarked))(
      `$name, ${variant}: the same answers at random parameters`,
      async (example) => {
        const run = await prepared(example, { ...marks, missing: true });
        await expectSameAnswers(run, compiledRows, await drawnParameters(run, 1), 1e-10);
      },
    );
});

for (const engine of engines)
  describe.skipIf(engine.skip)(engine.name, () => {
    for (const [variant, marks] of Object.entries(variants))
      it.each(variant === 'plain' ? engine.examples : engine.examples.filter(isUnmarked))(
        `$name, ${variant}: the same answers at random parameters`,
        async (example) => {
          const run = await prepared(example, marks);
          const found = await opened(engine);
          for (const seed of variant === 'plain' ? [1, 2] : [1])
            await expectSameAnswers(run, found, await drawnParameters(run, seed), engine.tolerance);
        },
      );

    it.each(engine.examples)('$name: the same place after five steps', async (example) => {
      const run = await prepared(example);
      const { program, data } = run;
      const start = await drawnParameters(run, 3);
      const session = await (await opened(engine)).open(program, data);
      const truth = await referenceEngine.open(program, data);
      const [ours, theirs] = [
        await fiveSteps(session, program, start),
        await fiveSteps(truth, program, start),
      ];
      session.dispose();
      const tolerance = 'afterSteps' in engine ? engine.afterSteps : 10 * engine.tolerance;
      expectAlike([ours.logLikelihood], [theirs.logLikelihood], tolerance, 'log-likelihood');
      for (const [name, { data: values }] of theirs.parameters)
        expectAlike(ours.parameters.get(name)!.data, values, tolerance, name);
    });
  });

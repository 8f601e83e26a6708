/** Hard assignment in WebAssembly: the reference engine's answers, in the same bits whatever the number of threads. */
import { describe, expect, it } from 'vitest';
import { compileSource } from '../../src/compile.js';
import { chooseEngine } from '../../src/engine/choose.js';
import { withIncompleteRows } from '../../src/engine/incomplete.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import type { Engine, RowData } from '../../src/engine/types.js';
import { openWasm, whyNotWasm } from '../../src/engine/wasm/engine.js';
import type { SymbolName } from '../../src/model/types.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import { program } from '../../src/plan/program.js';
import type { Moments, Parameters, Program } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';

const wasm = (threads: number): Engine => {
  const { engine, problem } = openWasm({ threads, device: 'auto' });
  if (engine === undefined) throw new Error(problem?.reason);
  return withIncompleteRows(engine);
};

const source = (line: string, declared = ''): string => `model Nearest
const eps
limit eps -> 0+
plate i over rows
plate k in 1..K
const K
${declared}
param pi : simplex[k]
param mu[k] : real[D]
latent z[i] : k ~ Categorical(pi)
data x[i] : real[D] ~ ${line}
`;
const K_MEANS = 'Normal(mu[z[i]], eps * I)';

function planOf(text: string) {
  const { plan, diagnostics } = compileSource(text);
  if (plan === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return plan;
}

const kMeans = (k: number, d: number, n: number, line = K_MEANS): Program =>
  program(planOf(source(line)), { K: k, D: d, N: n }, new Map());

const name = (text: string): SymbolName => text as unknown as SymbolName;
const centres = (k: number, d: number, values: ArrayLike<number>): Parameters =>
  new Map([
    [name('pi'), { shape: [k], data: new Float64Array(k).fill(1 / k) }],
    [name('mu'), { shape: [k, d], data: Float64Array.from(values) }],
  ]);

interface Drawn {
  readonly data: RowData;
  readonly parameters: Parameters;
}

/** Rows around `clusters` centres, and k of the rows as the centres to start from. */
function drawn(
  k: number,
  d: number,
  n: number,
  { seed = '1', offset = 0, spread = 3, round = false, clusters = k } = {},
): Drawn {
  const random = stream(seed, 'rows');
  const value = (x: number): number => (round ? Math.round(x) : x) + offset;
  const middles = Array.from({ length: clusters * d }, () => spread * random.normal());
  const columns = Array.from({ length: d }, () => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    const own = Math.floor(random.uniform() * clusters);
    columns.forEach((column, c) => (column[i] = value(middles[own * d + c] + random.normal())));
  }
  const starts = Array.from({ length: k }, () => Math.floor(random.uniform() * n));
  return {
    data: { rows: n, columns, weights: undefined, labels: [undefined] },
    parameters: centres(
      k,
      d,
      starts.flatMap((i) => columns.map((column) => column[i])),
    ),
  };
}

function expectAlike(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const largest = Math.max(0, ...Array.from(expected, Math.abs));
  const off = Math.max(0, ...Array.from(expected, (x, i) => Math.abs(x - actual[i])));
  expect(off).toBeLessThanOrEqual(tolerance * largest);
}

const means = (m: Moments, c: number): readonly number[] =>
  [...m.mean].filter((_, at) => at % m.columns === c && m.weight[Math.floor(at / m.columns)] > 0);

/** Steps of EM, asking both engines the same; the labels of the last are compared through `posterior`. */
async function expectSame(run: Program, { data, parameters }: Drawn, steps = 4, tolerance = 1e-10) {
  const truth = await referenceEngine.open(run, data);
  const session = await wasm(2).open(run, data);
  try {
    let at = parameters;
    for (let step = 0; step < steps; step++) {
      const [ours, theirs] = [await session.expectation(at), await truth.expectation(at)];
      expectAlike(ours.moments.weight, theirs.moments.weight, 1e-14);
      for (let c = 0; c < data.columns.length; c++)
        expectAlike(means(ours.moments, c), means(theirs.moments, c), tolerance);
      expectAlike([ours.logLikelihood], [theirs.logLikelihood], tolerance);
      at = parameterStage(run, theirs.moments, at).parameters;
    }
    const [rows, trueRows] = [await session.posterior(at), await truth.posterior(at)];
    expect(rows.responsibilities).toEqual(trueRows.responsibilities);
    expectAlike(rows.logDensity, trueRows.logDensity, tolerance);
    const r = trueRows.responsibilities;
    expect(await session.momentsOf(r)).toEqual(
      expect.objectContaining({ weight: (await truth.momentsOf(r)).weight }),
    );
  } finally {
    session.dispose();
  }
}

describe('k-means in WebAssembly', () => {
  it.each([
    [1, 1, 1],
    [1, 3, 5],
    [2, 1, 7],
    [3, 2, 8],
    [4, 5, 100],
    [5, 16, 999],
    [7, 33, 300],
    [9, 70, 200],
    [64, 4, 3000],
    [130, 2, 2000],
  ])('K = %i, D = %i, N = %i: the answers of the reference engine', async (k, d, n) => {
    await expectSame(kMeans(k, d, n), drawn(k, d, n));
  });

  it('rows far from zero', async () => {
    await expectSame(kMeans(6, 4, 2000), drawn(6, 4, 2000, { offset: 1e6 }), 4, 1e-8);
  });

  it('clusters so tight that float32 sees none of them apart', async () => {
    const { data, parameters } = drawn(8, 3, 800, { spread: 1e7 });
    await expectSame(kMeans(8, 3, 800), { data, parameters });
  });

  it('rows of whole numbers: of equal distances the first', async () => {
    await expectSame(kMeans(6, 2, 3000), drawn(6, 2, 3000, { round: true, spread: 2 }));
  });

  it('centres that are the same: the first of them takes all rows, and the others none', async () => {
    const { data } = drawn(1, 2, 500);
    const run = kMeans(3, 2, 500);
    await expectSame(run, { data, parameters: centres(3, 2, [1, 2, 1, 2, 1, 2]) }, 1);
    const session = await wasm(2).open(run, data);
    const { moments } = await session.expectation(centres(3, 2, [1, 2, 1, 2, 1, 2]));
    session.dispose();
    expect([...moments.weight]).toEqual([500, 0, 0]);
    expect([...moments.mean.subarray(2)]).toEqual([0, 0, 0, 0]);
  });

  it('rows that are all the same are at no distance from their centre', async () => {
    const column = new Float64Array(100).fill(0.1);
    const data = { rows: 100, columns: [column, column], weights: undefined, labels: [undefined] };
    const session = await wasm(2).open(kMeans(2, 2, 100), data);
    const { moments, logLikelihood } = await session.expectation(centres(2, 2, [5, 5, 0.1, 0.1]));
    session.dispose();
    expect(Math.abs(logLikelihood)).toBe(0);
    expect([...moments.weight]).toEqual([0, 100]);
    expect([...moments.mean.subarray(2)]).toEqual([0.1, 0.1]);
  });

  it('centres where no row is near', async () => {
    const { data } = drawn(3, 2, 400);
    await expectSame(kMeans(3, 2, 400), { data, parameters: centres(3, 2, [0, 0, 1e9, 1e9, -1e12, 3]) }, 1);
    await expectSame(kMeans(3, 2, 400), { data, parameters: centres(3, 2, [0, 0, 1e30, 1, 1, 1e200]) }, 1);
  });

  it('one centre, however far', async () => {
    const { data } = drawn(1, 3, 50);
    for (const far of [1e3, 1e11, 1e14, 1e20])
      await expectSame(kMeans(1, 3, 50), { data, parameters: centres(1, 3, [far, -far, far]) }, 2);
  });

  it('weights, and rows whose component is known', async () => {
    const { data, parameters } = drawn(5, 3, 1000);
    const random = stream('marks');
    const weights = data.columns[0].map(() => Math.floor(6 * random.uniform()) / 2);
    const labels = [
      Int32Array.from(weights, () => (random.uniform() < 0.7 ? 0 : 1 + Math.floor(5 * random.uniform()))),
    ];
    const run = kMeans(5, 3, 1000);
    await expectSame(run, { data: { ...data, weights }, parameters });
    await expectSame(run, { data: { ...data, weights, labels }, parameters });
  });

  it('columns with variances of their own', async () => {
    const text = source('Normal(mu[z[i]], eps * diag(s))', 'const s = [1, 4, 0.01]');
    const run = program(
      planOf(text),
      { K: 4, D: 3, N: 700 },
      new Map([['s', { shape: [3], data: Float64Array.of(1, 4, 0.01) }]]),
    );
    expect(whyNotWasm(run, 700)).toBeUndefined();
    await expectSame(run, drawn(4, 3, 700));
  });

  it.each([
    ['far apart', { spread: 4 }],
    ['that overlap', { spread: 0.4 }],
    ['of whole numbers', { spread: 2, round: true }],
    ['more than there are centres', { spread: 3, clusters: 60 }],
  ])('many steps among clusters %s, each as the reference engine has it', async (_, options) => {
    for (const seed of ['1', '2'])
      await expectSame(kMeans(22, 3, 4000), drawn(22, 3, 4000, { ...options, seed }), 15);
  });

  it('components that are nearer by a share of their own', async () => {
    const soft = planOf(source('Normal(mu[z[i]], I)').replace(/^.*eps.*\n/gm, ''));
    const hard = kMeans(5, 2, 900);
    const run = { ...hard, plan: { ...hard.plan, logits: soft.logits } };
    const { data, parameters } = drawn(5, 2, 900, { spread: 1 });
    parameters.get(name('pi'))!.data.set([0.7, 0.1, 0.1, 0.05, 0.05]);
    await expectSame(run, { data, parameters }, 6);
  });

  it('ten steps are four and then six', async () => {
    const { data, parameters } = drawn(30, 4, 6000, { spread: 1 });
    const run = kMeans(30, 4, 6000);
    const steps = async (from: Parameters, n: number): Promise<readonly Parameters[]> => {
      const session = await wasm(2).open(run, data);
      const reached = [from];
      for (let step = 0; step < n; step++) {
        const { moments } = await session.expectation(reached[step]);
        reached.push(parameterStage(run, moments, reached[step]).parameters);
      }
      session.dispose();
      return reached;
    };
    const ten = await steps(parameters, 10);
    const six = await steps(ten[4], 6);
    expect(six).toEqual(ten.slice(4));
  });

  it('are the same in every bit for one thread and for two, and on every call', async () => {
    const { data, parameters } = drawn(16, 8, 20_000);
    const run = kMeans(16, 8, 20_000);
    const answers = [];
    for (const threads of [1, 2, 3]) {
      const session = await wasm(threads).open(run, data);
      const first = await session.expectation(parameters);
      const next = parameterStage(run, first.moments, parameters).parameters;
      const second = await session.expectation(next);
      answers.push(first, second, await session.expectation(parameters), await session.expectation(next));
      session.dispose();
    }
    for (const [n, answer] of answers.entries()) expect(answer).toEqual(answers[n % 2]);
  });
});

describe('what is not run in WebAssembly is refused by reason', () => {
  const reason = async (line: string, declared = ''): Promise<string | undefined> => {
    const plan = planOf(source(line, declared));
    const run = program(plan, { K: 2, D: 2, N: 10 }, new Map());
    const request = { engine: 'wasm', precision: 'float64', device: 'auto', threads: 1, steps: 1 } as const;
    const { engine, problem } = await chooseEngine(run, 10, request);
    expect(engine === undefined).toBe(problem !== undefined);
    return problem?.reason;
  };

  it('k-means is not', async () => {
    expect(await reason(K_MEANS)).toBeUndefined();
  });

  it('variances of their own', async () => {
    expect(await reason('Normal(mu[z[i]], eps * v[z[i]] * I)', 'param v[k] : positive')).toMatch(/squares/);
  });

  it('nor is float32', async () => {
    const request = { engine: 'wasm', precision: 'float32', device: 'auto', threads: 1, steps: 1 } as const;
    const { problem } = await chooseEngine(kMeans(2, 2, 10), 10, request);
    expect(problem?.reason).toBe('its answers are in float64 only');
  });
});

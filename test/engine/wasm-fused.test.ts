/** The kernel of soft mixtures beyond what the examples ask of it: tails of tiles, narrow components, far data, threads. */
import { describe, expect, it } from 'vitest';
import { compileSource } from '../../src/compile.js';
import { compile } from '../../src/index.js';
import { automatic } from '../../src/engine/choose.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import type { Expectation, RowData } from '../../src/engine/types.js';
import { openWasm, whyNotWasm } from '../../src/engine/wasm/engine.js';
import { wasmFeatures } from '../../src/engine/wasm/features.js';
import type { Kernel } from '../../src/engine/wasm/kernel.js';
import { bodyKernel } from '../../src/engine/wasm/mixture/body-kernel.js';
import { structures } from '../structures.js';
import { mixtureKernel } from '../../src/engine/wasm/mixture/kernel.js';
import { whitenedKernel } from '../../src/engine/wasm/whitened/kernel.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import { program } from '../../src/plan/program.js';
import type { Parameters, Program } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';

const mixture = (covariance: string, declared: string, k: number): string => `
model Mixture
const K = ${String(k)}
plate i over rows
plate k in 1..K
param  pi       : simplex[k]
param  mu[k]    : real[D]
${declared}
latent z[i] : k       ~ Categorical(pi)
data   x[i] : real[D] ~ Normal(mu[z[i]], ${covariance})
`;
const FULL = ['Sigma[z[i]]', 'param Sigma[k] : covariance[D]'] as const;
const TIED = ['Sigma', 'param Sigma : covariance[D]'] as const;
const DIAGONAL = ['diag(v[z[i]])', 'param v[k] : variance[D]'] as const;

interface Case {
  readonly program: Program;
  readonly data: RowData;
  readonly parameters: Parameters;
}

/** Components side by side at distance `apart`, of standard deviation `spread`, about `at`. */
function mixtureCase(
  [covariance, declared]: readonly [string, string],
  { rows = 1000, d = 2, k = 3, at = 0, apart = 2, spread = 1, weighted = false },
): Case {
  const { plan, diagnostics } = compileSource(mixture(covariance, declared, k));
  if (plan === undefined) throw new Error(diagnostics.map((x) => x.message).join('\n'));
  const random = stream('wasm', `${String(rows)} ${String(d)} ${String(k)}`);
  const centre = (j: number, a: number): number => at + apart * (j + ((j * (a + 1)) % k));
  const columns = Array.from({ length: d }, (_, a) =>
    Float64Array.from({ length: rows }, (_, i) => centre(i % k, a) + spread * random.normal()),
  );
  const array = (shape: readonly number[], value: (...at: readonly number[]) => number) => {
    const length = shape.reduce((n, m) => n * m, 1);
    const place = (flat: number): readonly number[] =>
      shape.map((n, axis) => Math.floor(flat / shape.slice(axis + 1).reduce((x, y) => x * y, 1)) % n);
    return { shape, data: Float64Array.from({ length }, (_, flat) => value(...place(flat))) };
  };
  const square = (a: number, b: number): number => spread ** 2 * (a === b ? 1 : 0.3);
  const values = {
    pi: array([k], (j) => (2 * (j + 1)) / (k * (k + 1))),
    mu: array([k, d], (j, a) => centre(j, a) + 0.2 * spread),
    Sigma:
      covariance === 'Sigma'
        ? array([d, d], square)
        : array([k, d, d], (j, a, b) => (1 + 0.1 * j) * square(a, b)),
    v: array([k, d], (j, a) => (1 + 0.1 * j + 0.05 * a) * spread ** 2),
  };
  return {
    program: program(plan, { D: d, K: k, N: rows }, new Map()),
    parameters: new Map(
      plan.model.parameters.map((p) => [p.name, values[String(p.name) as keyof typeof values]]),
    ),
    data: {
      rows,
      columns,
      weights: weighted
        ? Float64Array.from({ length: rows }, () => Math.floor(3 * random.uniform()))
        : undefined,
      labels: [undefined],
    },
  };
}

/** By the kernel that the engine takes, or another one. */
async function answers({ program, data, parameters }: Case, threads = 2, kernel?: Kernel) {
  const { engine } = openWasm({ threads, device: 'auto' });
  const features = wasmFeatures();
  const ours =
    kernel === undefined
      ? await engine!.open(program, data)
      : kernel.open(program, data, { threads, fused: features.ok && features.fused });
  const theirs = await referenceEngine.open(program, data);
  try {
    return {
      ours: await ours.expectation(parameters),
      theirs: await theirs.expectation(parameters),
      rows: (await theirs.posterior(parameters)).responsibilities,
    };
  } finally {
    ours.dispose();
  }
}

/** Scatter summed over the components, as which alone it is known where it is pooled. */
const pooled = ({ moments }: Expectation): Float64Array => {
  const each = moments.scatter.length / moments.components;
  return Float64Array.from({ length: each }, (_, at) =>
    moments.scatter.reduce((s, x, n) => (n % each === at ? s + x : s), 0),
  );
};

/** Each number to `tolerance` of the largest of its kind. */
function expectAlike(ours: Expectation, theirs: Expectation, tolerance: number, isPooled = false): void {
  const compare = (a: ArrayLike<number>, b: ArrayLike<number>, what: string): void => {
    const largest = Math.max(...Array.from(b, Math.abs));
    const off = Math.max(...Array.from(b, (x, n) => Math.abs(a[n] - x)));
    expect(off, what).toBeLessThanOrEqual(tolerance * largest + 1e-30);
  };
  compare([ours.logLikelihood], [theirs.logLikelihood], 'log-likelihood');
  compare(ours.moments.weight, theirs.moments.weight, 'weight');
  compare(ours.moments.mean, theirs.moments.mean, 'mean');
  if (isPooled) compare(pooled(ours), pooled(theirs), 'scatter');
  else compare(ours.moments.scatter, theirs.moments.scatter, 'scatter');
}

/** Σ w log max_k r. */
function expectLargest(ours: Expectation, { program, data }: Case, responsibilities: Float64Array): void {
  const k = program.components;
  let sum = 0;
  for (let i = 0; i < data.rows; i++)
    sum += (data.weights?.[i] ?? 1) * Math.log(Math.max(...responsibilities.subarray(i * k, i * k + k)));
  expect(Math.abs(ours.sumLogLargest! - sum)).toBeLessThanOrEqual(1e-11 * (1 + Math.abs(sum)));
}

describe.each([
  ['of polynomials', mixtureKernel],
  ['of any logits', bodyKernel],
])('the kernel of soft mixtures %s agrees with the reference', (_, kernel) => {
  const answersOf = (run: Case) => answers(run, 2, kernel);

  it.each([1, 2, 3, 255, 256, 257, 511, 8192, 20001])('on %i rows', async (rows) => {
    for (const weighted of [false, true]) {
      const run = mixtureCase(FULL, { rows, weighted });
      const { ours, theirs, rows: r } = await answersOf(run);
      expectAlike(ours, theirs, 1e-12);
      expectLargest(ours, run, r);
    }
  });

  it.each([
    ['full', FULL],
    ['diagonal', DIAGONAL],
  ] as const)('where components are narrow beside their distances: %s', async (__, model) => {
    for (const spread of [1e-2, 1e-4, 1e-6]) {
      const { ours, theirs } = await answersOf(mixtureCase(model, { spread, apart: 1, rows: 600 }));
      expectAlike(ours, theirs, 1e-10);
    }
  });

  it.each([
    ['full', FULL],
    ['diagonal', DIAGONAL],
    ['tied', TIED],
  ] as const)('far from zero: %s', async (__, model) => {
    const { ours, theirs } = await answersOf(mixtureCase(model, { at: 1e6 }));
    expectAlike(ours, theirs, 1e-9, model === TIED);
  });

  it('where a component owns nothing', async () => {
    const run = mixtureCase(FULL, { k: 3 });
    const mu = [...run.parameters].find(([name]) => String(name) === 'mu')!;
    const data = mu[1].data.slice().fill(1e9, 4);
    const { ours, theirs } = await answersOf({
      ...run,
      parameters: new Map([...run.parameters, [mu[0], { ...mu[1], data }]]),
    });
    expect(ours.moments.weight[2]).toBe(0);
    expectAlike(ours, theirs, 1e-12);
  });

  it('where the shares of the components are 0', async () => {
    const run = mixtureCase(FULL, { k: 3 });
    const pi = [...run.parameters].find(([name]) => String(name) === 'pi')!;
    const { ours, theirs } = await answersOf({
      ...run,
      parameters: new Map([...run.parameters, [pi[0], { ...pi[1], data: Float64Array.of(0.5, 0.5, 0) }]]),
    });
    expectAlike(ours, theirs, 1e-12);
  });
});

describe('the kernel that leaves out what weighs nothing agrees with the reference', () => {
  /** Twice, as rows are put in order by the owners that were found the first time. */
  async function expectAgreement(run: Case, tolerance: number): Promise<void> {
    const ours = whitenedKernel.open(run.program, run.data, { threads: 2, fused: true });
    const theirs = await referenceEngine.open(run.program, run.data);
    const expected = await theirs.expectation(run.parameters);
    expectAlike(await ours.expectation(run.parameters), expected, tolerance);
    expectAlike(await ours.expectation(run.parameters), expected, tolerance);
    ours.dispose();
  }

  it.each([16, 17, 19, 34])('in %i columns, apart or not', async (d) => {
    for (const apart of [0.1, 1, 20])
      for (const weighted of [false, true]) {
        const run = mixtureCase(FULL, { d, apart, weighted, rows: 700, k: 5 });
        await expectAgreement(run, 1e-11);
      }
  });

  it('where components are narrow, and far from zero', async () => {
    for (const spread of [1e-2, 1e-5]) {
      await expectAgreement(mixtureCase(FULL, { d: 16, spread, apart: 1, rows: 600 }), 1e-10);
    }
    await expectAgreement(mixtureCase(FULL, { d: 16, at: 1e6 }), 1e-8);
  });

  it('on fewer rows than lanes', async () => {
    for (const rows of [1, 2, 31, 33]) {
      await expectAgreement(mixtureCase(FULL, { d: 16, rows }), 1e-12);
    }
  });

  it.each([1, 2, 4, 7, 16, 17, 40])('among %i components, as others begin to matter', async (k) => {
    for (const apart of [0.5, 2, 3, 4]) {
      await expectAgreement(mixtureCase(FULL, { d: 16, k, apart, rows: 1500 }), 1e-11);
    }
  });

  it.each([0, 0.3])('where two components far from others have means %d apart', async (off) => {
    const run = mixtureCase(FULL, { d: 16, k: 6, apart: 20 });
    const mu = [...run.parameters].find(([name]) => String(name) === 'mu')!;
    const data = mu[1].data.slice();
    data.set(
      data.slice(64, 80).map((x) => x + off),
      16,
    );
    await expectAgreement(
      {
        ...run,
        parameters: new Map([...run.parameters, [mu[0], { ...mu[1], data }]]),
      },
      1e-11,
    );
  });

  it('on more rows than are put in order at a time', async () => {
    const run = mixtureCase(FULL, { d: 16, k: 5, rows: 140_001, apart: 1, weighted: true });
    await expectAgreement(run, 1e-11);
  });

  it('row by row, with labels too, and again at other parameters', async () => {
    const run = mixtureCase(FULL, { d: 18, k: 4, rows: 5000, apart: 0.5 });
    const random = stream('wasm', 'labels');
    const labels = Int32Array.from({ length: 5000 }, () => Math.max(0, Math.floor(8 * random.uniform()) - 3));
    for (const data of [run.data, { ...run.data, labels: [labels] }]) {
      const [ours, theirs] = [
        whitenedKernel.open(run.program, data, { threads: 2, fused: true }),
        await referenceEngine.open(run.program, data),
      ];
      let { parameters } = run;
      for (let step = 0; step < 2; step++) {
        const [e, f] = [await ours.expectation(parameters), await theirs.expectation(parameters)];
        expectAlike(e, f, 1e-11);
        expectLargest(e, run, (await theirs.posterior(parameters)).responsibilities);
        const [p, q] = [await ours.posterior(parameters), await theirs.posterior(parameters)];
        const off = (a: Float64Array, b: Float64Array) => Math.max(...a.map((x, n) => Math.abs(x - b[n])));
        expect(off(p.responsibilities, q.responsibilities)).toBeLessThan(1e-11);
        expect(off(p.logDensity, q.logDensity)).toBeLessThan(1e-10);
        ({ parameters } = parameterStage(run.program, f.moments, parameters));
      }
      ours.dispose();
    }
  });
});

describe('the kernel that goes from component to component agrees with the reference', () => {
  /** Steps of EM, as rows are put in order by what the step before has found. */
  async function expectSteps(run: Case, tolerance: number, isPooled = false): Promise<void> {
    const { engine } = openWasm({ threads: 2, device: 'auto' });
    const [ours, theirs] = [
      await engine!.open(run.program, run.data),
      await referenceEngine.open(run.program, run.data),
    ];
    let { parameters } = run;
    for (let step = 0; step < 3; step++) {
      const [e, f] = [await ours.expectation(parameters), await theirs.expectation(parameters)];
      expectAlike(e, f, tolerance, isPooled);
      expectLargest(e, run, (await theirs.posterior(parameters)).responsibilities);
      ({ parameters } = parameterStage(run.program, f.moments, parameters));
    }
    ours.dispose();
  }
  const labelled = (run: Case): Case => {
    const random = stream('wasm', 'labels');
    const labels = Int32Array.from({ length: run.data.rows }, () =>
      Math.max(0, Math.floor((run.program.components + 4) * random.uniform()) - 3),
    );
    return { ...run, data: { ...run.data, labels: [labels] } };
  };

  it.each([
    ['full', FULL],
    ['diagonal', DIAGONAL],
    ['tied', TIED],
  ] as const)('%s: columns and components, apart or not', async (_, model) => {
    for (const [d, k] of [
      [1, 60],
      [2, 33],
      [3, 20],
      [6, 64],
      [7, 9],
      [31, 3],
    ])
      for (const apart of [0.1, 20]) {
        const run = mixtureCase(model, { d, k, apart, rows: 3001, weighted: d % 2 === 0 });
        // a linear logit has no centre: digits cancel between components far apart
        const tolerance = model === TIED && apart > 1 ? 1e-9 : 1e-11;
        await expectSteps(run, tolerance, model === TIED);
        await expectSteps(labelled(run), tolerance, model === TIED);
      }
  });

  it.each([1, 7, 8, 9, 255, 256, 257, 4097])('on %i rows', async (rows) => {
    for (const weighted of [false, true]) {
      const { ours, theirs } = await answers(mixtureCase(FULL, { rows, weighted, d: 5, k: 8, apart: 0.2 }));
      expectAlike(ours, theirs, 1e-11);
    }
  });

  it('on more rows than are put in order at a time', async () => {
    await expectSteps(mixtureCase(FULL, { rows: 140_001, d: 3, k: 15, apart: 3 }), 1e-11);
  });

  it.each([
    ['full', FULL],
    ['diagonal', DIAGONAL],
  ] as const)('where components are narrow beside their distances: %s', async (_, model) => {
    // what is rounded beside 40 is more of a millionth
    for (const [spread, tolerance] of [
      [1e-2, 1e-11],
      [1e-4, 1e-10],
      [1e-6, 1e-8],
    ]) {
      const { ours, theirs } = await answers(
        mixtureCase(model, { spread, apart: 1, rows: 600, d: 4, k: 20 }),
      );
      expectAlike(ours, theirs, tolerance);
    }
  });

  it.each([
    ['full', FULL],
    ['diagonal', DIAGONAL],
    ['tied', TIED],
  ] as const)('far from zero: %s', async (_, model) => {
    const { ours, theirs } = await answers(mixtureCase(model, { at: 1e6, d: 4, k: 30 }));
    expectAlike(ours, theirs, 1e-9, model === TIED);
  });

  it.each([
    [2, 40, 0.01],
    [2, 40, 1e-9],
    // too few residuals for the kernel of many columns
    [20, 4, 0.01],
  ])('lines in %i columns, whose logits have no top: K = %i, variances from %d on', async (d, k, least) => {
    const names = Array.from({ length: d }, (_, n) => `x${String(n + 1)}`);
    const { plan } = compileSource(`
model Lines
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param w[k]  : real[${String(d)}]
param s2[k] : variance
data   phi[i] : real[${String(d)}] from ${names.join(', ')}
latent z[i] : k ~ Categorical(pi)
data   y[i] : real ~ Normal(dot(w[z[i]], phi[i]), s2[z[i]])
`);
    const random = stream('wasm', 'lines');
    const draw = (n: number, of: () => number) => ({ data: Float64Array.from({ length: n }, of) });
    const columns = [...names, 'y'].map(() => draw(999, () => random.normal()).data);
    const values = {
      pi: { shape: [k], data: new Float64Array(k).fill(1 / k) },
      w: { shape: [k, d], ...draw(k * d, () => random.normal()) },
      s2: { shape: [k], ...draw(k, () => least * (1 + random.uniform())) },
    };
    const run: Case = {
      program: program(plan!, { K: k, N: 999 }, new Map()),
      data: { rows: 999, columns, weights: undefined, labels: [undefined] },
      parameters: new Map(plan!.model.parameters.map((p) => [p.name, values[String(p.name) as 'pi']])),
    };
    expect(whyNotWasm(run.program, 999)).toBeUndefined();
    const { ours, theirs } = await answers(run);
    expectAlike(ours, theirs, 1e-10);
  });

  it.each([
    ['full', FULL],
    ['diagonal', DIAGONAL],
  ] as const)('where a component owns nothing: %s', async (_, model) => {
    const run = mixtureCase(model, { d: 3, k: 20 });
    const mu = [...run.parameters].find(([name]) => String(name) === 'mu')!;
    const data = mu[1].data.slice().fill(1e9, 57);
    const { ours, theirs } = await answers({
      ...run,
      parameters: new Map([...run.parameters, [mu[0], { ...mu[1], data }]]),
    });
    expect(ours.moments.weight[19]).toBe(0);
    expectAlike(ours, theirs, 1e-12);
  });
});

it.each([
  [2, 3],
  [5, 12],
  [16, 3],
  [33, 3],
])('the answers do not depend on the number of threads, bit for bit: D = %i, K = %i', async (d, k) => {
  const run = mixtureCase(FULL, { d, k, rows: 30001 });
  const [one, two, five] = [await answers(run, 1), await answers(run, 2), await answers(run, 5)];
  expect(two.ours).toEqual(one.ours);
  expect(five.ours).toEqual(one.ours);
});

describe('which programs', () => {
  const request = { engine: 'auto', precision: 'float64', device: 'auto', threads: 2, steps: 100 } as const;

  it('automatically, where there is enough to do', () => {
    const { program } = mixtureCase(FULL, { rows: 10 });
    expect(automatic(program, 100_000, request).name).toBe('wasm');
    expect(automatic(program, 100_000, request).why).toContain('WebAssembly');
    expect(automatic(program, 1000, request).name).not.toBe('wasm');
    expect(automatic(program, 100_000, { ...request, steps: 1 }).name).not.toBe('wasm');
    // few rows need no threads
    expect(automatic(program, 1000, { ...request, steps: 10_000 })).toMatchObject({
      name: 'wasm',
      why: expect.stringContaining('few rows') as string,
    });
  });

  it('not those whose memory it cannot address', () => {
    expect(whyNotWasm(mixtureCase(FULL, { rows: 10 }).program, 2e8)).toContain('2 GiB');
    expect(whyNotWasm(mixtureCase(FULL, { rows: 10, d: 8, k: 16 }).program, 4e7)).toContain('2 GiB');
  });

  it('and says a reason that all kernels have once', () => {
    const { plan } = compileSource(structures['groups of rows']);
    const groups = program(plan!, { K: 2, N: 10, N_g: 5 }, new Map());
    expect(whyNotWasm(groups, 1000)).toBe('latents of groups of rows');
  });
});

it('nor those of the kernel of any logits', async () => {
  const run = mixtureCase(FULL, { rows: 30001 });
  const [one, five] = [await answers(run, 1, bodyKernel), await answers(run, 5, bodyKernel)];
  expect(five.ours).toEqual(one.ours);
});

it('few rows are done by the calling thread, and a fit says so', async () => {
  const few = await compile(mixture(...FULL, 2)).fit(
    Object.fromEntries(mixtureCase(FULL, { k: 2 }).data.columns.map((c, a) => [`x${String(a + 1)}`, c])),
    { engine: 'wasm', threads: 2, restarts: 1 },
  );
  expect(few.toJSON().engine).toMatchObject({ name: 'wasm', threads: 1 });
});

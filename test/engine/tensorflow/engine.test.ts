import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../../../src/engine/reference/engine.js';
import { openTensorFlow } from '../../../src/engine/tensorflow/engine.js';
import { isTensorFlowInstalled } from '../../../src/engine/tensorflow/load.js';
import type { Engine, Expectation, RowData } from '../../../src/engine/types.js';
import { parameterStage } from '../../../src/plan/parameter-stage.js';
import type { Moments, Parameters, Program } from '../../../src/plan/types.js';
import { programOf } from './program-of.js';

const missing = !isTensorFlowInstalled().ok;

async function tensorflow(): Promise<Engine> {
  const { engine, problem } = await openTensorFlow({ threads: 2, device: 'auto' });
  if (engine === undefined) throw new Error(problem?.reason);
  return engine;
}

const mixture = (declarations: string, scale: string): string => `
model Mixture
const K = 3
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real[D]
${declarations}
latent z[i] : k       ~ Categorical(pi)
data   x[i] : real[D] ~ Normal(mu[z[i]], ${scale})
`;

const models: Readonly<Record<string, string>> = {
  full: mixture('param Sigma[k] : covariance[D]', 'Sigma[z[i]]'),
  tied: mixture('param Sigma : covariance[D]', 'Sigma'),
  diagonal: mixture('param v[k] : variance[D]', 'diag(v[z[i]])'),
  'tied diagonal': mixture('param v : variance[D]', 'diag(v)'),
  spherical: mixture('param s2[k] : variance', 's2[z[i]] * I'),
  'tied spherical': mixture('param s2 : variance', 's2 * I'),
  'k-means': mixture('const eps\nlimit eps -> 0+', 'eps * I'),
};

/** Three clusters about `offset`, `spread` apart; some rows with weights and labels. */
function clusters(
  rows: number,
  columns: number,
  options: { readonly offset?: number; readonly unit?: number; readonly marks?: boolean } = {},
): RowData {
  const random = seedrandom('clusters');
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const owner = Int32Array.from({ length: rows }, () => Math.floor(3 * random()));
  const centre = Array.from({ length: 3 * columns }, () => 4 * normal());
  return {
    rows,
    columns: Array.from({ length: columns }, (_, c) =>
      Float64Array.from(
        { length: rows },
        (_, i) => (options.offset ?? 0) + (options.unit ?? 1) * (centre[owner[i] * columns + c] + normal()),
      ),
    ),
    weights: options.marks ? Float64Array.from({ length: rows }, () => Math.floor(4 * random())) : undefined,
    labels: options.marks ? [owner.map((k) => (random() < 0.2 ? k + 1 : 0))] : [],
  };
}

/** Responsibilities that favour one component in three, so that an M-step gives sensible parameters. */
function responsibilitiesFor(rows: number, components: number): Float64Array {
  const random = seedrandom('responsibilities');
  const r = new Float64Array(rows * components);
  for (let i = 0; i < rows; i++) {
    const row = Array.from({ length: components }, () => random() ** 4);
    const total = row.reduce((a, b) => a + b, 0);
    row.forEach((x, k) => (r[i * components + k] = x / total));
  }
  return r;
}

/** Equal to `tolerance` of the largest of them. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  const values = Array.from(expected);
  const largest = Math.max(0, ...values.map(Math.abs));
  expect(actual.length).toBe(values.length);
  for (const [i, value] of values.entries())
    expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(tolerance * largest);
}

/** Where second moments are pooled, only their sum over the components means something. */
function expectMoments(program: Program, actual: Moments, expected: Moments, tolerance: number): void {
  expectClose(actual.weight, expected.weight, tolerance);
  expectClose(actual.mean, expected.mean, tolerance);
  const comparable = (m: Moments): Float64Array => {
    if (!program.plan.pooledScatter) return m.scatter;
    const each = m.scatter.length / m.components;
    return Float64Array.from({ length: each }, (_, at) => {
      let sum = 0;
      for (let k = 0; k < m.components; k++) sum += m.scatter[k * each + at];
      return sum;
    });
  };
  expectClose(comparable(actual), comparable(expected), tolerance);
}

async function compare(program: Program, data: RowData, tolerance: number): Promise<void> {
  const reference = await referenceEngine.open(program, data);
  const session = await (await tensorflow()).open(program, data);
  const start = responsibilitiesFor(data.rows, program.components);
  const startMoments = await reference.momentsOf(start);
  expectMoments(program, await session.momentsOf(start), startMoments, tolerance);
  const agree = (actual: Expectation, expected: Expectation): void => {
    expectClose([actual.logLikelihood], [expected.logLikelihood], tolerance);
    if (actual.sumLogLargest !== undefined && expected.sumLogLargest !== undefined)
      expectClose([actual.sumLogLargest], [expected.sumLogLargest], tolerance);
    expectMoments(program, actual.moments, expected.moments, tolerance);
  };
  let parameters: Parameters = parameterStage(program, startMoments, new Map()).parameters;
  const steps: { readonly parameters: Parameters; readonly expected: Expectation }[] = [];
  for (let step = 0; step < 3; step++) {
    const expected = await reference.expectation(parameters);
    agree(await session.expectation(parameters), expected);
    steps.push({ parameters, expected });
    parameters = parameterStage(program, expected.moments, parameters).parameters;
  }
  // as those of three starts, where two others have ended
  const together = await session.together!(5)!(steps.map((s) => s.parameters));
  expect(together.length).toBe(3);
  together.forEach((actual, n) => {
    agree(actual, steps[n].expected);
  });
  const expected = await reference.posterior(parameters);
  const actual = await session.posterior(parameters);
  expectClose(actual.responsibilities, expected.responsibilities, tolerance);
  expectClose(actual.logDensity, expected.logDensity, tolerance);
  session.dispose();
}

describe('the TensorFlow engine agrees with the reference engine', () => {
  for (const [name, text] of Object.entries(models)) {
    it.skipIf(missing)(`${name}, 5000 rows`, async () => {
      await compare(programOf(text, { K: 3, D: 4 }, 5000), clusters(5000, 4), 1e-10);
    });
    it.skipIf(missing)(`${name}, 300 rows with weights and labels`, async () => {
      await compare(programOf(text, { K: 3, D: 2 }, 300), clusters(300, 2, { marks: true }), 1e-10);
    });
  }

  it.skipIf(missing)('far from zero and in small units', async () => {
    const data = clusters(3000, 3, { offset: 1e6, unit: 1e-2 });
    await compare(programOf(models['full'], { K: 3, D: 3 }, 3000), data, 1e-8);
  });

  it.skipIf(missing)('a mixture of regressions', async () => {
    const text = `
model Lines
const K = 3
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param w[k]  : real[2]
param s2[k] : variance
data  t[i] : real
let   phi[i] = [1, t[i]]
latent z[i] : k    ~ Categorical(pi)
data   y[i] : real ~ Normal(dot(w[z[i]], phi[i]), s2[z[i]])
`;
    const rows = 2500;
    const program = programOf(text, { K: 3 }, rows);
    const [t, noise] = clusters(rows, 2).columns;
    const y = t.map((x, i) => 1 + 2 * x + noise[i]);
    const ones = new Float64Array(rows).fill(1);
    const columns = program.plan.groups.flatMap((g) => (g.kind === 'derived' ? [ones, t] : [y]));
    await compare(program, { rows, columns, weights: undefined, labels: [] }, 1e-9);
  });

  it.skipIf(missing)('one Gaussian without a latent', async () => {
    const text = `
model One
plate i over rows
param mu    : real[D]
param Sigma : covariance[D]
data x[i] : real[D] ~ Normal(mu, Sigma)
`;
    await compare(programOf(text, { D: 3 }, 2500), clusters(2500, 3), 1e-10);
  });
});

describe('what the TensorFlow engine says of itself', () => {
  it.skipIf(missing)('has a version, threads and float64', async () => {
    const engine = await tensorflow();
    expect(engine.version).toMatch(/^\d+\.\d+\.\d+/);
    expect([engine.name, engine.precision, engine.device]).toEqual(['tensorflow', 'float64', 'cpu']);
  });
});

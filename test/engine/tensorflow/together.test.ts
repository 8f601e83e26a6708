/** Steps of several starts in one batch: what `engine.test.ts` does not compare of all models anyway. */
import { expect, it } from 'vitest';
import { openTensorFlow } from '../../../src/engine/tensorflow/engine.js';
import { isTensorFlowInstalled } from '../../../src/engine/tensorflow/load.js';
import type { Expectation, RowData, Session } from '../../../src/engine/types.js';
import type { SymbolName } from '../../../src/model/types.js';
import type { Parameters, Program } from '../../../src/plan/types.js';
import { stream } from '../../../src/random.js';
import { programOf } from './program-of.js';

const missing = !isTensorFlowInstalled().ok;

const kMeans = `
model KMeans
const K = 2
const s2 : variance
plate i over rows
plate k in 1..K
param mu[k] : real
latent z[i] : k    ~ Categorical(1 / K)
data   x[i] : real ~ Normal(mu[z[i]], s2)
limit  s2 -> 0+
`;
const gaussians = `
model Gaussians
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real
param v[k]  : variance
latent z[i] : k    ~ Categorical(pi)
data   x[i] : real ~ Normal(mu[z[i]], v[z[i]])
`;

const rowsOf = (column: ArrayLike<number>): RowData => ({
  rows: column.length,
  columns: [Float64Array.from(column)],
  weights: undefined,
  labels: [],
});

function parametersOf(numbers: Readonly<Record<string, readonly number[]>>): Parameters {
  const array = (data: readonly number[]) => ({ shape: [data.length], data: Float64Array.from(data) });
  return new Map(Object.entries(numbers).map(([name, data]) => [name as SymbolName, array(data)]));
}

async function open(
  program: Program,
  data: RowData,
  precision: 'float64' | 'float32' = 'float64',
): Promise<Session> {
  const { engine, problem } = await openTensorFlow({ threads: 2, device: 'cpu', precision });
  if (engine === undefined) throw new Error(problem?.reason);
  return engine.open(program, data);
}

function expectSame(actual: Expectation, expected: Expectation, tolerance: number): void {
  const near = (a: ArrayLike<number>, b: ArrayLike<number>): void => {
    expect(a.length).toBe(b.length);
    Array.from(b).forEach((x, at) => {
      expect(Math.abs(a[at] - x)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(x)));
    });
  };
  near([actual.logLikelihood], [expected.logLikelihood]);
  near(actual.moments.weight, expected.moments.weight);
  near(actual.moments.mean, expected.moments.mean);
  near(actual.moments.scatter, expected.moments.scatter);
}

it.skipIf(missing)('a row as near to two centres goes to the first of them in each start', async () => {
  const program = programOf(kMeans, { K: 2 }, 3);
  const session = await open(program, rowsOf([-1, 0, 1]));
  const [first, second] = await session.together!(2)!([
    parametersOf({ mu: [-1, 1] }),
    parametersOf({ mu: [1, -1] }),
  ]);
  expect([...first.moments.weight]).toEqual([2, 1]);
  expect([...second.moments.weight]).toEqual([2, 1]);
  expect([...first.moments.mean]).toEqual([-0.5, 1]);
  expect([...second.moments.mean]).toEqual([0.5, -1]);
  session.dispose();
});

it.skipIf(missing)('a start whose coefficients are not finite is answered beside the others', async () => {
  const random = stream('starts', 'rows');
  const data = rowsOf(Array.from({ length: 700 }, (_, i) => 4 * (i % 2) + random.normal()));
  const session = await open(programOf(gaussians, { K: 2 }, data.rows), data);
  const starts = [
    parametersOf({ pi: [0.4, 0.6], mu: [0, 4], v: [1, 2] }),
    parametersOf({ pi: [0, 1], mu: [0, 4], v: [1, 2] }),
    parametersOf({ pi: [0.5, 0.5], mu: [1, 2], v: [3, 2] }),
  ];
  const together = await session.together!(3)!(starts);
  expect(together.length).toBe(3);
  expect(together[1].moments.weight[0]).toBe(0);
  for (const [n, start] of starts.entries()) expectSame(together[n], await session.expectation(start), 1e-12);
  session.dispose();
});

it.skipIf(missing)('float32 blocks are those of one start, within their rounding', async () => {
  const random = stream('starts', 'rows');
  const data = rowsOf(Array.from({ length: 3000 }, (_, i) => 4 * (i % 2) + random.normal()));
  const session = await open(programOf(gaussians, { K: 2 }, data.rows), data, 'float32');
  const starts = [
    parametersOf({ pi: [0.4, 0.6], mu: [0, 4], v: [1, 2] }),
    parametersOf({ pi: [0.5, 0.5], mu: [1, 2], v: [3, 2] }),
  ];
  const together = await session.together!(2)!(starts);
  for (const [n, start] of starts.entries()) expectSame(together[n], await session.expectation(start), 1e-5);
  session.dispose();
});

it.skipIf(missing)('rows that keep TensorFlow busy with one start are not batched', async () => {
  const data = rowsOf(new Float64Array(2_000_000).map((_, i) => i % 7));
  const session = await open(programOf(gaussians, { K: 2 }, data.rows), data);
  expect(session.together!(10)).toBeUndefined();
  session.dispose();
});

/** Soft mixtures whose logits are polynomials of the columns (`emit/wasm/mixture`): numbers in, answers out. */
import { MEMORY_LIMIT } from '../../../emit/wasm/layout.js';
import { mixtureModule } from '../../../emit/wasm/mixture/module.js';
import {
  mixtureLayout,
  numbersPerComponent,
  sumsPerComponent,
  sumsPerLane,
  TILE_ROWS,
} from '../../../emit/wasm/mixture/types.js';
import type { MixtureLayout, MixtureShape } from '../../../emit/wasm/mixture/types.js';
import { naturalParameters } from '../../../plan/natural.js';
import { whyNotPlain } from '../../../plan/plain.js';
import type {
  Moments,
  NaturalParameters,
  Parameters,
  Program,
  Standardisation,
} from '../../../plan/types.js';
import { lowerProgram, momentsFromSums, totalProducts } from '../../feature-stage.js';
import type { LoweredProgram, PooledProducts } from '../../feature-stage.js';
import { mayGenerate } from '../../javascript/compiled.js';
import { javascriptEngine } from '../../javascript/engine.js';
import { referenceEngine } from '../../reference/engine.js';
import { keepMeansWithin, rangesOf, standardisationOf } from '../../standardise.js';
import type { Expectation, RowData, RowPosterior, Session } from '../../types.js';
import type { Kernel, KernelOptions } from '../kernel.js';
import { float64In, sharedMemory } from '../memory.js';
import { LANES, openPool } from '../pool.js';
import type { Memory } from '../webassembly.js';
import { momentsAround } from './moments.js';
import { origins } from './origins.js';

export const mixtureKernel: Kernel = {
  name: 'mixture',
  whyNot: (program, rows) => {
    const reason = whyNotPlain(program.plan);
    if (reason !== undefined) return reason;
    if (program.plan.assignment !== 'soft') return 'rows that go to one component each';
    const any: RowData = { rows, columns: [], weights: new Float64Array(0), labels: [Int32Array.of(1)] };
    const shape = shapeOf(program, any, lowerProgram(program, any), true);
    if (shape.components * sumsPerComponent(shape) > UNROLLED_SUMS)
      return 'more components and products of columns than its code has room for';
    return mixtureLayout(shape).bytes > MEMORY_LIMIT ? 'data that fill more than 2 GiB' : undefined;
  },
  // programs for which it is not are refused by `whyNot`
  isFastest: () => true,
  open,
};

/** Sums of all components that code is written out for. */
const UNROLLED_SUMS = 128;

const shapeOf = (
  program: Program,
  data: RowData,
  { step }: LoweredProgram,
  fused: boolean,
): MixtureShape => ({
  columns: program.columns.length,
  components: program.components,
  logitPairs: step.logitPairs,
  statisticPairs: step.statisticPairs,
  weighted: step.weighted,
  labelled: step.labelled,
  rows: data.rows,
  lanes: LANES,
  fused,
});

function open(program: Program, data: RowData, { threads, fused }: KernelOptions): Session {
  const lowered = lowerProgram(program, data);
  const shape = shapeOf(program, data, lowered, fused);
  const places = mixtureLayout(shape);
  const memory = sharedMemory(places.bytes);
  const pool = openPool(mixtureModule(shape, places), memory, threads);
  const standardisation = standardisationOf(data);
  const ranges = rangesOf(data);
  writeRows(memory, places, shape, data, standardisation);
  const totals = constantsOf(lowered, data, standardisation);
  const pairs = [...lowered.step.logitPairs, ...lowered.sharedPairs];
  const own = lowered.step.logitPairs.length;
  const natural = (parameters: Parameters, from?: Float64Array): NaturalParameters =>
    naturalParameters(program, parameters, standardisation, pairs, from);
  // what no finite polynomial says at these parameters, and answers row by row, are computed as they stand on paper
  let opened: Promise<Session> | undefined;
  const asStated = (): Promise<Session> =>
    (opened ??= (mayGenerate() ? javascriptEngine : referenceEngine).open(program, data));

  /** Sums [K, 1 + C + pairs] around the origins, and Σ w log p; undefined where a number is not finite. */
  const sumsAround = (parameters: Parameters, from: Float64Array) => {
    const around = natural(parameters, from);
    if (!writeParameters(memory, places, shape, around, from, standardisation)) return undefined;
    pool.run('step', LANES);
    const sums = sumsIn(memory, places, shape);
    const shared = totals.shared.reduce((sum, total, p) => sum + around.quadratic[own + p] * total, 0);
    const [tops, logarithms] = sums.subarray(-2);
    return {
      sums: sums.subarray(0, -2),
      logLikelihood: Math.LN2 * (tops + logarithms) + shared,
      // the largest responsibility of a row is 1 / Σ 2^(logit − top)
      sumLogLargest: -Math.LN2 * logarithms,
    };
  };

  const expectation = (parameters: Parameters): Expectation | undefined => {
    const atMeans = natural(parameters);
    const fromMeans = totals.pooled !== undefined || own === 0 || !atMeans.linear.every(Number.isFinite);
    const from = origins(atMeans, fromMeans ? [] : pairs, standardisation, ranges);
    const found = sumsAround(parameters, from);
    if (found === undefined) return undefined;
    const { sums, ...likelihood } = found;
    const answer = (moments: Moments): Expectation => ({
      moments: keepMeansWithin(ranges, moments),
      ...likelihood,
    });
    if (totals.pooled !== undefined) {
      const { step, statistics } = lowered;
      const transposed = transpose(sums, shape.components);
      return answer(momentsFromSums(step, transposed, standardisation, statistics, totals.pooled));
    }
    const around = (s: Float64Array, o: Float64Array) =>
      momentsAround(s, o, standardisation, shape.statisticPairs, lowered.statistics);
    const { moments, isFar } = around(sums, from);
    if (!isFar) return answer(moments);
    // once more around the means just found
    const owns = (at: number): boolean => moments.weight[Math.floor(at / shape.columns)] > 0;
    const means = moments.mean.map((m, at) => (owns(at) ? m : from[at]));
    const again = sumsAround(parameters, means);
    return answer(again === undefined ? moments : around(again.sums, means).moments);
  };

  return {
    expectation: async (parameters): Promise<Expectation> =>
      expectation(parameters) ?? (await asStated()).expectation(parameters),
    momentsOf: async (responsibilities) => (await asStated()).momentsOf(responsibilities),
    posterior: async (parameters): Promise<RowPosterior> => (await asStated()).posterior(parameters),
    dispose: () => {
      pool.dispose();
      void opened?.then((session) => {
        session.dispose();
      });
    },
  };
}

// ------------------------------------------------------------------------------------------------ rows

function writeRows(
  memory: Memory,
  { regions }: MixtureLayout,
  shape: MixtureShape,
  data: RowData,
  { shift, scale }: Standardisation,
): void {
  const rows = float64In(memory, regions.rows);
  data.columns.forEach((column, c) => {
    const [origin, factor] = [shift[c], 1 / scale[c]];
    for (let i = 0; i < data.rows; i++) {
      const tile = Math.floor(i / TILE_ROWS);
      rows[(tile * (shape.columns - 1) + c) * TILE_ROWS + i] = (column[i] - origin) * factor;
    }
  });
  const weights = float64In(memory, regions.weights);
  if (data.weights !== undefined) weights.set(data.weights);
  else weights.fill(1, 0, data.rows % TILE_ROWS);
  if (shape.labelled) float64In(memory, regions.labels).set(data.labels[0]!);
}

interface DataConstants {
  /** Σ w u_a u_b of the pairs that the logits have in common */
  readonly shared: Float64Array;
  readonly pooled: PooledProducts | undefined;
}

function constantsOf(
  { sharedPairs, pooledPairs }: LoweredProgram,
  data: RowData,
  standardisation: Standardisation,
): DataConstants {
  if (sharedPairs.length + pooledPairs.length === 0)
    return { shared: new Float64Array(0), pooled: undefined };
  const totals = (pairs: typeof sharedPairs) => totalProducts(data, standardisation, pairs);
  const shared = totals(sharedPairs);
  if (pooledPairs.length === 0) return { shared, pooled: undefined };
  return {
    shared,
    pooled: { pairs: pooledPairs, totals: pooledPairs === sharedPairs ? shared : totals(pooledPairs) },
  };
}

// ------------------------------------------------------------------------------------------------ parameters, sums

/** False where a number is not finite. */
function writeParameters(
  memory: Memory,
  { regions }: MixtureLayout,
  shape: MixtureShape,
  natural: NaturalParameters,
  from: Float64Array,
  { shift, scale }: Standardisation,
): boolean {
  const { columns: c, components, logitPairs } = shape;
  const pairs = natural.quadratic.length / components;
  const into = float64In(memory, regions.parameters);
  let at = 0;
  for (let k = 0; k < components; k++) {
    into[at++] = Math.LOG2E * natural.constant[k];
    for (let a = 0; a < c; a++) into[at++] = Math.LOG2E * natural.linear[k * c + a];
    for (let p = 0; p < logitPairs.length; p++) into[at++] = Math.LOG2E * natural.quadratic[k * pairs + p];
    // as the rows are: what is rounded there is rounded here
    for (let a = 0; a < c; a++) into[at++] = (from[k * c + a] - shift[a]) * (1 / scale[a]);
  }
  return into.subarray(0, components * numbersPerComponent(shape)).every(Number.isFinite);
}

/** Lane by lane, in order. */
function sumsIn(memory: Memory, { regions }: MixtureLayout, shape: MixtureShape): Float64Array {
  const all = float64In(memory, regions.sums);
  const each = sumsPerLane(shape);
  const total = new Float64Array(each);
  for (let lane = 0; lane < shape.lanes; lane++)
    for (let n = 0; n < each; n++) {
      const at = 2 * (lane * each + n);
      total[n] = total[n] + (all[at] + all[at + 1]);
    }
  return total;
}

/** [K, P] as [P, K]. */
function transpose(sums: Float64Array, components: number): Float64Array {
  const width = sums.length / components;
  return Float64Array.from(sums, (_, at) => sums[(at % components) * width + Math.floor(at / components)]);
}

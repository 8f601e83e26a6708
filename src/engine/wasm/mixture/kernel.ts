/** Soft mixtures whose logits are polynomials of the columns (`emit/wasm/mixture`): numbers in, answers out. */
import { MEMORY_LIMIT } from '../../../emit/wasm/layout.js';
import { sumsPerComponent } from '../../../emit/wasm/mixture/types.js';
import type { MixtureShape } from '../../../emit/wasm/mixture/types.js';
import { logitPolynomials } from '../../../plan/natural.js';
import type { PolynomialsAround } from '../../../plan/natural.js';
import { whyNotPlain } from '../../../plan/plain.js';
import type {
  Moments,
  NaturalParameters,
  Pairs,
  Parameters,
  Program,
  Standardisation,
} from '../../../plan/types.js';
import { lowerProgram, momentsFromSums, totalProducts } from '../../feature-stage.js';
import type { ColumnPair, LoweredProgram, PooledProducts } from '../../feature-stage.js';
import { mayGenerate } from '../../javascript/compiled.js';
import { javascriptEngine } from '../../javascript/engine.js';
import { referenceEngine } from '../../reference/engine.js';
import { keepMeansWithin, rangesOf, standardisationOf } from '../../standardise.js';
import type { Expectation, RowData, RowPosterior, Session } from '../../types.js';
import type { Kernel, KernelOptions } from '../kernel.js';
import { memoryOf } from '../memory.js';
import { LANES, openPool } from '../pool.js';
import type { Form } from './form.js';
import { grouped } from './grouped.js';
import { momentsAround } from './moments.js';
import { areResolved, origins } from './origins.js';
import { writtenOut } from './written-out.js';

export const mixtureKernel: Kernel = {
  name: 'mixture',
  whyNot: (program, rows) => {
    const reason = whyNotPlain(program.plan);
    if (reason !== undefined) return reason;
    if (program.plan.assignment !== 'soft') return 'rows that go to one component each';
    const any: RowData = { rows, columns: [], weights: new Float64Array(0), labels: [Int32Array.of(1)] };
    return formOf(program, any, lowerProgram(program, any), true).bytes > MEMORY_LIMIT
      ? 'data that fill more than 2 GiB'
      : undefined;
  },
  // programs for which it is not are refused by `whyNot`
  isFastest: () => true,
  open,
};

/** Sums of all components that code is written out for. */
const UNROLLED_SUMS = 128;

function formOf(program: Program, data: RowData, { step }: LoweredProgram, fused: boolean): Form {
  const { logitPairs, statisticPairs } = step;
  const common = {
    columns: program.columns.length,
    components: program.components,
    weighted: step.weighted,
    labelled: step.labelled,
    rows: data.rows,
    lanes: LANES,
    fused,
  };
  const shape: MixtureShape = {
    ...common,
    logits: { kind: 'polynomial', pairs: logitPairs },
    statisticPairs,
  };
  if (shape.components * sumsPerComponent(shape) <= UNROLLED_SUMS) return writtenOut(shape, logitPairs);
  const { logits, statistics } = program.plan.pairs;
  const kindOf = (pairs: readonly ColumnPair[], kind: Pairs): Pairs => {
    if (pairs.length === 0) return 'none';
    return common.columns === 1 ? 'squares' : kind;
  };
  return grouped(
    {
      ...common,
      logits: kindOf(logitPairs, logits),
      statistics: kindOf(statisticPairs, statistics),
    },
    logitPairs,
    statisticPairs,
  );
}

function open(program: Program, data: RowData, { threads, fused }: KernelOptions): Session {
  const lowered = lowerProgram(program, data);
  const form = formOf(program, data, lowered, fused);
  const { columns, components } = lowered.step;
  const { memory, giveBack } = memoryOf(data, form.columns, form.bytes);
  const pool = openPool(form.code, memory, threads);
  const standardisation = standardisationOf(data);
  const { shift, scale } = standardisation;
  const ranges = rangesOf(data);
  form.writeConstants(memory, data, standardisation);
  const totals = constantsOf(lowered, data, standardisation);
  const pairs = [...lowered.step.logitPairs, ...lowered.sharedPairs];
  const own = lowered.step.logitPairs.length;
  const polynomials = logitPolynomials(program, pairs);
  // what no finite polynomial says at these parameters, and answers row by row, are computed as they stand on paper
  let opened: Promise<Session> | undefined;
  const asStated = (): Promise<Session> =>
    (opened ??= (mayGenerate() ? javascriptEngine({ threads }) : referenceEngine).open(program, data));

  // stays so: only the time that it takes depends on it
  let mustCentre = false;

  /** Sums [K, 1 + C + pairs] around `origins`, and Σ w log p; undefined where a number is not finite. */
  const sumsAround = (
    polynomialsAround: PolynomialsAround,
    flat: NaturalParameters,
    from: Float64Array,
    areTops: boolean,
  ) => {
    const around = (): NaturalParameters => polynomialsAround(from);
    // as the rows are: what is rounded there is rounded here
    const centres = from.map((m, n) => (m - shift[n % columns]) * (1 / scale[n % columns]));
    const job = form.writeParameters(memory, { flat, around, centres, areTops, mustCentre });
    if (job === undefined) return undefined;
    pool.run(job, LANES);
    pool.alone('total');
    const { sums, areCentred, tops, logarithms } = form.readSums(memory);
    const shared = totals.shared.reduce((sum, total, p) => sum + flat.quadratic[own + p] * total, 0);
    return {
      sums,
      origins: areCentred ? from : from.map((_, n) => shift[n % columns]),
      logLikelihood: Math.LN2 * (tops + logarithms) + shared,
      // the largest responsibility of a row is 1 / Σ 2^(logit − top)
      sumLogLargest: -Math.LN2 * logarithms,
    };
  };

  const expectation = (parameters: Parameters): Expectation | undefined => {
    const polynomialsAround = polynomials(parameters, scale);
    const atMeans = polynomialsAround(shift);
    if (!areResolved(atMeans)) return undefined;
    const fromMeans = totals.pooled !== undefined || own === 0 || !atMeans.linear.every(Number.isFinite);
    const { from, areTops } = origins(atMeans, fromMeans ? [] : pairs, standardisation, ranges);
    const found = sumsAround(polynomialsAround, atMeans, from, areTops);
    if (found === undefined) return undefined;
    const { sums, origins: at, ...likelihood } = found;
    const answer = (moments: Moments): Expectation => ({
      moments: keepMeansWithin(ranges, moments),
      ...likelihood,
    });
    if (totals.pooled !== undefined) {
      const { step, statistics } = lowered;
      const transposed = transpose(sums, components);
      return answer(momentsFromSums(step, transposed, standardisation, statistics, totals.pooled));
    }
    const around = (s: Float64Array, o: Float64Array) =>
      momentsAround(s, o, standardisation, lowered.step.statisticPairs, lowered.statistics);
    const { moments, isFar } = around(sums, at);
    if (!isFar) return answer(moments);
    // once more around the means just found
    mustCentre = true;
    const owns = (n: number): boolean => moments.weight[Math.floor(n / columns)] > 0;
    const means = moments.mean.map((m, n) => (owns(n) ? m : from[n]));
    const again = sumsAround(polynomialsAround, atMeans, means, false);
    return answer(again === undefined ? moments : around(again.sums, again.origins).moments);
  };

  return {
    threads: pool.threads,
    expectation: async (parameters): Promise<Expectation> =>
      expectation(parameters) ?? (await asStated()).expectation(parameters),
    momentsOf: async (responsibilities) => (await asStated()).momentsOf(responsibilities),
    posterior: async (parameters): Promise<RowPosterior> => (await asStated()).posterior(parameters),
    dispose: () => {
      pool.dispose();
      giveBack();
      void opened?.then((session) => {
        session.dispose();
      });
    },
  };
}

// ------------------------------------------------------------------------------------------------ constants of the data

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

/** [K, P] as [P, K]. */
function transpose(sums: Float64Array, components: number): Float64Array {
  const width = sums.length / components;
  return Float64Array.from(sums, (_, at) => sums[(at % components) * width + Math.floor(at / components)]);
}
